"""Find the files to read: files, folders and patterns, in an order that does not depend on the file system."""

import glob
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TypeAlias

from pipeline.errors import OddtrailError
from pipeline.ingest.delivery import Delivery, origin_of, read_delivery

_PATTERN = frozenset("*?[")
Identity: TypeAlias = tuple[int, int]
"""Device and number of a file: two paths with the same are one file."""


class SourceError(OddtrailError):
    """A path to ingest is not there."""


@dataclass(frozen=True)
class Source:
    """A file to read."""

    path: Path
    size: int
    origin: str
    """Where it lay, the same for every copy of a bucket."""
    delivery: Delivery
    named: bool
    """The caller named it, so that it is read whatever its name."""
    problem: str = ""
    """Why it cannot be read, where that is known already."""
    identity: Identity | None = None


class _Folder(NamedTuple):
    """A folder that holds files, by what it is sorted by."""

    account: str
    """Of the first file, as the next."""
    day: str
    path: str
    bytes: int


class Sources:
    """The files below some paths, listed a folder at a time: what is held is the folders, and the names in one of them.

    First come files that were named, then those of folders. An account's day lies together, whatever its regions, as
    far as folders keep days apart. Folders are walked with their links, each once, so that a link to a parent ends.
    Hidden files, sockets, pipes and devices are passed over, and a folder that may not be listed is a source with a
    problem.

    Raises
    ------
    SourceError
        A path or pattern matches nothing.
    """

    def __init__(self, paths: Sequence[Path | str]) -> None:
        matches = [match for path in paths for match in _expand(path)]
        files = [source for match in matches if not match.is_dir() and (source := _source(match, named=True))]
        self._named = {source.identity or source.path.absolute(): source for source in files}
        seen = {source.identity for source in files if source.identity}
        self._folders = sorted(chain.from_iterable(_walk(match, seen) for match in matches if match.is_dir()))
        self.bytes = sum(source.size for source in self._named.values()) + sum(folder.bytes for folder in self._folders)
        """Of all files."""

    def __iter__(self) -> Iterator[Source]:
        yield from sorted(self._named.values(), key=lambda source: (*_order(source.path.name), str(source.path)))
        for folder in self._folders:
            yield from self._below(Path(folder.path))

    def _below(self, folder: Path) -> Iterator[Source]:
        try:
            names = sorted((entry.name for entry in _listed(folder)[0]), key=_order)
        except OSError as error:
            yield Source(folder, 0, origin_of(folder), Delivery(), False, f"folder cannot be listed: {error.strerror}")
            return
        for name in names:
            source = _source(folder / name, named=False)
            if source is not None and source.identity not in self._named:
                yield source


def _order(name: str) -> tuple[str, str, str]:
    """Sort key of a file: account, day and name."""
    delivery = read_delivery(name)
    return (delivery.account, delivery.at.strftime("%Y%m%d") if delivery.at else "", name)


def _walk(top: Path, seen: set[Identity]) -> Iterator[_Folder]:
    """Folders that hold files or cannot be listed; what is in `seen` is passed over."""
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        try:
            status = folder.stat()
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            files, folders = _listed(folder)
        except OSError:
            yield _Folder("", "", str(folder), 0)
            continue
        waiting += folders
        if files:
            account, day, _ = min(_order(file.name) for file in files)
            yield _Folder(account, day, str(folder), sum(_size(file, seen) for file in files))


def _size(file: "os.DirEntry[str]", seen: set[Identity]) -> int:
    try:
        status = file.stat()
    except OSError:
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) and (status.st_dev, status.st_ino) not in seen else 0


def _listed(folder: Path) -> "tuple[list[os.DirEntry[str]], list[Path]]":
    """What is no folder in a folder, and its folders."""
    files: list[os.DirEntry[str]] = []
    folders: list[Path] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if _is_dir(entry):
                folders.append(Path(entry.path))
            else:
                files.append(entry)
    return files, folders


def _expand(path: Path | str) -> Iterable[Path]:
    text = os.path.expanduser(str(path))
    if os.path.lexists(text):
        return [Path(text)]
    if _PATTERN & set(text):
        matches = sorted(glob.glob(text, recursive=True))
        if matches:
            return map(Path, matches)
        raise SourceError(
            f"no file matches '{path}': check the pattern, and quote it so that the shell leaves it alone"
        )
    raise SourceError(f"'{path}' is neither a file nor a folder: check the path")


def _is_dir(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _source(path: Path, named: bool) -> Source | None:
    origin, delivery = origin_of(path), read_delivery(path.name)
    try:
        status = path.stat()
    except OSError as error:
        return Source(path, 0, origin, delivery, named, f"file cannot be read: {error.strerror}")
    if not stat.S_ISREG(status.st_mode):
        return None
    return Source(path, status.st_size, origin, delivery, named, identity=(status.st_dev, status.st_ino))

"""Find the files to read: files, folders and patterns, in an order that does not depend on the file system."""

import glob
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import OddtrailError
from pipeline.ingest.delivery import Delivery, origin_of, read_delivery

_PATTERN = frozenset("*?[")


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
    identity: tuple[int, int] | None = None
    """Device and number of the file: two paths with the same are one file."""

    @property
    def order(self) -> tuple[str, str, str, str]:
        """Sort key: an account's day lies together, whatever its regions."""
        at = self.delivery.at
        return (self.delivery.account, at.strftime("%Y%m%d") if at else "", self.origin, str(self.path))


def discover(paths: Sequence[Path | str]) -> list[Source]:
    """Files below the paths, each once, sorted by account and day of delivery, then by where they lay.

    Folders are walked with their links, each folder once, so that a link to a parent ends; hidden files, sockets, pipes
    and devices are passed over. A folder that may not be listed is a source with a problem.

    Raises
    ------
    SourceError
        A path or pattern matches nothing.
    """
    found: dict[tuple[int, int] | Path, Source] = {}
    for path in paths:
        for match in _expand(path):
            for source in _below(match):
                found.setdefault(source.identity or source.path.absolute(), source)
    return sorted(found.values(), key=lambda source: source.order)


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


def _below(path: Path) -> Iterator[Source]:
    if not path.is_dir():
        source = _source(path, named=True)
        if source is not None:
            yield source
        return
    seen: set[tuple[int, int]] = set()
    waiting = [path]
    while waiting:
        folder = waiting.pop()
        try:
            status = folder.stat()
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            yield Source(folder, 0, origin_of(folder), Delivery(), False, f"folder cannot be listed: {error.strerror}")
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if _is_dir(entry):
                waiting.append(Path(entry.path))
            else:
                source = _source(Path(entry.path), named=False)
                if source is not None:
                    yield source


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

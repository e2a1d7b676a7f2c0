"""Find the files to read: files, folders and patterns, in an order that does not depend on the file system."""

import glob
import hashlib
import os
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

from pipeline.ingest.delivery import Delivery, as_text, order_of, origin_of, read_delivery
from pipeline.ingest.folders import Folders
from pipeline.ingest.listing import Identity, Source, SourceError

_PATTERN = frozenset("*?[")
_BUCKET = "AWSLogs"
_HOME = "state.sqlite"
_SETTLED = 2 * 10**9
"""Nanoseconds since a file was changed from which on a further change would show: clocks of file systems are coarse."""


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
    Homes, hidden files, sockets, pipes and devices are passed over, and a folder that may not be listed is a source
    with a problem.

    Parameters
    ----------
    since
        Day of UTC; of folders nothing is listed that was delivered before, as far as names tell.
    folders
        Those that need no look.

    Raises
    ------
    SourceError
        A path or pattern matches nothing.
    """

    at_once: Final = 1

    def __init__(self, paths: Sequence[Path | str], since: date | None = None, folders: Folders | None = None) -> None:
        self._since = since
        matches = [match for path in paths for match in _expand(path)]
        files = [source for match in matches if not match.is_dir() and (source := _source(match, named=True))]
        self._named = {source.identity or source.path.absolute(): source for source in files}
        seen = {source.identity for source in files if source.identity}
        found = (_walk(match, seen, since, folders) for match in matches if match.is_dir())
        self._folders = sorted(chain.from_iterable(found))
        self.bytes = sum(source.size for source in self._named.values()) + sum(folder.bytes for folder in self._folders)
        """Of all files."""

    def __iter__(self) -> Iterator[Source]:
        yield from sorted(self._named.values(), key=lambda source: (*order_of(source.path.name), str(source.path)))
        for folder in self._folders:
            yield from self._below(Path(folder.path))

    def _below(self, folder: Path) -> Iterator[Source]:
        try:
            files = (entry for entry in _listed(folder)[0] if _is_wanted(entry.name, self._since))
            entries = sorted(files, key=lambda entry: order_of(entry.name))
        except OSError as error:
            yield Source(folder, 0, origin_of(folder), Delivery(), False, f"folder cannot be listed: {error.strerror}")
            return
        above = f"{origin_of(folder)}/" if _BUCKET in folder.parts else ""
        for entry in entries:
            source = _source(Path(entry.path), named=False, above=above, entry=entry)
            if source is not None and source.identity not in self._named:
                yield source

    def settle(self, sources: Sequence[Source]) -> None:
        """Files stay where they are."""


def _walk(top: Path, seen: set[Identity], since: date | None, known: Folders | None) -> Iterator[_Folder]:
    """Folders that hold files or cannot be listed; what is in `seen` is passed over."""
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        try:
            status = folder.stat()
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            passed = None if known is None else known.pass_over(folder, status)
            if passed is not None:
                waiting += passed
                continue
            files, folders = _listed(folder)
            if any(file.name == _HOME for file in files):
                continue  # a store of ours: what is in it was made of log files
            if known is not None:
                known.note(folder, status, folders, files)
        except OSError:
            yield _Folder("", "", str(folder), 0)
            continue
        waiting += folders
        files = [file for file in files if _is_wanted(file.name, since)]
        if files:
            account, day, _ = min(order_of(file.name) for file in files)
            yield _Folder(account, day, str(folder), sum(_size(file, seen) for file in files))


def _is_wanted(name: str, since: date | None) -> bool:
    """Whether a file may have been delivered on a day or later."""
    at = None if since is None else read_delivery(name).at
    return since is None or at is None or at.astimezone(UTC).date() >= since


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


def _source(path: Path, named: bool, above: str = "", entry: "os.DirEntry[str] | None" = None) -> Source | None:
    """A file as a source; None for what is no file. A file of a folder lies `above` that in its bucket."""
    name = path.name
    origin = origin_of(path) if entry is None else above + as_text(name)
    delivery = read_delivery(name)
    try:
        status = path.stat() if entry is None else entry.stat()
    except OSError as error:
        return Source(path, 0, origin, delivery, named, f"file cannot be read: {error.strerror}")
    if not stat.S_ISREG(status.st_mode):
        return None
    identity = (status.st_dev, status.st_ino)
    return Source(path, status.st_size, origin, delivery, named, identity=identity, stamp=_stamp(path, status))


def _stamp(path: Path, status: os.stat_result) -> bytes:
    """Hash of where a file lies, how long it is and when it was changed; b"" when that was just now."""
    changed = max(status.st_mtime_ns, status.st_ctime_ns)
    if changed > time.time_ns() - _SETTLED:
        return b""
    told = f"{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}:{status.st_ino}:{path.absolute()}"
    return hashlib.blake2b(told.encode("utf-8", "surrogateescape"), digest_size=16).digest()

"""Plain files of a home: written whole or not at all, and read bounded with nothing followed.

Whoever can write below a home may put anything there: a pipe that never ends, a device, a link to elsewhere. What is
read here is a regular file of a bounded size, or an error that says what else it is.
"""

import contextlib
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

from pipeline.errors import OddtrailError

_KINDS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISLNK, "a link"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class UnfitFileError(OddtrailError):
    """What lies there is no plain file, or a larger one than can be right; the text goes on from the file's name."""


def find_kind(mode: int) -> str | None:
    """What a file is by its mode; None for a plain file.

    >>> find_kind(stat.S_IFIFO), find_kind(stat.S_IFREG)
    ('a pipe', None)
    """
    return next((name for is_kind, name in _KINDS if is_kind(mode)), None)


@contextmanager
def open_plain(path: Path, *, follow: bool = False) -> Iterator[BufferedReader]:
    """Open a plain file for reading; with `follow` a link to one will do.

    Raises
    ------
    UnfitFileError
        It is something else; it was neither read nor waited for.
    OSError
        It cannot be opened.
    """
    found = find_kind((path.stat() if follow else path.lstat()).st_mode)
    if found is None:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW))
        with os.fdopen(handle, "rb") as file:
            found = find_kind(os.fstat(handle).st_mode)  # it may have changed since
            if found is None:
                yield file
                return
    raise UnfitFileError(f"is {found} and not a plain file")


def read_plain(path: Path, most: int) -> bytes:
    """The content of a plain file of at most so many bytes.

    Raises
    ------
    UnfitFileError
        It is something else, or larger.
    OSError
        It cannot be read.
    """
    with open_plain(path) as file:
        there = os.fstat(file.fileno()).st_size
        content = file.read(min(there, most) + 1)  # not as much as may be there at most: room is made for all of it
        if there < len(content) <= most:  # it has grown
            content += file.read(most + 1 - len(content))
    if len(content) > most:
        raise UnfitFileError(f"has more than the {most:,} bytes that can be right")
    return content


def write_whole(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Put content in place of a file, on disk: whenever this is killed, the old file is there or the new one, whole."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    with contextlib.suppress(OSError):  # some file systems cannot flush a folder
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

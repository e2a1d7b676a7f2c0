"""Files of one JSON value a line, added to and never changed; a line that a crash cut short is passed over."""

import errno
import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from msgspec import DecodeError

from pipeline.errors import StoreError
from pipeline.stores.plain_file import UnfitFileError, read_plain

MOST_BYTES: Final = 64 << 20
"""Bytes of such a file, at most: a line a day or a model, of some hundred bytes to ten thousand, makes decades."""
T = TypeVar("T")


def append_line(path: Path, line: bytes) -> None:
    """Add a line, durably; a link is not followed.

    Raises
    ------
    OSError
        There is no room, or it may not be written.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    handle = os.open(path, flags, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        append_whole(handle, b"\n" + line + b"\n")  # a line that a crash cut short stays one of its own
    finally:
        os.close(handle)


def append_whole(handle: int, content: bytes) -> None:
    """Add to a file that is open and locked, durably; where not all of it goes in, none of it stays.

    Raises
    ------
    OSError
        There is no room, or it may not be written.
    """
    size = os.fstat(handle).st_size
    try:
        if os.write(handle, content) != len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(handle)
    except OSError:
        os.ftruncate(handle, size)
        raise


def read_lines(path: Path, decode: Callable[[bytes], T], advice: str) -> list[T]:
    """What every line holds that can be read, in the order they were written; nothing where there is no file.

    Parameters
    ----------
    advice
        What to do where the file is unfit, after what was found.

    Raises
    ------
    StoreError
        What lies there is no plain file, or larger than can be right.

    Examples
    --------
    >>> read_lines(Path("nowhere.jsonl"), bytes.decode, "move it away")
    []
    """
    try:
        content = read_plain(path, MOST_BYTES)
    except FileNotFoundError:
        return []
    except UnfitFileError as error:
        raise StoreError(f"{path} {error}: {advice}") from error
    found = []
    for line in content.splitlines():
        try:
            found.append(decode(line))
        except (DecodeError, UnicodeDecodeError, RecursionError):
            continue  # blank, or cut short by a crash
    return found

"""Files of one JSON value a line, added to and never changed; a line that a crash cut short is passed over."""

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
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    try:
        os.write(handle, b"\n" + line + b"\n")  # a line that a crash cut short stays one of its own
        os.fsync(handle)
    finally:
        os.close(handle)


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

"""Errors of the machine in one line: what was found, and what to do next.

Stores say what went wrong with them. What is left is told here, so that a full disk or a folder that may not be read
is no traceback; anything that is not known to be the machine's is a bug, and keeps its own.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeGuard

if TYPE_CHECKING:
    import sqlite3

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_HANDLES = frozenset({errno.EMFILE, errno.ENFILE})
_THE_MACHINES = frozenset({
    errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ENOMEM, errno.ESTALE, errno.ENODEV, errno.ENXIO,
    errno.ETIMEDOUT, errno.EBUSY, errno.ENOTCONN, errno.ENOLCK, errno.EAGAIN, errno.ELOOP, errno.ENAMETOOLONG,
})  # fmt: skip
"""What a program without a bug is told as well, though no file is named."""


def explain(error: BaseException, damage: Callable[[], str | None] = lambda: None) -> str | None:
    """The line that tells an error of the machine; None for what is none.

    `damage` names what of the store is damaged. It is asked when whoever reads segments fails, for DuckDB and PyArrow
    seldom name the file.

    >>> explain(OSError(errno.ENOSPC, "No space left on device"))
    'the disk is full (No space left on device): make room and run it again, what was finished stays'
    >>> explain(PermissionError(errno.EACCES, "Permission denied", "home/models"))
    "'home/models' cannot be used (Permission denied): check that path and its permissions"
    >>> explain(KeyError("bug")) is None
    True
    """
    if isinstance(error, OSError) and error.errno is not None:
        return _system(error)
    if _is_sqlite(error):
        from pipeline.stores.sqlite.database import tell

        return f"the home's state cannot be used {tell(error)}"
    if isinstance(error, MemoryError) or _is_duckdb(error, "OutOfMemoryException"):
        return "there was not enough memory: give more with --memory, or use fewer cores with --threads"
    if (_is_duckdb(error, "Error") or _is_arrow(error)) and (named := damage()):
        return named
    if _is_duckdb(error, "IOException") or (_is_duckdb(error, "InvalidInputException") and ".parquet" in str(error)):
        text = str(error).splitlines()[0]
        if "No space left" in text:
            return f"the disk is full ({text}): make room and run it again, what was finished stays"
        return (
            f"a file of the store is damaged or missing ({text}): put it back from a copy, or run `oddtrail store "
            "verify`, which says how to ingest its logs again"
        )
    return None


def _system(error: OSError) -> str | None:
    said = error.strerror or str(error)
    if error.errno in _FULL:
        return f"the disk is full ({said}): make room and run it again, what was finished stays"
    if error.errno in _HANDLES:
        return f"too many files are open ({said}): raise the limit (`ulimit -n 4096`) and run it again"
    if error.filename is not None:
        return f"'{error.filename}' cannot be used ({said}): check that path and its permissions"
    if error.errno in _THE_MACHINES:
        return (
            f"the machine refused to read or write ({said}): check the home's disk and its permissions, and run it "
            "again; what was finished stays"
        )
    return None


def _is_sqlite(error: BaseException) -> TypeGuard[sqlite3.DatabaseError]:
    """Whether it is SQLite's, and the file's or the disk's; not that a statement of ours was wrong."""
    return type(error).__module__ == "sqlite3" and type(error).__name__ in ("DatabaseError", "OperationalError")


def _is_arrow(error: BaseException) -> bool:
    """Whether PyArrow could not read; what it cannot decompress is an OSError without a number."""
    return "pyarrow" in type(error).__module__ or (isinstance(error, OSError) and error.errno is None)


def _is_duckdb(error: BaseException, name: str) -> bool:
    """Whether it is DuckDB's error of that name, without loading DuckDB to find out."""
    return any(kind.__name__ == name and "duckdb" in kind.__module__ for kind in type(error).__mro__)

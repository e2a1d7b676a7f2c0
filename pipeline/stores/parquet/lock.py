"""One writer at a time in a home: a lock that the operating system drops when its holder dies."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import StoreBusyError

try:
    import fcntl
except ImportError:  # no such lock on Windows: SQLite still lets one transaction in at a time
    fcntl = None  # type: ignore[assignment]


@contextmanager
def writer_lock(path: Path) -> Iterator[None]:
    """Hold the lock file for the block.

    Raises
    ------
    StoreBusyError
        Another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                file.seek(0)
                holder = file.read().strip() or "unknown"
                raise StoreBusyError(
                    f"another process ({holder}) is writing to {path.parent}: wait until it has ended"
                ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield

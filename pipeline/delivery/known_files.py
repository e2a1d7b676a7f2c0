"""Which files are in which index already: a small SQLite file in the home, so that running again sends what is new."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from pipeline.errors import StoreError

_BUSY_S: Final = 60.0
_AT_ONCE: Final = 500
"""Values of a query; old SQLite takes 999."""
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS indexed (
    destination TEXT NOT NULL, digest TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (destination, digest)
) WITHOUT ROWID
"""


class KnownFiles:
    """Digests of the files that are wholly in a destination.

    Parameters
    ----------
    path
        The SQLite file, made when it is missing; `:memory:` is one that nobody else sees.
    destination
        A cluster and the prefix of its indices.

    Raises
    ------
    StoreError
        It cannot be opened; or, later, cannot be read or written.

    Examples
    --------
    >>> from datetime import UTC
    >>> files = KnownFiles(":memory:", "cluster cloudtrail")
    >>> files.add(["a"], datetime(2026, 3, 1, tzinfo=UTC))
    >>> files.among(["a", "b"])
    {'a'}
    """

    def __init__(self, path: Path | str, destination: str) -> None:
        self.path, self.destination = path, destination
        with self._telling("opened"):
            if path != ":memory:":
                Path(path).parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute(_SCHEMA)

    def among(self, digests: Collection[str]) -> set[str]:
        """Which of these are known."""
        found: set[str] = set()
        asked = list(digests)
        with self._telling("read"):
            for start in range(0, len(asked), _AT_ONCE):
                some = asked[start : start + _AT_ONCE]
                marks = ",".join("?" * len(some))
                query = f"SELECT digest FROM indexed WHERE destination = ? AND digest IN ({marks})"
                found.update(digest for (digest,) in self._connection.execute(query, (self.destination, *some)))
        return found

    def add(self, digests: Iterable[str], at: datetime) -> None:
        """Know these from now on, all or none of them."""
        rows = [(self.destination, digest, at.isoformat()) for digest in digests]
        with self._telling("written"):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._connection.executemany("INSERT OR REPLACE INTO indexed VALUES (?, ?, ?)", rows)
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite may have rolled back by itself
                    self._connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @contextmanager
    def _telling(self, what: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"{self.path}, which says what is indexed already, cannot be {what} ({error}): make room or move it "
                "away, and run again; what is sent twice is in the index once"
            ) from error

"""The small things a deployment remembers, in one SQLite file (WAL): settings, leases, checkpoints, known files.

Readers never wait for the writer, and a transaction is all or nothing whenever the process is killed.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.errors import StoreError

SCHEMA_VERSION = 1
_BUSY_MS = 60_000
"""How long to wait for another writer; a commit takes milliseconds, a compaction seconds."""

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE leases (
    name TEXT PRIMARY KEY, holder TEXT NOT NULL, token INTEGER NOT NULL, expires TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE checkpoints (name TEXT PRIMARY KEY, token INTEGER NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files (
    digest TEXT PRIMARY KEY, origin TEXT NOT NULL, ingested_at TEXT NOT NULL, delivered_at TEXT,
    records INTEGER NOT NULL, set_aside INTEGER NOT NULL, other TEXT NOT NULL, repaired INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE segments (
    path TEXT PRIMARY KEY, kind TEXT NOT NULL, account TEXT NOT NULL, day TEXT NOT NULL,
    rows INTEGER NOT NULL, bytes INTEGER NOT NULL, addenda INTEGER NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX segments_of ON segments (kind, account, day);
CREATE TABLE retired (path TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
"""


class SqliteState:
    """State of a deployment in `path`, made when it is missing.

    Examples
    --------
    >>> state = SqliteState(":memory:")
    >>> state.put_checkpoint("score", {"hour": 7})
    >>> state.checkpoint("score")
    {'hour': 7}
    """

    def __init__(self, path: Path | str) -> None:
        self.path = path
        try:
            self.connection = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_MS / 1000)
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = FULL")
            self._prepare()
        except sqlite3.OperationalError as error:  # disk full, read-only, no such folder
            raise StoreError(
                f"{path} cannot be opened ({error}): make room, or give a folder that you may write with --home"
            ) from error
        except sqlite3.DatabaseError as error:
            raise StoreError(
                f"{path} cannot be opened as oddtrail's state ({error}): move it away and ingest again, "
                "or restore it from a copy"
            ) from error

    def _prepare(self) -> None:
        with self.transaction() as connection:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
                for statement in _SCHEMA.split(";"):
                    connection.execute(statement)
                connection.execute("INSERT INTO meta VALUES ('schema', ?)", (str(SCHEMA_VERSION),))
            (found,) = connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
        if int(found) != SCHEMA_VERSION:
            raise StoreError(
                f"{self.path} has schema {found} and this version of oddtrail reads {SCHEMA_VERSION}: "
                "install the version that wrote it, or ingest into a new home"
            )

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All statements in the block, or none; one writer at a time."""
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            yield self.connection
            self.connection.execute("COMMIT")
        except sqlite3.OperationalError as error:  # disk full, locked for too long, read-only
            self._roll_back()
            raise StoreError(f"{self.path} cannot be written ({error}): make room or end other writers") from error
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):  # SQLite may have done so by itself
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    # settings

    def put_setting(self, key: str, value: Any) -> None:
        """Remember a value that JSON can hold."""
        self.connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (key, json.dumps(value)))

    def setting(self, key: str, default: Any = None) -> Any:
        """The remembered value, or `default`."""
        row = self.connection.execute("SELECT value FROM settings WHERE key = ?", (key,)).fetchone()
        return default if row is None else json.loads(row[0])

    # leases

    def acquire(self, name: str, holder: str, *, now: datetime, span: timedelta) -> int | None:
        """Take or renew the lease `name`; None when another holder has it.

        Returns
        -------
        int or None
            The fencing token. It grows with every change of holder, and a checkpoint written with an older token is
            refused: a worker that slept through its lease cannot undo its successor's work.
        """
        with self.transaction() as connection:
            row = connection.execute("SELECT holder, token, expires FROM leases WHERE name = ?", (name,)).fetchone()
            if row and row[0] != holder and datetime.fromisoformat(row[2]) > now:
                return None
            token = 1 if row is None else int(row[1]) + (row[0] != holder)
            values = (name, holder, token, (now + span).isoformat())
            connection.execute("INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?)", values)
        return token

    def release(self, name: str, holder: str) -> None:
        """Give the lease back before it expires; nothing happens when another has it. The token lives on."""
        self.connection.execute(
            "UPDATE leases SET holder = '', expires = '0001-01-01T00:00:00+00:00' WHERE name = ? AND holder = ?",
            (name, holder),
        )

    # checkpoints

    def put_checkpoint(self, name: str, value: Any, *, token: int = 0) -> None:
        """Write how far the work named `name` has come.

        Raises
        ------
        StoreError
            A holder with a newer token has written since.
        """
        with self.transaction() as connection:
            row = connection.execute("SELECT token FROM checkpoints WHERE name = ?", (name,)).fetchone()
            if row and row[0] > token:
                raise StoreError(
                    f"checkpoint {name!r} belongs to a newer worker (token {row[0]}, ours is {token}): "
                    "stop this one, or wait for the other to end"
                )
            connection.execute("INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?)", (name, token, json.dumps(value)))

    def checkpoint(self, name: str) -> Any:
        """The value last written, or None."""
        row = self.connection.execute("SELECT value FROM checkpoints WHERE name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

"""The one SQLite file of a home (WAL), whose tables belong to several stores: readers never wait for the writer.

A transaction is all or nothing whenever the process is killed. Which tables are whose: settings, leases and checkpoints
are `pipeline.stores.sqlite.state`'s; files, stamps, segments, retired and digests are
`pipeline.stores.parquet.manifest`'s; sources, unsourced, lost and again `pipeline.stores.parquet.losses`'s; landed,
arrived and came `pipeline.stores.sqlite.arrivals`'s; coverage, region_coverage, tallied and tallies
`pipeline.stores.sqlite.coverage`'s; delivered, watched, digest_files, listed and findings
`pipeline.stores.sqlite.digest_files`'s; notifiers, known_alerts and notices `pipeline.stores.sqlite.notices`'s.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pipeline.errors import StoreError

SCHEMA_VERSION = 1
_BUSY_MS = 60_000
"""How long to wait for another writer; a commit takes milliseconds, a compaction seconds."""

_ADVICE = (
    ("full", "make room and run it again; what was finished stays"),
    ("locked", "end other writers or wait for them, and run it again"),
    ("busy", "end other writers or wait for them, and run it again"),
    ("readonly", "mend its permissions, or give a folder that you may write with --home"),
    ("unable to open", "make room, or give a folder that you may write with --home"),
    ("disk i/o", "check its disk and the room there, and run it again; what was finished stays"),
)
"""What to do, by words of SQLite's own message."""


_REFUSED = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What a damaged file raises: SQLite's message may quote what is no text."""


def _find_advice(said: str) -> str | None:
    return next((advice for words, advice in _ADVICE if words in said.lower()), None)


def tell(error: Exception) -> str:
    """What SQLite said, and what to do; the text goes on from what cannot be done.

    >>> tell(sqlite3.OperationalError("database or disk is full"))
    '(database or disk is full): make room and run it again; what was finished stays'
    >>> tell(sqlite3.DatabaseError("database disk image is malformed"))
    '(database disk image is malformed): move it away and ingest again, or restore it from a copy'
    """
    said = str(error)
    return f"({said}): {_find_advice(said) or 'move it away and ingest again, or restore it from a copy'}"


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
_SINCE = "CREATE TABLE IF NOT EXISTS stamps (stamp BLOB PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID"
"""What a home made before has not, and need not have."""


_BESIDE = """
CREATE TABLE digests (path TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE sources (
    kind TEXT NOT NULL, account TEXT NOT NULL, day TEXT NOT NULL, file TEXT NOT NULL,
    PRIMARY KEY (kind, account, day, file)
) WITHOUT ROWID;
CREATE TABLE lost (
    path TEXT PRIMARY KEY, kind TEXT NOT NULL, account TEXT NOT NULL, day TEXT NOT NULL,
    rows INTEGER NOT NULL, bytes INTEGER NOT NULL, addenda INTEGER NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL,
    digest TEXT NOT NULL, found TEXT NOT NULL, at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE again (digest TEXT PRIMARY KEY, sourced INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE unsourced (digest TEXT PRIMARY KEY) WITHOUT ROWID;
INSERT INTO unsourced SELECT digest FROM files;
"""
"""Tables that a home of before lacks; beside the others, so that what wrote it can go on reading it. Where the records
of files went that are there already, nobody noted: those files are unsourced."""
_ADDED = """
CREATE TABLE IF NOT EXISTS landed (
    file TEXT PRIMARY KEY, delivered INTEGER, first INTEGER NOT NULL, accounts TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS arrived (
    file TEXT PRIMARY KEY, at INTEGER NOT NULL, first INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS came (number INTEGER PRIMARY KEY AUTOINCREMENT, file TEXT NOT NULL, first INTEGER NOT NULL);
"""
"""Tables that homes of earlier versions get when they are opened; they can do without."""
_COVERED = """
CREATE TABLE tallied (
    path TEXT PRIMARY KEY, account TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, waits INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE tallies (
    account TEXT NOT NULL, hour INTEGER NOT NULL, region TEXT NOT NULL, path TEXT NOT NULL,
    seen INTEGER NOT NULL, late INTEGER NOT NULL, minutes INTEGER NOT NULL,
    PRIMARY KEY (account, hour, region, path)
) WITHOUT ROWID;
CREATE TABLE region_coverage (
    account TEXT NOT NULL, hour INTEGER NOT NULL, region TEXT NOT NULL, seen INTEGER NOT NULL, minutes INTEGER NOT NULL,
    PRIMARY KEY (account, hour, region)
) WITHOUT ROWID;
CREATE TABLE coverage (
    account TEXT NOT NULL, hour INTEGER NOT NULL, seen INTEGER NOT NULL, late INTEGER NOT NULL, closed INTEGER NOT NULL,
    PRIMARY KEY (account, hour)
) WITHOUT ROWID;
CREATE INDEX coverage_by_hour ON coverage (hour);
"""
"""Likewise."""


_DIGESTED = """
CREATE TABLE delivered (
    name TEXT NOT NULL, content BLOB NOT NULL, at INTEGER NOT NULL, noted INTEGER NOT NULL, PRIMARY KEY (name, content)
) WITHOUT ROWID;
CREATE INDEX delivered_by_content ON delivered (content);
CREATE TABLE watched (account TEXT PRIMARY KEY, since INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE digest_files (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, content BLOB NOT NULL, start INTEGER, ended INTEGER,
    previous TEXT NOT NULL, previous_content BLOB NOT NULL, begins INTEGER NOT NULL, problem TEXT NOT NULL,
    signature TEXT NOT NULL, fingerprint TEXT NOT NULL, signed TEXT NOT NULL, noted INTEGER NOT NULL,
    judged INTEGER NOT NULL, UNIQUE (name, content)
);
CREATE INDEX digest_files_before ON digest_files (previous);
CREATE INDEX digest_files_due ON digest_files (judged, ended);
CREATE TABLE listed (
    name TEXT NOT NULL, digest INTEGER NOT NULL, content BLOB NOT NULL, PRIMARY KEY (name, digest)
) WITHOUT ROWID;
CREATE INDEX listed_by ON listed (digest);
CREATE TABLE findings (
    key TEXT PRIMARY KEY, kind TEXT NOT NULL, at INTEGER NOT NULL, objects INTEGER NOT NULL, text TEXT NOT NULL,
    cleared INTEGER NOT NULL
) WITHOUT ROWID;
"""
"""Likewise."""
_NAMED = "ALTER TABLE findings ADD COLUMN names BLOB NOT NULL DEFAULT x''"
"""Likewise a column."""


class Database:
    """The file at `path`, made when it is missing; `:memory:` is one that nobody else sees.

    Raises
    ------
    StoreError
        It cannot be opened, is no database or was written by another version; or, later, cannot be read or written.

    Examples
    --------
    >>> database = Database(":memory:")
    >>> with database.transaction():
    ...     database.write("INSERT INTO settings VALUES (?, ?)", ("k", "7"))
    >>> database.read("SELECT value FROM settings")
    [('7',)]
    """

    def __init__(self, path: Path | str) -> None:
        self.path = path
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_MS / 1000)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._prepare()
        except _REFUSED as error:
            known = "" if _find_advice(str(error)) else " as oddtrail's state"
            raise StoreError(f"{path} cannot be opened{known} {tell(error)}") from error

    def _prepare(self) -> None:
        with self.transaction():
            if not self.read("SELECT 1 FROM sqlite_master WHERE name = 'meta'"):
                for statement in _SCHEMA.split(";"):
                    self.write(statement)
                self.write("INSERT INTO meta VALUES ('schema', ?)", (str(SCHEMA_VERSION),))
            self.write(_SINCE)
            if not self.read("SELECT 1 FROM sqlite_master WHERE name = 'unsourced'"):
                for statement in _BESIDE.split(";"):
                    self.write(statement)
            if not self.read("SELECT 1 FROM sqlite_master WHERE name = 'came'"):
                for statement in _ADDED.split(";"):
                    self.write(statement)
            if not self.read("SELECT 1 FROM sqlite_master WHERE name = 'coverage'"):
                for statement in _COVERED.split(";"):
                    self.write(statement)
            if not self.read("SELECT 1 FROM sqlite_master WHERE name = 'findings'"):
                for statement in _DIGESTED.split(";"):
                    self.write(statement)
            if not self.read("SELECT 1 FROM pragma_table_info('findings') WHERE name = 'names'"):
                self.write(_NAMED)
            found = "".join(str(value) for (value,) in self.read("SELECT value FROM meta WHERE key = 'schema'"))
        if found != str(SCHEMA_VERSION):
            raise StoreError(
                f"{self.path} has schema {found} and this version of oddtrail reads {SCHEMA_VERSION}: "
                "install the version that wrote it, or ingest into a new home"
            )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written in the block, or nothing; one writer at a time, and what is read is of one moment."""
        try:
            self.write("BEGIN IMMEDIATE")
            yield
            self.write("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # SQLite may have rolled back by itself
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
            raise

    def read(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        with self._telling("read"):
            return self._connection.execute(sql, values).fetchall()

    def write(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Run a statement; outside of a transaction it is one of its own."""
        with self._telling("written"):
            self._connection.execute(sql, values)

    def write_each(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement for each of some rows; to be called inside a transaction."""
        with self._telling("written"):
            self._connection.executemany(sql, rows)

    @contextmanager
    def _telling(self, what: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
            raise  # the program's, not the file's
        except _REFUSED as error:
            raise StoreError(f"{self.path} cannot be {what} {tell(error)}") from error

    def close(self) -> None:
        """Let go of the file; what was committed is safe whether or not the log beside it can be folded in."""
        with suppress(sqlite3.DatabaseError):
            self._connection.close()

"""Which Parquet files are the store: the list in SQLite that readers go by and writers change in one transaction.

A file that is not in the list does not exist for a reader, so a half-written batch is never seen; a file that has left
the list stays on disk for `GRACE`, so that a reader who took the list before may finish.
"""

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

Kind = Literal["events", "set_aside", "other", "joint", "touched", "principals", "places", "sessions", "actions"]

GRACE = timedelta(hours=1)
"""How long a replaced file is kept for readers that still hold the old list."""


class Segment(NamedTuple):
    """One Parquet file of the store."""

    path: str
    """Relative to the home, with `/`."""
    kind: str
    account: str
    day: str
    rows: int
    bytes: int
    addenda: int
    """Rows that correct another record."""
    first: int
    last: int
    """Least and greatest event time, microseconds since 1970."""


class FileDone(NamedTuple):
    """A delivered file that has been taken in."""

    digest: str
    """SHA-256 of its content."""
    origin: str
    ingested_at: str
    delivered_at: str | None
    records: int
    set_aside: int
    other: str
    """Counts by name, as JSON."""
    repaired: int


def live(
    connection: sqlite3.Connection,
    kind: str,
    *,
    accounts: Collection[str] | None = None,
    since: int | None = None,
    until: int | None = None,
) -> list[Segment]:
    """Segments that may hold events of [since, until) (microseconds) in one of the accounts, by account and day."""
    clauses, values = ["kind = ?"], list[str | int]([kind])
    if since is not None:
        clauses.append("last >= ?")
        values.append(since)
    if until is not None:
        clauses.append("first < ?")
        values.append(until)
    if accounts is not None:
        clauses.append(f"account IN ({','.join('?' * len(accounts))})")
        values.extend(accounts)
    where = " AND ".join(clauses)
    rows = connection.execute(f"SELECT * FROM segments WHERE {where} ORDER BY account, day, path", values)
    return [Segment(*row) for row in rows]


def partition(connection: sqlite3.Connection, kind: str, account: str, day: str) -> list[Segment]:
    """Segments of one account and day."""
    rows = connection.execute(
        "SELECT * FROM segments WHERE kind = ? AND account = ? AND day = ? ORDER BY path", (kind, account, day)
    )
    return [Segment(*row) for row in rows]


def swap(connection: sqlite3.Connection, *, out: Iterable[str], into: Sequence[Segment], now: datetime) -> None:
    """Take files off the list and put others on it; to be called inside a transaction."""
    gone = [(path,) for path in out]
    connection.executemany("DELETE FROM segments WHERE path = ?", gone)
    connection.executemany(
        "INSERT OR REPLACE INTO retired VALUES (?, ?)", [(path, now.isoformat()) for (path,) in gone]
    )
    connection.executemany(f"INSERT INTO segments VALUES ({','.join('?' * len(Segment._fields))})", into)


def expired(connection: sqlite3.Connection, now: datetime) -> list[str]:
    """Replaced files that no reader can still be using."""
    rows = connection.execute("SELECT path, at FROM retired").fetchall()
    return [path for path, at in rows if datetime.fromisoformat(at) <= now - GRACE]

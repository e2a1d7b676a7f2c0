"""Which Parquet files are the store: the list in SQLite that readers go by and writers change in one transaction.

A file that is not in the list does not exist for a reader, so a half-written batch is never seen; a file that has left
the list stays on disk for `GRACE`, so that a reader who took the list before may finish.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from pipeline.ingest.sink import FileDone
from pipeline.stores.protocols import AccountHeld
from pipeline.stores.sqlite.database import Database

GRACE = timedelta(hours=1)
"""How long a replaced file is kept for readers that still hold the old list."""
_ASKED_AT_ONCE = 500
"""Values in one question; SQLite's own bound is higher, but not everywhere."""


class Segment(NamedTuple):
    """One Parquet file of the store."""

    path: str
    """Relative to the home, with `/`."""
    kind: str
    """`events`, `set_aside`, `other`, or `activity/` and the name of a table."""
    account: str
    day: str
    rows: int
    bytes: int
    addenda: int
    """Rows that correct another record."""
    first: int
    last: int
    """Least and greatest event time, microseconds since 1970."""


class DayCount(NamedTuple):
    """How many segments of a kind an account-day is made of."""

    kind: str
    account: str
    day: str
    segments: int
    small: int
    """Of these, the ones with few rows."""


class KindHeld(NamedTuple):
    """What is held of a kind."""

    kind: str
    rows: int
    bytes: int
    segments: int


class Manifest:
    """The list, in a home's database.

    Examples
    --------
    >>> from datetime import UTC
    >>> manifest, now = Manifest(Database(":memory:")), datetime(2026, 3, 3, tzinfo=UTC)
    >>> with manifest.transaction():
    ...     manifest.swap(out=[], into=[Segment("a", "events", "unknown", "2026-03-02", 7, 900, 0, 0, 0)], now=now)
    >>> manifest.days("events"), [segment.rows for segment in manifest.live("events")]
    ([('unknown', datetime.date(2026, 3, 2))], [7])
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def transaction(self) -> AbstractContextManager[None]:
        """All changes in the block, or none; nobody else changes the list meanwhile."""
        return self._database.transaction()

    # which files are the store

    def live(
        self,
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
            clauses.append(f"account IN ({_marks(accounts)})")
            values.extend(accounts)
        where = " AND ".join(clauses)
        return self._segments(f"SELECT * FROM segments WHERE {where} ORDER BY account, day, path", values)

    def partition(self, kind: str, account: str, day: str) -> list[Segment]:
        """Segments of one account and day."""
        return self._segments(
            "SELECT * FROM segments WHERE kind = ? AND account = ? AND day = ? ORDER BY path", (kind, account, day)
        )

    def before(self, day: date, kinds: Collection[str]) -> list[Segment]:
        """Segments of earlier days."""
        return self._segments(
            f"SELECT * FROM segments WHERE day < ? AND kind IN ({_marks(kinds)}) ORDER BY path",
            (day.isoformat(), *kinds),
        )

    def _segments(self, sql: str, values: Sequence[Any]) -> list[Segment]:
        return [Segment(*row) for row in self._database.read(sql, values)]

    def swap(self, *, out: Iterable[str], into: Sequence[Segment], now: datetime) -> None:
        """Take files off the list and put others on it; to be called inside a transaction."""
        gone = [(path,) for path in out]
        self._database.write_each("DELETE FROM segments WHERE path = ?", gone)
        self._database.write_each(
            "INSERT OR REPLACE INTO retired VALUES (?, ?)", [(path, now.isoformat()) for (path,) in gone]
        )
        self._database.write_each(f"INSERT INTO segments VALUES ({_marks(Segment._fields)})", into)

    # files that have left it

    def expired(self, now: datetime) -> list[str]:
        """Replaced files that no reader can still be using."""
        rows = self._database.read("SELECT path, at FROM retired ORDER BY path")
        return [path for path, at in rows if datetime.fromisoformat(at) <= now - GRACE]

    def forget(self, paths: Iterable[str]) -> None:
        """Forget replaced files, which are gone; to be called inside a transaction."""
        self._database.write_each("DELETE FROM retired WHERE path = ?", [(path,) for path in paths])

    def kept(self) -> set[str]:
        """Every file that is to stay on disk."""
        return {path for (path,) in self._database.read("SELECT path FROM segments UNION SELECT path FROM retired")}

    # delivered files

    def add_files(self, files: Iterable[FileDone], now: datetime) -> None:
        """Remember delivered files as taken in; to be called inside a transaction, which fails where one is known."""
        ingested_at = now.isoformat()
        rows = [
            (
                file.digest,
                file.origin,
                ingested_at,
                file.delivered_at.isoformat() if file.delivered_at else None,
                file.records,
                file.set_aside,
                json.dumps(file.other, sort_keys=True) if file.other else "{}",
                file.repaired,
            )
            for file in files
        ]
        self._database.write_each(f"INSERT INTO files VALUES ({','.join('?' * 8)})", rows)

    def known(self, digests: Collection[str]) -> set[str]:
        """Which of these delivered files have been taken in."""
        return {digest for (digest,) in self._files("digest", digests)}

    def barren(self, digests: Collection[str]) -> set[str]:
        """Of these delivered files that have been taken in, those of which no event came."""
        found = self._files("digest, records - set_aside, other", digests, "AND (records = set_aside OR other != '{}')")
        return {digest for digest, left, other in found if left <= sum(json.loads(other).values())}

    def recall(self, stamps: Collection[bytes]) -> dict[bytes, str]:
        """The digests of delivered files that have been taken in, by the stamps under which they were remembered."""
        wanted, found = list(stamps), dict[bytes, str]()
        for start in range(0, len(wanted), _ASKED_AT_ONCE):
            some = wanted[start : start + _ASKED_AT_ONCE]
            sql = f"SELECT stamp, digest FROM stamps JOIN files USING (digest) WHERE stamp IN ({_marks(some)})"
            found.update(self._database.read(sql, some))
        return found

    def remember(self, digests: Mapping[bytes, str]) -> None:
        """Keep under which stamps delivered files lie; to be called inside a transaction."""
        self._database.write_each("INSERT OR REPLACE INTO stamps VALUES (?, ?)", digests.items())

    def _files(self, columns: str, digests: Collection[str], where: str = "") -> Iterator[tuple[Any, ...]]:
        """Some columns of these delivered files."""
        wanted = list(digests)
        for start in range(0, len(wanted), _ASKED_AT_ONCE):
            some = wanted[start : start + _ASKED_AT_ONCE]
            yield from self._database.read(
                f"SELECT {columns} FROM files WHERE digest IN ({_marks(some)}) {where}", some
            )

    def count_files(self) -> int:
        """How many delivered files have been taken in."""
        [(count,)] = self._database.read("SELECT count(*) FROM files")
        return int(count)

    # what is held

    def days(self, kind: str) -> list[tuple[str, date]]:
        """Account-days of the kinds that a pattern such as `activity/*` names, in order."""
        rows = self._database.read(
            "SELECT DISTINCT account, day FROM segments WHERE kind GLOB ? ORDER BY 1, 2", (kind,)
        )
        return [(account, date.fromisoformat(day)) for account, day in rows]

    def examples(self, kind: str) -> list[tuple[str, str]]:
        """The kinds that a pattern names, each with the path of one of its files."""
        rows = self._database.read(
            "SELECT kind, min(path) FROM segments WHERE kind GLOB ? GROUP BY kind ORDER BY kind", (kind,)
        )
        return [(found, path) for found, path in rows]

    def counts(self, kinds: Collection[str], *, least: int, small: int) -> list[DayCount]:
        """Account-days of at least so many segments; small are those of fewer than `small` rows."""
        rows = self._database.read(
            "SELECT kind, account, day, count(*), count(*) FILTER (WHERE rows < ?) FROM segments "
            f"WHERE kind IN ({_marks(kinds)}) GROUP BY 1, 2, 3 HAVING count(*) >= ? ORDER BY 1, 2, 3",
            (small, *kinds, least),
        )
        return [DayCount(*row) for row in rows]

    def accounts(self) -> list[AccountHeld]:
        """What is held of each account's events, from the list alone: cheap, however much it is."""
        rows = self._database.read(
            "SELECT account, sum(rows), min(day), max(day), count(DISTINCT day) FROM segments "
            "WHERE kind = 'events' GROUP BY account ORDER BY account"
        )
        return [AccountHeld(*row) for row in rows]

    def kinds(self) -> list[KindHeld]:
        """What is held of each kind."""
        rows = self._database.read(
            "SELECT kind, sum(rows), sum(bytes), count(*) FROM segments GROUP BY kind ORDER BY kind"
        )
        return [KindHeld(*row) for row in rows]


def _marks(values: Collection[object]) -> str:
    return ",".join("?" * len(values))

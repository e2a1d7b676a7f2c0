"""Which Parquet files are the store: the list in SQLite that readers go by and writers change in one transaction.

A file that is not in the list does not exist for a reader, so a half-written batch is never seen; a file that has left
the list stays on disk for `GRACE`, so that a reader who took the list before may finish.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple, TypeVar

from pipeline.ingest.sink import FileDone
from pipeline.stores.parquet.losses import Losses, Lost
from pipeline.stores.parquet.segment import Segment
from pipeline.stores.protocols import AccountHeld
from pipeline.stores.sqlite.database import Database

GRACE = timedelta(hours=1)
"""How long a replaced file is kept for readers that still hold the old list."""
_ASKED_AT_ONCE = 500
"""Values in one question; SQLite's own bound is higher, but not everywhere."""


_T = TypeVar("_T")
_LISTED = 9
"""Columns of a segment in the list."""


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


_PRUNED: Final = "pruned"


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
        self.losses = Losses(database)
        """What was damaged."""

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
        correcting: bool = False,
    ) -> list[Segment]:
        """Segments that may hold events of [since, until) (microseconds) in one of the accounts, by account and day.

        With `correcting` only those that hold corrections of other records.
        """
        clauses, values = ["kind = ?"], list[str | int]([kind])
        if correcting:
            clauses.append("addenda > 0")
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

    def every(self, kind: str = "*") -> list[Segment]:
        """Segments of the kinds that a pattern names, those of the newest days first."""
        return self._segments(
            "SELECT * FROM segments WHERE kind GLOB ? ORDER BY day DESC, account, kind, path", (kind,)
        )

    def lists(self, path: str) -> bool:
        """Whether a file is on the list."""
        return bool(self._database.read("SELECT 1 FROM segments WHERE path = ?", (path,)))

    def digests(self, paths: Collection[str] | None = None) -> dict[str, str]:
        """Hash of each segment's content, by its path; of a home of before some are not known."""
        if paths is None:
            return dict(self._database.read("SELECT path, digest FROM digests"))
        found: dict[str, str] = {}
        for some in _some(paths):
            rows = self._database.read(f"SELECT path, digest FROM digests WHERE path IN ({_marks(some)})", some)
            found |= dict(rows)
        return found

    def put_digests(self, digests: Mapping[str, str]) -> None:
        """Note the hashes of segments that are listed and had none; to be called inside a transaction."""
        self._database.write_each(
            "INSERT OR IGNORE INTO digests SELECT path, ? FROM segments WHERE path = ?",
            [(digest, path) for path, digest in digests.items()],
        )

    def _segments(self, sql: str, values: Sequence[Any]) -> list[Segment]:
        return [Segment(*row) for row in self._database.read(sql, values)]

    def swap(self, *, out: Iterable[str], into: Sequence[Segment], now: datetime) -> None:
        """Take files off the list and put others on it; to be called inside a transaction."""
        gone = [(path,) for path in out]
        self._database.write_each("DELETE FROM segments WHERE path = ?", gone)
        self._retire((path for (path,) in gone), now)
        self._database.write_each("DELETE FROM digests WHERE path = ?", gone)
        listed = [segment[:_LISTED] for segment in into]
        self._database.write_each(f"INSERT INTO segments VALUES ({','.join('?' * _LISTED)})", listed)
        digests = [(segment.path, segment.digest) for segment in into if segment.digest]
        self._database.write_each("INSERT OR REPLACE INTO digests VALUES (?, ?)", digests)

    def lose(self, damage: Mapping[Segment, str], now: datetime) -> None:
        """Take damaged segments of records off the list, so that the log files that they were made of are read again.

        To be called inside a transaction; `damage` says of each what was found.
        """
        digests = self.digests([segment.path for segment in damage])
        lost = [Lost(s._replace(digest=digests.get(s.path, "")), found) for s, found in damage.items()]
        self.losses.add(lost, now)
        self.losses.ask(self._find_files(self.losses.sources_of(damage)), sourced=True)
        self.losses.ask(self.losses.unsourced(), sourced=False)
        for table in ("segments", "digests"):
            self._database.write_each(f"DELETE FROM {table} WHERE path = ?", [(segment.path,) for segment in damage])

    def give_up(self, now: datetime, before: date | None = None) -> int:
        """Give up what is lost, of days before one or all of it; return how many segments. Inside a transaction."""
        gone = self.losses.give_up(before)
        self._retire(gone, now)
        return len(gone)

    def note_pruned(self, before: date) -> None:
        """Remember that the events of days before one were forgotten. Inside a transaction."""
        day = max(filter(None, (self.pruned_before(), before)))
        self._database.write("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_PRUNED, day.isoformat()))

    def pruned_before(self) -> date | None:
        """The day before which events were forgotten; none where they never were."""
        rows = self._database.read("SELECT value FROM meta WHERE key = ?", (_PRUNED,))
        return date.fromisoformat(rows[0][0]) if rows else None

    def _retire(self, paths: Iterable[str], now: datetime) -> None:
        self._database.write_each(
            "INSERT OR REPLACE INTO retired VALUES (?, ?)", [(path, now.isoformat()) for path in paths]
        )

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
        return {
            path
            for table in ("segments", "retired", "lost")
            for (path,) in self._database.read(f"SELECT path FROM {table}")
        }

    # delivered files

    def add_files(self, files: Iterable[FileDone], now: datetime) -> None:
        """Remember delivered files as taken in; to be called inside a transaction, which fails where one is known.

        One that is read again, for what it held was lost, keeps what is remembered of it.
        """
        files = list(files)
        again = self.losses.asked().intersection(file.digest for file in files)
        if again:
            self._retire(self.losses.note_read(again), now)
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
            if file.digest not in again
        ]
        self._database.write_each(f"INSERT INTO files VALUES ({','.join('?' * 8)})", rows)

    def known(self, digests: Collection[str]) -> set[str]:
        """Which of these delivered files have been taken in, and are not to be read again."""
        found = {digest for (digest,) in self._files("digest", digests)}
        return found - self.losses.asked() if found else found

    def files_of(self, damage: Collection[Segment]) -> set[str]:
        """Digests of the files that had records in the account-days of some segments, or may have had."""
        if not damage:
            return set()
        return self._find_files(self.losses.sources_of(damage)) | self.losses.unsourced()

    def _find_files(self, starts: Iterable[str]) -> set[str]:
        """Digests of the files whose digest starts with some digits."""
        return {
            digest
            for start in starts
            for (digest,) in self._database.read(
                "SELECT digest FROM files WHERE digest >= ? AND digest < ?", (start, f"{start}g")
            )
        }

    def origins(self, digests: Collection[str], most: int) -> list[str]:
        """Where some of these files lay, in order."""
        found = set[str]()
        for some in _some(digests):
            rows = self._database.read(f"SELECT DISTINCT origin FROM files WHERE digest IN ({_marks(some)})", some)
            found.update(origin for (origin,) in rows)
        return sorted(found)[:most]

    def barren(self, digests: Collection[str]) -> set[str]:
        """Of these delivered files that have been taken in, those of which no event came."""
        found = self._files("digest, records - set_aside, other", digests, "AND (records = set_aside OR other != '{}')")
        return {digest for digest, left, other in found if left <= sum(json.loads(other).values())}

    def recall(self, stamps: Collection[bytes]) -> dict[bytes, str]:
        """The digests of delivered files that need not be read again, by the stamps they were remembered under."""
        found, asked = dict[bytes, str](), self.losses.asked()
        for some in _some(stamps):
            sql = f"SELECT stamp, digest FROM stamps JOIN files USING (digest) WHERE stamp IN ({_marks(some)})"
            found.update((stamp, digest) for stamp, digest in self._database.read(sql, some) if digest not in asked)
        return found

    def remember(self, digests: Mapping[bytes, str]) -> None:
        """Keep under which stamps delivered files lie; to be called inside a transaction."""
        self._database.write_each("INSERT OR REPLACE INTO stamps VALUES (?, ?)", digests.items())

    def _files(self, columns: str, digests: Collection[str], where: str = "") -> Iterator[tuple[Any, ...]]:
        """Some columns of these delivered files."""
        for some in _some(digests):
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


def _some(values: Collection[_T]) -> Iterator[list[_T]]:
    """As many values as are asked for at once."""
    every = list(values)
    for start in range(0, len(every), _ASKED_AT_ONCE):
        yield every[start : start + _ASKED_AT_ONCE]


def _marks(values: Collection[object]) -> str:
    return ",".join("?" * len(values))

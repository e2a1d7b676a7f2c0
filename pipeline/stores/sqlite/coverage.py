"""Coverage: of each hour and account that is watched one record, which says what was seen and what came late.

Nothing is ever added up. What a segment of the store holds is counted once and kept beside its path, for a segment
never changes; a record is the sum over those that are the store now. So whoever is killed and counts again, reads a
file again, or merges segments, arrives at the same records. What is pruned from the store keeps its records.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import NamedTuple

from features.times.instant import HOUR, micros, moment_of
from pipeline.stores.parquet.segment import Segment
from pipeline.stores.parquet.tally import Tally
from pipeline.stores.sqlite.database import Database

AccountHour = tuple[str, int]
"""An account, and an hour since 1970."""


class Covered(NamedTuple):
    """The record of an hour and account."""

    account: str
    hour: datetime
    """Its beginning."""
    seen: int
    """Events of the hour, late ones too."""
    late: int
    """Of these, what was delivered after the hour had closed."""
    closed: bool
    """Nothing of it is expected any more."""

    @property
    def missing(self) -> bool:
        """It is over, and nothing came of it."""
        return self.closed and not self.seen


class CoveredRegion(NamedTuple):
    """What was seen of a region in an hour; hours without anything have none."""

    account: str
    region: str
    """Empty for global services."""
    hour: datetime
    seen: int
    minutes: int
    """A bit for each minute in which anything happened, the first the least."""


class Coverage:
    """Coverage in a home's database.

    Examples
    --------
    >>> from datetime import UTC
    >>> coverage, two = Coverage(Database(":memory:")), 2 * HOUR
    >>> segment = Segment("a", "events", "unknown", "1970-01-01", 7, 900, 0, two, two)
    >>> coverage.put([segment], [Tally("a", "", 2, 7, 1, 0b1)], waiting=())
    >>> coverage.close(5 * HOUR, watched_since=0)
    2
    >>> [(record.hour.hour, record.seen, record.late, record.missing) for record in coverage.records()]
    [(2, 7, 1, False), (3, 0, 0, True), (4, 0, 0, True)]
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    # what was counted

    def counted(self) -> dict[str, bool]:
        """Segments that were counted, by path; whether files of theirs waited to be settled."""
        return {path: bool(waits) for path, waits in self._database.read("SELECT path, waits FROM tallied")}

    def put(
        self,
        segments: Iterable[Segment],
        tallies: Iterable[Tally],
        *,
        waiting: Collection[str],
        gone: Collection[str] = (),
        live: Collection[tuple[str, str]] = (),
    ) -> None:
        """Note what segments hold in place of what was noted of them, and make their hours' records anew.

        Parameters
        ----------
        segments, tallies
            What was counted, and what came of it.
        waiting
            Paths of those that are to be counted again, once files of theirs are settled.
        gone
            Paths that are not the store any more.
        live
            Accounts and days of which something is the store: where nothing is, what is gone was pruned.
        """
        found = {segment.path: segment for segment in segments}
        with self._database.transaction():
            before = {path: self._hours_of(path) for path in (*found, *gone)}
            for path, hours in before.items():
                self._forget(path, hours)
            self._database.write_each(
                "INSERT INTO tallied VALUES (?, ?, ?, ?, ?)",
                [(s.path, s.account, s.first // HOUR, s.last // HOUR, s.path in waiting) for s in found.values()],
            )
            rows = [(found[t.path].account, t.hour, t.region, t.path, t.seen, t.late, t.minutes) for t in tallies]
            self._database.write_each("INSERT INTO tallies VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            changed = {(account, hour) for account, hour, *_ in rows}
            changed |= {hour for path in found for hour in before[path]}
            changed |= {hour for path in gone for hour in before[path] if (hour[0], _day(hour[1])) in live}
            for each in sorted(changed):
                self._sum(each)

    def _hours_of(self, path: str) -> list[AccountHour]:
        """Hours of which a segment was counted to hold something."""
        for account, first, last in self._database.read(
            "SELECT account, first, last FROM tallied WHERE path = ?", (path,)
        ):
            rows = self._database.read(
                "SELECT DISTINCT hour FROM tallies WHERE account = ? AND hour BETWEEN ? AND ? AND path = ?",
                (account, first, last, path),
            )
            return [(account, hour) for (hour,) in rows]
        return []

    def _forget(self, path: str, hours: Iterable[AccountHour]) -> None:
        self._database.write_each(
            "DELETE FROM tallies WHERE account = ? AND hour = ? AND path = ?", [(*hour, path) for hour in hours]
        )
        self._database.write("DELETE FROM tallied WHERE path = ?", (path,))

    def _sum(self, hour: AccountHour) -> None:
        """Make the records of an hour of what was counted."""
        rows = self._database.read(
            "SELECT region, seen, late, minutes FROM tallies WHERE account = ? AND hour = ? ORDER BY region", hour
        )
        regions = [
            (*hour, region, sum(seen for _, seen, *_ in of), reduce(or_, (minutes for *_, minutes in of)))
            for region, of in _by_region(rows)
        ]
        self._database.write("DELETE FROM region_coverage WHERE account = ? AND hour = ?", hour)
        self._database.write_each("INSERT INTO region_coverage VALUES (?, ?, ?, ?, ?)", regions)
        self._database.write(
            "INSERT INTO coverage VALUES (?, ?, ?, ?, 0) "
            "ON CONFLICT DO UPDATE SET seen = excluded.seen, late = excluded.late",
            (*hour, sum(seen for _, seen, *_ in rows), sum(late for _, _, late, _ in rows)),
        )

    # hours that are over

    def close(self, until: int, *, watched_since: int) -> int:
        """Close the hours that end by an instant, with a record for each account that is watched; return how many.

        An account is watched from its first hour on for as long as anything was seen of it lately. Where the clock was
        ahead and is set back, hours that are not over are open again.

        Parameters
        ----------
        until, watched_since
            Microseconds since 1970; what an account has not been seen since, it is watched no more.
        """
        end, since = until // HOUR, watched_since // HOUR
        closed = 0
        with self._database.transaction():
            self._database.write("DELETE FROM coverage WHERE hour >= ? AND closed AND NOT seen", (end,))
            self._database.write("UPDATE coverage SET closed = 0 WHERE hour >= ? AND closed", (end,))
            for account, first, seen in self._database.read(
                "SELECT account, min(hour), sum(seen) FROM coverage WHERE hour >= ? GROUP BY account", (since,)
            ):
                if seen and first < end:
                    closed += self._close(account, first, end)
        return closed

    def _close(self, account: str, first: int, end: int) -> int:
        """Close an account's hours; return how many had no record."""
        sql = "SELECT hour, closed FROM coverage WHERE account = ? AND hour >= ? AND hour < ?"
        there = dict(self._database.read(sql, (account, first, end)))
        missing = [(account, hour) for hour in range(first, end) if hour not in there]
        self._database.write_each("INSERT INTO coverage VALUES (?, ?, 0, 0, 1)", missing)
        opened = [(account, hour) for hour, closed in there.items() if not closed]
        self._database.write_each("UPDATE coverage SET closed = 1 WHERE account = ? AND hour = ?", opened)
        return len(missing)

    # who asks

    def records(
        self, since: datetime | None = None, until: datetime | None = None, account: str | None = None
    ) -> list[Covered]:
        """Records of hours that begin in [since, until), by hour and account."""
        where, values = _between(since, until, account)
        rows = self._database.read(
            f"SELECT account, hour, seen, late, closed FROM coverage WHERE {where} ORDER BY hour, account", values
        )
        return [
            Covered(who, moment_of(hour * HOUR), seen, late, bool(closed)) for who, hour, seen, late, closed in rows
        ]

    def regions(self, since: datetime | None = None, until: datetime | None = None) -> list[CoveredRegion]:
        """What was seen by region in hours that begin in [since, until), by account, region and hour."""
        where, values = _between(since, until, None)
        rows = self._database.read(
            f"SELECT account, region, hour, seen, minutes FROM region_coverage WHERE {where} ORDER BY 1, 2, 3", values
        )
        return [CoveredRegion(who, region, moment_of(hour * HOUR), *rest) for who, region, hour, *rest in rows]

    def prune(self, before: datetime) -> int:
        """Forget the records of hours before a time; return how many."""
        hour = micros(before) // HOUR
        with self._database.transaction():
            [(count,)] = self._database.read("SELECT count(*) FROM coverage WHERE hour < ?", (hour,))
            for table in ("coverage", "region_coverage"):
                self._database.write(f"DELETE FROM {table} WHERE hour < ?", (hour,))
        return int(count)


def _by_region(rows: Sequence[tuple[str, int, int, int]]) -> Iterator[tuple[str, list[tuple[str, int, int, int]]]]:
    """Rows of each region."""
    regions: dict[str, list[tuple[str, int, int, int]]] = {}
    for row in rows:
        regions.setdefault(row[0], []).append(row)
    yield from regions.items()


def _between(since: datetime | None, until: datetime | None, account: str | None) -> tuple[str, list[int | str]]:
    """Condition of the hours that begin in [since, until)."""
    clauses, values = ["true"], list[int | str]()
    if since is not None:
        clauses.append("hour >= ?")
        values.append(-(-micros(since) // HOUR))
    if until is not None:
        clauses.append("hour < ?")
        values.append(-(-micros(until) // HOUR))
    if account is not None:
        clauses.append("account = ?")
        values.append(account)
    return " AND ".join(clauses), values


def _day(hour: int) -> str:
    return moment_of(hour * HOUR).date().isoformat()

"""Activity of an event store, made in DuckDB, and what became known of it on a day."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final, Self, TypeAlias
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from features.activity import catalogue
from features.activity.by_session import by_session_sql
from features.activity.closed import closed_sql
from features.activity.dimensions import DIMENSIONS
from features.activity.first_seen import FIRST_PLACES, FIRST_PRINCIPALS, MEMBERS
from features.activity.hourly import HOURLY, fill
from features.activity.off_host import spots
from features.activity.statements import (
    COUNTED,
    MERGED_PLACES,
    PARTIAL_PLACES,
    PRINCIPALS,
    SESSIONS,
    joint,
    prelude,
    touched,
    whole_places,
)
from features.activity.tokens import ACTIVE, LONG, TOKENS
from models.population import CLOSE_MINUTES
from pipeline.detect.mapped import map_table
from pipeline.stores.parquet.events import ParquetEvents

UNSCORED = "('aws_service')"
"""Kinds nobody can steal; their activity is kept, not judged."""


CLOSED = closed_sql(CLOSE_MINUTES)
BATCH: Final = 1 << 18
"""Rows that come from DuckDB together, where there are many."""
MOST_SESSIONS: Final = 50
"""Sessions of a day that are followed: those that showed what is odd first."""
Showing: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]
"""A session, and which of the values (dimension, value) that were asked for it showed, in order."""
_SHOWING: Final = f"""
WITH own AS MATERIALIZED (FROM {{joint}} WHERE principal = $principal AND tick <= $by AND day_of(hour) = $day),
    own_touched AS MATERIALIZED (FROM {{touched}} WHERE principal = $principal AND tick <= $by AND day_of(hour) = $day)
SELECT session, list_sort(list(DISTINCT [dimension, value]))
FROM ({by_session_sql(DIMENSIONS.values(), "own", "own_touched")}) SEMI JOIN odd USING (dimension, value)
GROUP BY session ORDER BY min(tick), session LIMIT {MOST_SESSIONS}
"""


@dataclass(slots=True)
class Delivered:
    """What became known of activity on a day, as Arrow tables (`features.activity`: tokens, hourly, closed)."""

    tokens: pa.Table
    active: pa.Table
    hourly: pa.Table
    closed: pa.Table
    """Hours as they stood when they closed (`features.activity.closed`)."""

    def spend(self, *names: str) -> None:
        """Leave nothing in some tables, which nobody reads any more."""
        for name in names:
            setattr(self, name, getattr(self, name).schema.empty_table())


class Activity:
    """Activity tables of a connection, with the views that everything after them reads.

    Made by `of_events` from the view `events`, or by `of_store` from an activity store's views.

    Parameters
    ----------
    spill
        Folder for files of a day's deliveries, where they are large (`pipeline.detect.mapped`); without it, they are in
        memory.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, timezone: str, lateness_minutes: int, spill: Path | None = None
    ) -> None:
        self.connection = connection
        self.timezone = timezone
        self.lateness_minutes = lateness_minutes
        self.until: datetime | None = None
        """What was delivered later is left out of the tables."""
        self._spill = spill
        self._taken = ["joint", "touched"]
        """Tables that hold what became known on one day at a time."""
        self._taken_by_hour: date | None = None
        """The day whose rows `joint` and `touched` hold in the order of hours."""
        connection.execute("SET timezone = 'UTC'")
        connection.execute(prelude(timezone, lateness_minutes))
        connection.execute(catalogue.prelude(timezone))

    @classmethod
    def of_events(
        cls,
        connection: duckdb.DuckDBPyConnection,
        *,
        timezone: str = "UTC",
        lateness_minutes: int = 15,
        by_tick: bool = False,
        until: datetime | None = None,
        first: date | None = None,
        spill: Path | None = None,
    ) -> Self:
        """Make the tables from the view `events`.

        Parameters
        ----------
        by_tick
            Keep a row a tick, for a replay of deliveries.
        until
            Leave out what was delivered later.
        first
            Leave out calls that became known on earlier days; principals and places are those of all events.
        """
        activity = cls(connection, timezone, lateness_minutes, spill)
        activity.make(by_tick=by_tick, until=until, first=first)
        return activity

    def make(self, *, by_tick: bool, until: datetime | None = None, first: date | None = None) -> None:
        """Make the tables from the view `events` (`of_events`)."""
        self.until = until
        self.count(until)
        statements = {"every_joint": joint(by_tick), "every_touched": touched(by_tick)}
        if first is None:
            self._make(statements)
        else:
            # the same as known_day, but as instants: the day of a zone is slow to find for every event
            begins = datetime.combine(first, time(), ZoneInfo(self.timezone)).astimezone(UTC)
            in_time = begins + timedelta(minutes=self.lateness_minutes)
            late, new = f"TIMESTAMPTZ '{in_time.isoformat()}'", f"TIMESTAMPTZ '{begins.isoformat()}'"
            with self.only(f"delivered_at >= {late} OR event_time >= {new}"):
                self._make(statements)
        self._make({"principals": PRINCIPALS, "places": whole_places(self.everywhere(PARTIAL_PLACES))})
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW sessions AS {SESSIONS}")  # only vectors read it
        self._describe()
        self._fill()

    def count(self, until: datetime | None = None) -> None:
        """Make the view `counted` of the view `events`, as far as they were delivered until a time."""
        self.connection.execute(COUNTED)
        if until is not None:
            instant = until.astimezone(UTC).isoformat()
            self.connection.execute("DROP VIEW IF EXISTS every_counted")
            self.connection.execute("ALTER VIEW counted RENAME TO every_counted")
            self.connection.execute(
                "CREATE OR REPLACE TEMP VIEW counted AS SELECT * FROM every_counted "
                f"WHERE delivered_at <= TIMESTAMPTZ '{instant}'"
            )

    def see(self, events: ParquetEvents, since: datetime, without: Collection[str] = ()) -> None:
        """Make the view `counted` of a store's events since a time, as they were first delivered.

        Segments of the paths in `without` are left out.
        """
        events.view(self.connection, since=since, corrected=False, without=without)
        self.count()

    def everywhere(self, statement: str) -> str:
        """A relation with the rows of a statement over the tables of all; here, one activity has everybody's."""
        return f"({statement})"

    def meet(self, met: str, *, more: bool = False) -> None:
        """Tell whoever counts others where workloads' sessions were met first, by a SELECT of it all, or of what is new
        (`features.activity.off_host.spots`).
        """

    def _make(self, statements: dict[str, str]) -> None:
        for name, statement in statements.items():
            self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {statement}")

    @contextmanager
    def only(self, condition: str, principals: Collection[str] = ()) -> Iterator[None]:
        """For the block, let the view `counted` hold no other events than those of a condition in SQL.

        Where `principals` are given, it need hold no events of others; here it does.
        """
        connection = self.connection
        connection.execute("ALTER VIEW counted RENAME TO whole")
        connection.execute(f"CREATE TEMP VIEW counted AS SELECT * FROM whole WHERE {condition}")
        try:
            yield
        finally:
            connection.execute("DROP VIEW counted")
            connection.execute("ALTER VIEW whole RENAME TO counted")

    @classmethod
    def of_store(
        cls,
        connection: duckdb.DuckDBPyConnection,
        *,
        timezone: str = "UTC",
        lateness_minutes: int = 15,
        earlier: Mapping[str, pa.Table] | None = None,
        spill: Path | None = None,
    ) -> Self:
        """Use the views of an activity store, which hold partial rows by account-day.

        Parameters
        ----------
        earlier
            Who and where of what was known before, by `first_seen`, when the views hold only what is new; of a place
            of before no more is told than a day is judged by.
        """
        activity = cls(connection, timezone, lateness_minutes, spill)
        is_filled = connection.execute("SELECT 1 FROM duckdb_views() WHERE view_name = 'filled'").fetchone()
        activity._taken += ["filled"] if is_filled else []
        for name in (*activity._taken, "places", "principals"):
            connection.execute(f"ALTER VIEW {name} RENAME TO every_{name}")
        for name, table in (earlier or {}).items():
            connection.execute(f"ALTER VIEW every_{name} RENAME TO new_{name}")
            connection.register(f"earlier_{name}", table)
            connection.execute(
                f"CREATE TEMP VIEW every_{name} AS FROM new_{name} UNION ALL BY NAME FROM earlier_{name}"
            )
        connection.execute("CREATE OR REPLACE TEMP VIEW principals AS FROM every_principals")
        connection.execute(f"CREATE OR REPLACE TEMP TABLE places AS {MERGED_PLACES}")
        activity._describe()
        if not is_filled:
            activity._fill()
        return activity

    def _fill(self) -> None:
        """Let `filled` be counted of `joint`, which has a row a tick."""
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW filled AS {fill('joint')}")

    def first_seen(self, day: date) -> dict[str, pa.Table]:
        """Who and where of all that was delivered before a day's training, `principals` and `places`, in order."""
        statements = {"principals": (FIRST_PRINCIPALS, "1"), "places": (FIRST_PLACES, "1, 2")}
        before = f"day_of(delivered - INTERVAL {int(self.lateness_minutes)} MINUTE) < DATE '{day}'"
        return {
            name: self._table(f"FROM ({statement}) WHERE {before} ORDER BY {keys}")
            for name, (statement, keys) in statements.items()
        }

    def _describe(self) -> None:
        self.name_members()
        self._take(date.min)
        self.connection.execute(LONG)

    def name_members(self) -> None:
        """Say of every principal of `principals` what structure says of it."""
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE members AS {MEMBERS}")

    def take(self, day: date) -> None:
        """Make `joint` and `touched` what a day's deliveries showed, in the order of hours, if they are not so."""
        if self._taken_by_hour != day:
            self._take(day + timedelta(days=1), by_hour=True)

    def _take(self, known_on: date, *, by_hour: bool = False) -> None:
        """Make `joint`, `touched` and `filled` what became known on a day, of principals that are judged."""
        self._taken_by_hour = known_on - timedelta(days=1) if by_hour else None
        order = " ORDER BY hour" if by_hour else ""
        for name in self._taken:
            self.connection.execute(
                f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM every_{name} WHERE known_on = $known_on "
                f"AND principal NOT IN (SELECT principal FROM members WHERE kind IN {UNSCORED}){order}",
                {"known_on": known_on},
            )
        self.meet(spots("joint"))

    def days(self) -> list[date]:
        """Days on which anything was delivered, oldest first."""
        rows = self.connection.execute(
            "SELECT DISTINCT CAST(known_on - 1 AS DATE) AS day FROM every_joint ORDER BY day"
        )
        return [row[0] for row in rows.fetchall()]

    def day_of(self, instant: datetime) -> date:
        """The deployment's day of an instant."""
        return instant.astimezone(ZoneInfo(self.timezone)).date()

    def delivered(self, day: date, *, by_hour: bool = False) -> Delivered:
        """What a day's deliveries showed; it is known to the next day's training.

        `by_hour` leaves the day's tables in the order of hours, for who lets it grow (`pipeline.detect.arriving`).
        """
        self._take(date.fromordinal(day.toordinal() + 1), by_hour=by_hour)
        return Delivered(*(self._table(statement) for statement in (TOKENS, ACTIVE, HOURLY, CLOSED)))

    def each(self, days: Iterable[date]) -> Iterator[Delivered]:
        """What each day's deliveries showed, the next one's being made while one is looked at.

        Until all are taken, the connection is at work: use it for nothing else.
        """
        with ThreadPoolExecutor(1) as ahead:
            waiting = iter(days)
            made = [ahead.submit(self.delivered, day) for day in islice(waiting, 1)]
            while made:
                delivered = made.pop().result()
                made += [ahead.submit(self.delivered, day) for day in islice(waiting, 1)]
                yield delivered

    def vectors(self, day: date) -> pa.Table:
        """Vectors of a day's deliveries: one row a principal and hour, one column a feature of the catalogue."""
        self._take(date.fromordinal(day.toordinal() + 1))
        return self._table(catalogue.VECTORS)

    def members(self) -> dict[str, dict[str, Any]]:
        """What structure says of every principal, by key."""
        return {row["principal"]: row for row in self._table("SELECT * FROM members").to_pylist()}

    def list_sessions(
        self, tables: tuple[str, str], odd: Sequence[tuple[str, str]], principal: str, by: datetime, day: date
    ) -> list[Showing]:
        """Sessions of a principal's day that showed some values (dimension, value) by a tick, the first first.

        Of one who opens a session for every call no more than `MOST_SESSIONS` are told.

        Parameters
        ----------
        tables
            Names of the day's `joint` and `touched`, with a row a tick.
        """
        joint, touched = tables
        columns = {"dimension": [name for name, _ in odd], "value": [value for _, value in odd]}
        held = pa.table({name: pa.array(column, pa.string()) for name, column in columns.items()})
        self.connection.register("odd", held)
        try:
            rows = self.connection.execute(
                _SHOWING.format(joint=joint, touched=touched), {"principal": principal, "by": by, "day": day}
            ).fetchall()
        finally:
            self.connection.unregister("odd")
        return [(str(session), tuple((dimension, value) for dimension, value in values)) for session, values in rows]

    def _table(self, statement: str) -> pa.Table:
        found = self.connection.sql(statement)
        if self._spill is not None:
            return map_table(found.to_arrow_reader(BATCH), self._spill)
        table: pa.Table = found.to_arrow_table()
        return table

"""Days counted once: events by hour, calls by place, of all accounts. What is asked of weeks then reads no event.

A day's counts are kept beside the key of the segments they were counted of, and counted again where those are others.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import duckdb

from features.times.day import day_number
from features.times.instant import DAY
from pipeline.stores.home import Store
from pipeline.stores.parquet.prepared import Found, Prepared, make_key
from pipeline.stores.parquet.segment import Segment
from pipeline.stores.parquet.view import parquet

VERSION: Final = "1"
"""Of the statements below."""
HOURS: Final = """
SELECT date_trunc('hour', event_time) AS hour, count(*) AS events,
    count(DISTINCT principal) FILTER (kind = 'human') AS people, min(event_time) AS first, max(event_time) AS last
FROM events GROUP BY 1
"""
"""A row an hour (UTC) in which anything happened."""
PLACES: Final = """
SELECT principal, principal_name, kind, address_kind, country, network, organisation, asn, count(*) AS events,
    min(event_time) AS first, max(event_time) AS last
FROM events
WHERE address_kind IN ('public', 'private', 'vpc_endpoint') AND NOT starts_with(agent, 'service:')
GROUP BY ALL
"""
"""A row a principal and place; calls that a service made on somebody's behalf come from nowhere."""
STATEMENTS: Final = {"hours": HOURS, "placed": PLACES}
_PREFIX: Final = "day-"
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Counted:
    """Which days are counted."""

    days: list[date] = field(default_factory=list)
    """Those whose counts are in the views, oldest first."""
    behind: list[date] = field(default_factory=list)
    """Of these, the ones of which more came since."""
    missing: list[date] = field(default_factory=list)
    """Days with events that nobody has counted."""


def view_counts(
    store: Store, connection: duckdb.DuckDBPyConnection, reading: duckdb.DuckDBPyConnection, days: int, most: int
) -> Counted:
    """Register the views `hours` and `placed` (`STATEMENTS`) of the last days that there are.

    Parameters
    ----------
    reading
        A connection that counts what is not counted.
    days
        So many, which end with the last that has events.
    most
        Events that are counted now, at most; the newest days first. The others are as they were, or missing.
    """
    prepared = Prepared(store.home)
    found: dict[date, Found] = {}
    told = Counted()
    for day, segments in reversed(list_days(store, days).items()):
        name, key = f"{_PREFIX}{day}", _key(segments)
        there, rows = prepared.find(name, key), sum(segment.rows for segment in segments)
        if (there is None or not there.fresh) and rows <= most:
            most -= rows
            count_day(store, reading, day, key)
            there = prepared.find(name, key)
        if there is None:
            told.missing.insert(0, day)
            continue
        found[day] = there
        told.days.insert(0, day)
        if not there.fresh:
            told.behind.insert(0, day)
    _view(store, connection, list(found.values()))
    return told


def count_missing(store: Store, reading: duckdb.DuckDBPyConnection, days: int) -> int:
    """Count every one of the last days that is not counted as it is now, the newest first; return how many."""
    prepared, counted = Prepared(store.home), 0
    every = list_days(store, days)
    for day, segments in reversed(every.items()):
        there = prepared.find(f"{_PREFIX}{day}", _key(segments))
        if there is None or not there.fresh:
            count_day(store, reading, day, _key(segments))
            counted += 1
    prepared.keep(_PREFIX, [f"{_PREFIX}{day}" for day in every])
    return counted


def count_day(store: Store, reading: duckdb.DuckDBPyConnection, day: date, key: str) -> None:
    """Count a day, and keep it by a key."""
    start = datetime.combine(day, time(), UTC)
    store.events.view(reading, since=start, until=start + timedelta(days=1))
    tables = ((name, reading.sql(statement).to_arrow_table()) for name, statement in STATEMENTS.items())
    Prepared(store.home).put(f"{_PREFIX}{day}", key, tables)


def list_days(store: Store, days: int) -> dict[date, list[Segment]]:
    """Segments of the last days that have events, oldest day first."""
    found: dict[date, list[Segment]] = {}
    last = max((date.fromisoformat(held.last) for held in store.events.accounts()), default=None)
    if last is None:
        return found
    first = last - timedelta(days=days - 1)
    for segment in store.manifest.live("events", since=day_number(first) * DAY):
        if segment.day >= str(first):
            found.setdefault(date.fromisoformat(segment.day), []).append(segment)
    return dict(sorted(found.items()))


def _key(segments: Sequence[Segment]) -> str:
    return make_key([VERSION, *STATEMENTS.values(), *sorted(segment.path for segment in segments)])


def _view(store: Store, connection: duckdb.DuckDBPyConnection, found: Sequence[Found]) -> None:
    if not found:
        store.events.view(connection, since=_NEVER, until=_NEVER)
    for table, statement in STATEMENTS.items():
        rows = f"SELECT * FROM {parquet([each.path(table) for each in found])}" if found else statement
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {table} AS {rows}")

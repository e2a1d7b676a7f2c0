"""Activity of a home's last days, for reports: which days those are, and its tables as views."""

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import duckdb

from features.activity.statements import STATEMENTS
from features.times.day import day_number
from features.times.instant import DAY
from pipeline.connection import connect
from pipeline.errors import NoHistoryError
from pipeline.settings import Settings
from pipeline.stores.home import Store
from pipeline.stores.parquet.activity import PREFIX
from pipeline.stores.parquet.view import parquet

AROUND: Final = timedelta(days=1)
"""An account-day is one of UTC, and a day of the deployment's zone lies in two of them."""

_MEMORY: Final = 256_000_000


def last_days(store: Store, settings: Settings, days: int, last: date | None = None) -> tuple[date, date]:
    """The first and the last of so many days that end with the last one of activity, in the deployment's time zone.

    Where a day is given as `last`, they end with that.

    Raises
    ------
    NoHistoryError
        Nothing was ingested, or no activity was made of it yet; says which command does it.
    """
    if days < 1:
        raise ValueError(f"days is {days}: give 1 or more")
    known = store.activity.days()
    if not known:
        if not store.events.accounts():
            raise NoHistoryError(f"{store.home} holds no event yet: `oddtrail ingest PATH` reads log files into it")
        raise NoHistoryError(f"{store.home} was not scored yet: `oddtrail train`, then `oddtrail score`")
    if last is None:
        last = _find_last(store, settings, max(day for _, day in known))
    return last - timedelta(days=days - 1), last


def _find_last(store: Store, settings: Settings, newest: date) -> date:
    """The day of the newest hour, of the newest account-days."""
    since = day_number(newest) * DAY
    paths = [str(store.home / segment.path) for segment in store.manifest.live(f"{PREFIX}joint", since=since)]
    return _read_last(tuple(sorted(paths)), settings.timezone) or newest


@lru_cache(maxsize=64)
def _read_last(paths: tuple[str, ...], timezone: str) -> date | None:
    """The day of the newest hour in files of `joint`; a file never changes, so it is asked once."""
    if not paths:
        return None
    with connect(1, _MEMORY) as reading:
        reading.execute("SET timezone = 'UTC'")
        sql = f"SELECT CAST(timezone($timezone, max(hour)) AS DATE) FROM {parquet(paths)}"
        found = reading.execute(sql, {"timezone": timezone}).fetchone()
    return found[0] if found else None


def view_activity(
    connection: duckdb.DuckDBPyConnection, store: Store, first: date, last: date, around: timedelta = AROUND
) -> None:
    """Make views of activity's tables, each with `every_` before its name, of account-days in and around some days."""
    connection.execute("SET timezone = 'UTC'")
    store.activity.view(connection, since=first - around, until=last + timedelta(days=1) + around)
    for kind in STATEMENTS:
        connection.execute(f"DROP VIEW IF EXISTS every_{kind}")
        connection.execute(f"ALTER VIEW {kind} RENAME TO every_{kind}")

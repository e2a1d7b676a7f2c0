"""The population's tables, made once of what a home holds and kept for who asks.

To make the hours of activity takes seconds a day of it, so those are kept by themselves, as often as activity is
another: once a night. Scores and alerts come each hour, and what is made of them and of the hours again takes seconds.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial
from typing import Final, NamedTuple

import duckdb
import pyarrow as pa

from pipeline.reports.activity_days import last_days
from pipeline.reports.scored_hours import DAYS, TABLES, take_hours, take_population
from pipeline.settings import Settings
from pipeline.stores.alert import Alert
from pipeline.stores.home import Store
from pipeline.stores.parquet.hour_scores import FOLDER
from pipeline.stores.parquet.prepared import Prepared, make_key
from pipeline.stores.parquet.view import parquet

KEPT: Final = {
    "principals": "principal", "hours": "principal, hour", "scores": "principal, hour", "incidents": "principal, day",
    "keys": "key", "totals": "principal", "spreads": "peers, measure, value",
}  # fmt: skip
"""What is kept, and by what it is sorted: of a file no more than what is asked for and its neighbours are read."""
GROUP: Final = 8_192
"""Rows that are read for a principal at least."""
_PREFIX: Final = "population"
VERSION: Final = "3"
"""Of how they are made."""
NAME: Final = f"{_PREFIX}-{make_key([VERSION, TABLES])[:12]}"
"""Another one whenever the tables are others: what another version made of a home is no older one of these."""
MADE_NOW: Final = 60_000
"""Rows of activity of which they are made while somebody waits, at most: about a second."""
_HOURS: Final = f"hours-{make_key([VERSION, TABLES])[:12]}"
_OF_ACTIVITY: Final = {"hours": "principal, hour", "members": "principal"}
Alerts = Callable[[date, date], Iterable[Alert]]
"""The alerts of the days from one to another."""


class Kept(NamedTuple):
    """What the tables are about."""

    first: date
    last: date
    fresh: bool
    """Whether they are made of all that there is now."""


def view_population(
    store: Store, settings: Settings, connection: duckdb.DuckDBPyConnection, alerts: Alerts, most: int
) -> Kept | None:
    """Register the tables of `pipeline.reports.scored_hours` as views; None where they are yet to be made.

    Parameters
    ----------
    most
        Rows of activity of which they are made now, if they are not there as they should be.

    Raises
    ------
    NoHistoryError
        Nothing was scored; says which command does it.
    """
    first, last = last_days(store, settings, DAYS)
    prepared, key = Prepared(store.home), _key(store, settings, first, last)
    found = prepared.find(NAME, key)
    if (found is None or not found.fresh) and _count_rows(store, first) <= most:
        keep_population(store, settings, alerts)
        found = prepared.find(NAME, key)
    if found is None:
        return None
    for table in KEPT:
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {table} AS SELECT * FROM {parquet([found.path(table)])}")
    return Kept(first, last, found.fresh)


def keep_population(store: Store, settings: Settings, alerts: Alerts) -> bool:
    """Make the tables if they are not there as they should be; whether they were made."""
    first, last = last_days(store, settings, DAYS)
    prepared, key = Prepared(store.home), _key(store, settings, first, last)
    found = prepared.find(NAME, key)
    if found is not None and found.fresh:
        return False
    made = partial(_keep_hours, store, settings, first, last)
    with take_population(store, settings, DAYS, alerts=alerts, made=made) as tables:
        prepared.put(NAME, key, _list_sorted(tables, KEPT), GROUP)
    prepared.keep(_PREFIX, [NAME])
    return True


def _keep_hours(store: Store, settings: Settings, first: date, last: date) -> dict[str, str]:
    """Make what scores and alerts do not change, if it is not there as it should be; relations by table."""
    prepared, key = Prepared(store.home), _key_of_activity(store, settings, first, last)
    found = prepared.find(_HOURS, key)
    if found is None or not found.fresh:
        with take_hours(store, settings, first, last) as tables:
            prepared.put(_HOURS, key, _list_sorted(tables, _OF_ACTIVITY))
        prepared.keep("hours-", [_HOURS])
        found = prepared.find(_HOURS, key)
        assert found is not None
    return {table: parquet([found.path(table)]) for table in _OF_ACTIVITY}


def _list_sorted(tables: duckdb.DuckDBPyConnection, orders: dict[str, str]) -> Iterator[tuple[str, pa.Table]]:
    return ((table, tables.sql(f"FROM {table} ORDER BY {by}").to_arrow_table()) for table, by in orders.items())


def _key(store: Store, settings: Settings, first: date, last: date) -> str:
    """Another text whenever activity, scores or alerts of the days are others."""
    files = [store.alerts.path, *(store.home / FOLDER).glob("*.parquet")]
    stats = [(path.name, path.stat()) for path in sorted(files) if path.exists()]
    written = (f"{name} {found.st_size} {found.st_mtime_ns}" for name, found in stats)
    return make_key([_key_of_activity(store, settings, first, last), *written])


def _key_of_activity(store: Store, settings: Settings, first: date, last: date) -> str:
    activity = (
        f"{account} {day} {version}" for (account, day), version in store.activity.versions().items() if day >= first
    )
    return make_key([settings.timezone, str(settings.lateness_minutes), str(last), *activity])


def _count_rows(store: Store, first: date) -> int:
    return sum(segment.rows for segment in store.manifest.every("activity/joint") if segment.day >= str(first))

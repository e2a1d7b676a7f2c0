"""Activity arranged for who asks about one principal: of a day one file a table, sorted by principal.

Activity has a file an account and day, and a principal's weeks would open them all. A day that was not arranged, or of
which more came since, is read as it lies: the rows are the same.
"""

from datetime import date, timedelta
from typing import Final

import duckdb

from features.times.day import day_number
from features.times.instant import DAY
from pipeline.reports.activity_days import AROUND
from pipeline.stores.home import Store
from pipeline.stores.parquet.activity import PREFIX
from pipeline.stores.parquet.prepared import Prepared, make_key
from pipeline.stores.parquet.view import parquet

VERSION: Final = "1"
"""Of how a day is arranged."""
KINDS: Final = {
    "joint": "principal, hour",
    "touched": "principal, hour",
    "principals": "principal",
    "sessions": "principal",
    "places": "prefix",
}
"""Tables that are arranged, each in its order."""
GROUP: Final = 32_768
"""Rows that are read for a principal at least."""
_NAME: Final = "who-"
_Files = dict[str, dict[str, list[str]]]


def view_days(connection: duckdb.DuckDBPyConnection, store: Store, first: date, last: date) -> None:
    """Make the views of `pipeline.reports.activity_days.view_activity` of the tables in `KINDS`."""
    connection.execute("SET timezone = 'UTC'")
    prepared, read = Prepared(store.home), {kind: list[str]() for kind in KINDS}
    for day, tables in _list_files(store, first - AROUND, last + timedelta(days=1) + AROUND).items():
        there = prepared.find(f"{_NAME}{day}", _make_key(tables))
        for kind, paths in tables.items():
            read[kind] += [there.path(kind)] if there and there.fresh else [str(store.home / path) for path in paths]
    examples = dict(store.manifest.examples(PREFIX + "*"))
    for kind, paths in read.items():
        example = examples[PREFIX + kind]
        rows = parquet(paths) if paths else f"{parquet([str(store.home / example)])} WHERE false"
        connection.execute(f"CREATE OR REPLACE TEMP VIEW every_{kind} AS SELECT * FROM {rows}")


def keep_days(store: Store, reading: duckdb.DuckDBPyConnection, days: int) -> int:
    """Arrange the last days of activity that are not as they should be, the newest first; return how many were."""
    known = store.activity.days()
    if not known:
        return 0
    last = max(day for _, day in known)
    prepared, arranged = Prepared(store.home), 0
    every = _list_files(store, last - timedelta(days=days - 1), last + timedelta(days=1))
    for day, tables in sorted(every.items(), reverse=True):
        name, key = f"{_NAME}{day}", _make_key(tables)
        there = prepared.find(name, key)
        if there is not None and there.fresh:
            continue
        made = {
            kind: reading.sql(
                f"FROM {parquet([str(store.home / path) for path in paths])} ORDER BY {KINDS[kind]}"
            ).to_arrow_table()
            for kind, paths in tables.items()
        }
        prepared.put(name, key, made, GROUP)
        arranged += 1
    prepared.keep(_NAME, [f"{_NAME}{day}" for day in every])
    return arranged


def _list_files(store: Store, since: date, until: date) -> _Files:
    """Files of activity by day in [since, until) and table, below the home."""
    found: _Files = {}
    for kind in KINDS:
        for segment in store.manifest.live(PREFIX + kind, since=day_number(since) * DAY, until=day_number(until) * DAY):
            found.setdefault(segment.day, {}).setdefault(kind, []).append(segment.path)
    return found


def _make_key(tables: dict[str, list[str]]) -> str:
    return make_key([VERSION, *sorted(path for paths in tables.values() for path in paths)])

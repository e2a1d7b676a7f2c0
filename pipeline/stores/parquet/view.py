"""The DuckDB view `events` over a list of Parquet segments, as SQL text.

A record that corrects an earlier one (`patches`) is not a row of the view: its values stand in the row of the
original, which keeps its id and time and carries the flag `updated`. Nothing stored is rewritten for it, so it does
not matter which of the two came first. A replay of deliveries asks for the rows as they were first delivered instead:
what came later must not change what was known before.
"""

from collections.abc import Sequence
from datetime import datetime

from features.normalise.event import EVENT, Column
from pipeline.ingest.set_aside import ASIDE
from pipeline.stores.parquet.schema import SHAPE

SQL_TYPES = {
    "string": "VARCHAR",
    "bool": "BOOLEAN",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "double": "DOUBLE",
    "timestamp": "TIMESTAMPTZ",
    "strings": "VARCHAR[]",
    "binary": "BLOB",
}
"""DuckDB's types, by the event schema's."""
_OF_THE_ORIGINAL = {"event_id", "shared_event_id", "event_time", "delivered_at", "account", "category", "patches"}
_EMPTY = {"string": "''", "strings": "[]"}

COLUMNS = ", ".join(f'"{column.name}"' for column in EVENT)


def literal(text: str) -> str:
    """Text as a SQL literal.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def parquet(paths: Sequence[str]) -> str:
    """The rows of some Parquet files; their folders' names are not columns."""
    return f"read_parquet([{', '.join(map(literal, paths))}], hive_partitioning = false)"


def segments_sql(paths: Sequence[str], *, filename: bool = False) -> str:
    """SELECT of the rows of some segments, by any columns that they have.

    Those that say by their names that they have today's columns are read as they are: to compare the columns of all
    before anything is read takes longer than reading them.

    Parameters
    ----------
    filename
        With the file of each row, in a column of that name.
    """
    today = [path for path in paths if path.endswith(f"-{SHAPE}.parquet")]
    older = [path for path in paths if not path.endswith(f"-{SHAPE}.parquet")]
    options = f"hive_partitioning = false, filename = {str(filename).lower()}"
    parts = [(today, options), (older, f"{options}, union_by_name = true")]
    return " UNION ALL BY NAME ".join(
        f"SELECT * FROM read_parquet([{', '.join(map(literal, files))}], {how})" for files, how in parts if files
    )


def _stored(paths: Sequence[str]) -> str:
    """The events of some segments; a column that was unknown when a segment was written is null."""
    return f"({segments_sql(paths)} UNION ALL BY NAME {_nothing(EVENT)})"


def instant(time: datetime) -> str:
    """An instant as a SQL literal that no session's time zone changes."""
    if time.tzinfo is None:
        raise ValueError(f"{time!r} has no time zone; say which, for instance UTC")
    return f"TIMESTAMPTZ {literal(time.isoformat())}"


def events_sql(
    paths: Sequence[str],
    correcting: Sequence[str] = (),
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    accounts: Sequence[str] | None = None,
    corrected: bool = True,
    arrived: str = "",
    only: str = "",
) -> str:
    """Statement that makes the temporary view `events`.

    Parameters
    ----------
    paths
        Segments that may hold the rows.
    correcting
        Segments that hold records which correct others.
    since, until
        Event time, half-open.
    accounts
        Only these.
    corrected
        With corrections in the rows they correct; else each event as it was first delivered.
    arrived
        Table of files that came later than their names say; their events were delivered then.
    only
        Condition on rows, in SQL (`pipeline.stores.parquet.drilled`).
    """
    where = []
    if since is not None:
        where.append(f"event_time >= {instant(since)}")
    if until is not None:
        where.append(f"event_time < {instant(until)}")
    if accounts is not None:
        where.append(f"account IN ({', '.join(map(literal, accounts)) or 'NULL'})")
    if only:
        where.append(only)
    stored = _known_since(paths, arrived)
    if not paths:
        body = _nothing(EVENT)
    elif not correcting:
        body = f"SELECT {COLUMNS} FROM {stored}"
    elif corrected:
        body = corrected_sql(stored, _known_since(correcting, arrived))
    else:
        body = _as_delivered(stored)
    suffix = f" WHERE {' AND '.join(where)}" if where else ""
    return f"CREATE OR REPLACE TEMP VIEW events AS {body}{suffix}"


def asides_sql(kind: str, paths: Sequence[str]) -> str:
    """Statement that makes the temporary view of records that are no event, named as their kind.

    >>> asides_sql("other", ["a.parquet"])
    "CREATE OR REPLACE TEMP VIEW other AS SELECT * FROM read_parquet(['a.parquet'], hive_partitioning = false)"
    """
    return f"CREATE OR REPLACE TEMP VIEW {kind} AS {f'SELECT * FROM {parquet(paths)}' if paths else _nothing(ASIDE)}"


def _nothing(columns: Sequence[Column]) -> str:
    """No row of these columns."""
    nothing = ", ".join(f'NULL::{SQL_TYPES[column.type]} AS "{column.name}"' for column in columns)
    return f"SELECT * FROM (SELECT {nothing} WHERE false)"


def _known_since(paths: Sequence[str], arrived: str) -> str:
    """The rows of some files, each delivered when it could be known."""
    if not arrived:
        return _stored(paths)
    return (
        f"(SELECT one.* REPLACE (greatest(one.delivered_at, {arrived}.at) AS delivered_at) "
        f"FROM {_stored(paths)} AS one LEFT JOIN {arrived} ON one.file = {arrived}.file)"
    )


def corrected_sql(stored: str, correcting: str, columns: Sequence[Column] = EVENT, by: Sequence[str] = ()) -> str:
    """SELECT of events, each with what corrects it in its row.

    Parameters
    ----------
    stored
        Relation of events and corrections.
    correcting
        Relation that holds the corrections; of several of one event the last delivered counts.
    columns
        Those that are given and selected.
    by
        Columns beside them that tell where an event lies; a correction is put there.
    """
    names = ", ".join(f'"{name}"' for name in (*by, *(column.name for column in columns)))
    where = "".join(f'coalesce(o."{name}", c."{name}") AS "{name}", ' for name in by)
    merged = where + ", ".join(f'{_merged(column.name, column.type)} AS "{column.name}"' for column in columns)
    return f"""SELECT * FROM (
WITH correction AS (
    SELECT {names} FROM {correcting} WHERE patches <> ''
    QUALIFY row_number() OVER (PARTITION BY patches ORDER BY delivered_at DESC, event_id DESC) = 1
), stored AS (SELECT {names} FROM {stored} WHERE patches = '')
SELECT * FROM stored ANTI JOIN correction ON stored.event_id = correction.patches
UNION ALL
SELECT {merged} FROM correction c LEFT JOIN stored o ON o.event_id = c.patches
)"""


def _as_delivered(stored: str) -> str:
    """Of an event and its corrections the delivery that came first."""
    own_id = "coalesce(nullif(patches, ''), event_id)"
    return f"""SELECT * FROM (
WITH delivered AS (SELECT {COLUMNS} FROM {stored})
SELECT * REPLACE ({own_id} AS event_id, '' AS patches) FROM delivered
QUALIFY row_number() OVER (PARTITION BY {own_id} ORDER BY delivered_at, delivered.event_id) = 1
)"""


def _merged(name: str, kind: str) -> str:
    """What the correction says, and the original's value where it says nothing."""
    if name == "event_id":
        return "c.patches"
    if name == "patches":
        return "''"
    if name == "flags":
        return "list_sort(list_distinct(coalesce(o.flags, []) || c.flags || ['updated']))"
    if name in _OF_THE_ORIGINAL:
        return f"coalesce(o.{name}, c.{name})"
    if kind in _EMPTY:
        return f'coalesce(nullif(c."{name}", {_EMPTY[kind]}), o."{name}", c."{name}")'
    return f'coalesce(c."{name}", o."{name}")'

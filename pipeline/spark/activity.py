"""Activity of many account-days at once, by the SQL of one machine in Spark's dialect, put into a shared place."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from features.activity.statements import COUNTED, STATEMENTS, prelude
from features.normalise.event import EVENT
from pipeline.shared.listing import file_name, pack
from pipeline.spark.columns import ACCOUNT_DAY
from pipeline.spark.groups import in_groups
from pipeline.spark.sql_texts import run_sql
from pipeline.spark.work import shared_place
from pipeline.stores.parquet.schema import arrow_schema

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_PUT: Final = "`account_day` string, `name` string, `digest` string, `rows` bigint, `calls` bigint"


class Put(NamedTuple):
    """A table of an account-day that was put into the place."""

    key: str
    name: str
    digest: str
    rows: int
    calls: int


def tables(events: DataFrame, timezone: str, lateness_minutes: int) -> dict[str, DataFrame]:
    """The tables of activity by name, each with the account-day before its columns.

    Parameters
    ----------
    events
        Collapsed, with corrections in their rows; what is no event of its account-day's is left out.
    """
    own = events.where(
        "account = split_part(account_day, '/', 1) AND date_format(event_time, 'yyyy-MM-dd') = "
        "split_part(account_day, '/', 2)"
    )
    counted = run_sql("counted", events=own)
    given = {"timezone": timezone, "lateness": lateness_minutes}
    return {name: run_sql(name, given, counted=counted) for name in STATEMENTS}


def put_tables(
    made: Mapping[str, DataFrame], keys: Sequence[str], place: str, schemas: Mapping[str, pa.Schema]
) -> list[Put]:
    """Put the tables of some account-days into a place; those of which nothing came as well, empty.

    Parameters
    ----------
    schemas
        Of each table, as DuckDB makes it (`table_schemas`).
    """
    putting = [
        in_groups(frame, [ACCOUNT_DAY], schemas[name].names, _Putting(place, name, schemas[name]), _PUT)
        for name, frame in made.items()
    ]
    done = [Put(*row) for row in reduce(lambda one, other: one.unionByName(other), putting).collect()]
    there = {(one.key, one.name) for one in done}
    for name, schema in schemas.items():
        putter = _Putting(place, name, schema)
        done += [putter.put(key, schema.empty_table()) for key in keys if (key, name) not in there]
    return done


class _Putting:
    """Puts the table of an account-day into a place; it is carried to other machines."""

    def __init__(self, place: str, name: str, schema: pa.Schema) -> None:
        self._place, self._name, self._schema = place, name, schema

    def __call__(self, rows: pa.Table) -> pa.Table:
        key = str(rows.column(ACCOUNT_DAY)[0].as_py())
        put = self.put(key, rows.select(self._schema.names).cast(self._schema))
        return pa.table({ACCOUNT_DAY: [put.key], **{name: [getattr(put, name)] for name in Put._fields[1:]}})

    def put(self, key: str, table: pa.Table) -> Put:
        """Put one table; its name holds its content's hash, so that to put it again is harmless."""
        content = pack(table.combine_chunks())
        digest = hashlib.sha256(content).hexdigest()
        shared_place(self._place).put(file_name(key, self._name, digest), content)
        calls: Any = pc.sum(table.column("calls")).as_py() if "calls" in table.column_names else 0
        return Put(key, self._name, digest, table.num_rows, int(calls or 0))


def table_schemas(timezone: str, lateness_minutes: int) -> dict[str, pa.Schema]:
    """The Arrow schema of each table, as DuckDB makes it of no events.

    >>> table_schemas("UTC", 15)["sessions"].names
    ['session', 'principal', 'session_start', 'session_class', 'mfa', 'first', 'last']
    """
    with duckdb.connect() as connection:
        connection.execute("SET timezone = 'UTC'")
        connection.execute(prelude(timezone, lateness_minutes))
        connection.register("events", arrow_schema(EVENT).empty_table())
        connection.execute(COUNTED)
        return {name: connection.sql(text).to_arrow_table().schema for name, text in STATEMENTS.items()}

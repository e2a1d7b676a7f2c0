"""Of the deliveries of an event keep the earliest, and what says something else under its id by an id of its own.

As on one machine (`pipeline.stores.parquet.duplicates`), within an account-day. Hardly any id comes twice: only those
that do are compared, and a record's bytes are read only of ids whose deliveries are not all the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from features.normalise.event import Column
from pipeline.spark.columns import ACCOUNT_DAY, CONTENT, DELIVERED, RAW, ROW, SHARED, WHOLE, spark_schema
from pipeline.spark.groups import in_groups
from pipeline.stores.parquet.clashes import FLAG, Claim, settle

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_ID: Final = [ACCOUNT_DAY, SHARED]
Read = Callable[[Sequence[Column]], "DataFrame"]
"""Reads some columns of all rows."""


def collapse(read: Read) -> tuple[DataFrame, bool]:
    """The events of some account-days, of all their deliveries; and whether any of these had to be left out or named.

    Parameters
    ----------
    read
        Called more than once: to read again takes less than to shuffle everything.
    """
    from pyspark.sql import Window
    from pyspark.sql import functions as sql

    rows, thin = read(ROW), read([column for column in ROW if column.name in (*_ID, CONTENT)])
    met = thin.groupBy(*_ID).agg(
        sql.count(sql.lit(1)).alias("met"), sql.min(CONTENT).alias("a"), sql.max(CONTENT).alias("b")
    )
    again = met.where("met > 1").select(*_ID, (sql.col("a") != sql.col("b")).alias("unlike")).cache()
    found = {row["unlike"]: row["count"] for row in again.groupBy("unlike").count().collect()}
    if not found:
        return rows, False  # as nearly always
    nth = sql.row_number().over(Window.partitionBy(*_ID).orderBy(*DELIVERED))
    alike = rows.join(again.where("NOT unlike"), _ID, "left_semi").withColumn("nth", nth)
    events = rows.join(again, _ID, "left_anti").unionByName(alike.where("nth = 1").drop("nth"))
    if not found.get(True):
        return events, True
    claims = read(WHOLE).join(again.where("unlike"), _ID, "left_semi")
    return events.unionByName(in_groups(claims, _ID, DELIVERED, settle_claims, spark_schema(ROW))), True


def settle_claims(claims: pa.Table) -> pa.Table:
    """The rows that stay of those that bear one id, the earliest first; without their bytes."""
    event_id = str(claims.column(SHARED)[0].as_py())
    raws: list[Any]
    raws, patches = claims.column(RAW).to_pylist(), claims.column("patches").to_pylist()
    made = [Claim(at, raw, bool(patch)) for at, (raw, patch) in enumerate(zip(raws, patches, strict=True))]
    kept = [(claim.row, name) for claim, name, again in settle(event_id, made) if not again]
    rows = claims.take([at for at, _ in kept]).select([column.name for column in ROW])
    flags = [[*(held or []), *([FLAG] if name != event_id else [])]
             for held, (_, name) in zip(rows.column("flags").to_pylist(), kept, strict=True)]  # fmt: skip
    columns: dict[str, Any] = {
        "event_id": pa.array([name for _, name in kept], pa.string()),
        "flags": pa.array(flags, pa.list_(pa.string())),
    }
    return pa.table({name: columns.get(name, rows.column(name)) for name in rows.column_names})

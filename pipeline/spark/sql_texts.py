"""The statements of activity in Spark's dialect, as `scripts/make_spark_sql.py` wrote them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@cache
def read_sql(name: str) -> str:
    """A statement by its name: a table's, `counted` or `corrected`.

    >>> "UNION ALL" in read_sql("counted")
    True
    """
    return (files("pipeline.spark") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def run_sql(name: str, given: Mapping[str, Any] = MappingProxyType({}), **relations: DataFrame) -> DataFrame:
    """What a statement selects of some relations.

    Parameters
    ----------
    given
        The statement's parameters.
    """
    spark = next(iter(relations.values())).sparkSession
    for view, frame in relations.items():
        frame.createOrReplaceTempView(view)
    selected = spark.sql(read_sql(name), args=dict(given))
    for view in relations:
        spark.catalog.dropTempView(view)
    return selected

"""Counts of all files that were read, each content once, and which files are copies of an earlier one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from pipeline.spark.rows import each_number, numbers_of
from pipeline.spark.sink import UNREAD_TOLD
from pipeline.spark.work import Done, get_done, shared_place
from pipeline.stores.parquet.losses import FILE_DIGITS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_TOGETHER: Final = 64
"""Tasks whose notes are read by one of Spark's tasks."""
_COUNTS: Final = ("records", "events", "set_aside", "repaired", "other")
_SCHEMA: Final = ", ".join(["`digest` string", "`rank` string", *(f"`{name}` bigint" for name in _COUNTS)])


@dataclass
class Totals:
    """Counts of what was read: records = events + set_aside + other, always."""

    files: int = 0
    copies: int = 0
    """Files whose content came before."""
    records: int = 0
    events: int = 0
    """Records that became events; further deliveries of one are counted too."""
    set_aside: int = 0
    other: int = 0
    """Records that are no call."""
    repaired: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    """Why records were set aside."""
    passed_over: Counter[str] = field(default_factory=Counter)
    """Files that are none of CloudTrail's records, by what they are."""
    not_logs: int = 0
    unread: list[str] = field(default_factory=list)
    """Some of the files that could not be read, with the reason."""

    def add_done(self, done: Done) -> None:
        """Add what a task told beside its files."""
        self.reasons.update(done.reasons)
        self.passed_over.update(done.passed_over)
        self.not_logs += done.not_logs
        self.copies += done.copies
        self.unread = (self.unread + done.unread)[:UNREAD_TOLD]

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "files": self.files,
            "copies": self.copies,
            "records": self.records,
            "events": self.events,
            "set_aside": self.set_aside,
            "other": self.other,
            "repaired": self.repaired,
            "reasons": dict(sorted(self.reasons.items())),
            "passed_over": dict(sorted(self.passed_over.items())),
            "not_logs": self.not_logs,
            "unread": self.unread,
        }


def read_totals(spark: SparkSession, place: str, tasks: Sequence[str]) -> tuple[dict[str, str], Totals]:
    """Of files whose content comes more than once, by the digits that rows carry, the least rank; and the counts."""
    from pyspark.sql import functions as sql

    if not tasks:
        return {}, Totals()
    groups = [tasks[start : start + _TOGETHER] for start in range(0, len(tasks), _TOGETHER)]
    files = each_number(spark, len(groups)).mapInArrow(_ReadDone(place, groups), _SCHEMA)
    each = files.groupBy("digest").agg(
        sql.count(sql.lit(1)).alias("met"), sql.min("rank").alias("first"),
        *(sql.min_by(name, "rank").alias(name) for name in _COUNTS),
    ).cache()  # fmt: skip
    sums = each.agg(sql.count(sql.lit(1)).alias("files"), sql.sum(sql.col("met") - 1).alias("copies"),
                    *(sql.sum(name).alias(name) for name in _COUNTS)).first()  # fmt: skip
    first = {row["digest"][:FILE_DIGITS]: row["first"] for row in each.where("met > 1").collect()}
    each.unpersist()
    totals = Totals()
    for name, value in (sums.asDict() if sums else {}).items():
        setattr(totals, name, int(value or 0))
    return first, totals


class _ReadDone:
    """Reads what tasks noted of their files, where Spark has it read."""

    def __init__(self, place: str, groups: Sequence[Sequence[str]]) -> None:
        self._place, self._groups = place, groups

    def __call__(self, numbers: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        place = shared_place(self._place)
        for batch in numbers:
            for number in numbers_of(batch):
                for task in self._groups[number]:
                    files = get_done(place, task).files
                    columns: list[Any] = [
                        pa.array([file.digest for file in files], pa.string()),
                        pa.array([file.rank for file in files], pa.string()),
                        *(pa.array([getattr(file, name) for file in files], pa.int64()) for name in _COUNTS[:-1]),
                        pa.array([sum(file.other.values()) for file in files], pa.int64()),
                    ]
                    yield pa.record_batch(columns, ["digest", "rank", *_COUNTS])

"""The decoded records of the work area as a frame of Spark's."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from features.normalise.event import Column
from pipeline.shared.place import PlaceError
from pipeline.spark.columns import RANK, spark_schema
from pipeline.spark.work import EVENTS, Part, shared_place

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_TOGETHER: Final = 8 << 20
"""Bytes of work files, which are compressed and hold the records' bytes, that are read by one of Spark's tasks."""
_BATCH: Final = 10_000
"""Rows that are handed over at once."""
_MOST: Final = 4 << 30
_FILE: Final = ("file", RANK)
_PART_ROWS: Final = 200_000
"""Rows of a file of events."""
_PUT: Final = "`name` string, `bytes` bigint"


def read_rows(
    spark: SparkSession,
    place: str,
    parts: Iterable[Part],
    columns: Sequence[Column],
    first: Mapping[str, str] = MappingProxyType({}),
) -> DataFrame:
    """Some columns of all rows of some work files.

    Parameters
    ----------
    first
        Of files whose content comes more than once, by the digits that rows carry, the rank of the one that is read.
    """
    groups = share_out([(part.name, part.bytes) for part in parts], _TOGETHER)
    reading = _Reading(place, groups, [column.name for column in columns], dict(first))
    return each_number(spark, len(groups)).mapInArrow(reading, spark_schema(columns))


def put_rows(frame: DataFrame, place: str, columns: Sequence[Column]) -> DataFrame:
    """The rows of a frame, put into the work area and read from there: what made them is not planned and done again."""
    putting = frame.select([column.name for column in columns]).mapInArrow(_Putting(place), _PUT)
    put = [(str(name), int(size)) for name, size in putting.collect()]
    groups = share_out(sorted(put), _TOGETHER)
    reading = _Reading(place, groups, [column.name for column in columns], {})
    return each_number(frame.sparkSession, len(groups)).mapInArrow(reading, spark_schema(columns))


@contextmanager
def held_ready(frame: DataFrame) -> Iterator[DataFrame]:
    """The rows of a frame, made once and kept by Spark for a block, in memory or on its machines' disks."""
    kept = frame.persist()
    try:
        kept.count()
        yield kept
    finally:
        kept.unpersist()


def each_number(spark: SparkSession, count: int) -> DataFrame:
    """The numbers from 0 on, each a task of Spark's."""
    return spark.range(0, count, 1, max(count, 1))


def numbers_of(batch: pa.RecordBatch) -> list[int]:
    """The numbers of a batch of `each_number`."""
    return [int(number) for number in batch.column(0).to_pylist() if number is not None]


def share_out(sized: Iterable[tuple[str, int]], most: int) -> list[list[str]]:
    """Divide names in their order, so that none but a single large one has more bytes than that.

    >>> share_out([("a", 3), ("b", 3), ("c", 9), ("d", 1)], 6)
    [['a', 'b'], ['c'], ['d']]
    """
    groups: list[list[str]] = []
    size = 0
    for name, bytes_ in sized:
        if not groups or size + bytes_ > most:
            groups.append([])
            size = 0
        groups[-1].append(name)
        size += bytes_
    return groups


class _Putting:
    """Puts rows into the work area, from where they are."""

    def __init__(self, place: str) -> None:
        self._place = place

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        place, held, rows = shared_place(self._place), [], 0
        for batch in chain(batches, [None]):
            if batch is not None:
                held.append(batch)
                rows += batch.num_rows
            if rows and (batch is None or rows >= _PART_ROWS):
                content = io.BytesIO()
                pq.write_table(pa.Table.from_batches(held), content, compression="zstd")
                name = f"{EVENTS}/{uuid.uuid4().hex}.parquet"
                place.put(name, content.getvalue())
                columns: list[Any] = [pa.array([name]), pa.array([content.tell()], pa.int64())]
                yield pa.record_batch(columns, ["name", "bytes"])
                held, rows = [], 0


class _Reading:
    """Reads work files where Spark has them read."""

    def __init__(
        self, place: str, groups: Sequence[Sequence[str]], columns: Sequence[str], first: Mapping[str, str]
    ) -> None:
        self._place, self._groups, self._columns, self._first = place, groups, list(columns), first

    def __call__(self, numbers: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        place = shared_place(self._place)
        for batch in numbers:
            for number in numbers_of(batch):
                for name in self._groups[number]:
                    found = place.get(name, _MOST)
                    if found is None:
                        raise PlaceError(f"{self._place}/{name} is gone: run it again")
                    with pq.ParquetFile(io.BytesIO(found.content)) as file:
                        wanted = {*self._columns, *(_FILE if self._first else ())}
                        for rows in file.iter_batches(_BATCH, columns=sorted(wanted)):
                            yield self._without_copies(rows).select(self._columns)

    def _without_copies(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        """Without the rows of files whose content another file has that comes before."""
        if not self._first:
            return rows
        told = zip(*(rows.column(name).to_pylist() for name in _FILE), strict=True)
        return rows.filter(pa.array([self._first.get(file, rank) == rank for file, rank in told], pa.bool_()))

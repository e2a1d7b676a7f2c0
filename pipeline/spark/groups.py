"""Group the rows of a frame, and hand each group as one Arrow table to a function: on every Spark from 3.5 on.

Spark 4 has `applyInArrow` for it, Spark 3.5 does not; and here Spark sorts a group's rows, on disk where they are many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Make = Callable[[pa.Table], pa.Table]
"""Makes rows of a group's rows."""


def in_groups(frame: DataFrame, keys: Sequence[str], order: Sequence[str], make: Make, schema: str) -> DataFrame:
    """The rows that a function makes of each group.

    Parameters
    ----------
    keys
        Columns whose values, all of them text, tell groups apart.
    order
        Columns by which a group's rows are sorted.
    make
        It is carried to other machines.
    schema
        Of the rows it makes.
    """
    sorted_rows = frame.repartition(*keys).sortWithinPartitions(*keys, *order)
    return sorted_rows.mapInArrow(_Grouping(tuple(keys), make), schema)


class _Grouping:
    def __init__(self, keys: tuple[str, ...], make: Make) -> None:
        self._keys, self._make = keys, make

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for table in split_groups(batches, self._keys):
            yield from self._make(table).combine_chunks().to_batches()


def split_groups(batches: Iterator[pa.RecordBatch], keys: Sequence[str]) -> Iterator[pa.Table]:
    """Tables of the rows that lie together and have the same keys; one is held at a time.

    >>> rows = [pa.record_batch({"k": ["a", "b"]}), pa.record_batch({"k": ["b"]})]
    >>> [table.num_rows for table in split_groups(iter(rows), ["k"])]
    [1, 2]
    """
    held: list[pa.RecordBatch] = []
    last: tuple[str, ...] | None = None
    for batch in batches:
        if not batch.num_rows:
            continue
        for start, stop in _runs(batch, keys):
            key = tuple(str(batch.column(name)[start].as_py()) for name in keys)
            if held and key != last:
                yield pa.Table.from_batches(held)
                held = []
            held.append(batch.slice(start, stop - start))
            last = key
    if held:
        yield pa.Table.from_batches(held)


def _runs(batch: pa.RecordBatch, keys: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Bounds of the rows of a batch that have the same keys as the row before."""
    count = batch.num_rows
    starts = {0}
    for name in keys:
        column = batch.column(name)
        changed = pc.not_equal(column.slice(1), column.slice(0, count - 1))
        starts |= {at + 1 for at, differs in enumerate(changed.to_pylist()) if differs}
    bounds = [*sorted(starts), count]
    yield from pairwise(bounds)

"""Tables of a bundle as Parquet files: a large one as several, each small enough to be made and opened by itself."""

import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Final

import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from models.room import Array, Room, cut

MOST_ROWS: Final = 1 << 22
"""Rows of a file, at most: some fifty megabytes."""
GROUP: Final = 1 << 20
"""Rows that are written and read together."""
_FIRST: Final = re.compile(r"([a-z_]{1,40})\.parquet", re.ASCII)
_FURTHER: Final = re.compile(r"([a-z_]{1,40})-([0-9]{4})\.parquet", re.ASCII)


def name_file(table: str, number: int) -> str:
    """The name of a table's file; the first is number 0.

    >>> name_file("pairs", 0), name_file("pairs", 12)
    ('pairs.parquet', 'pairs-0012.parquet')
    """
    return f"{table}-{number:04d}.parquet" if number else f"{table}.parquet"


def is_name(name: str, names: Collection[str]) -> bool:
    """Whether a name is one of a table's files, and among others comes after the one before it.

    >>> names = ("pairs.parquet", "pairs-0001.parquet", "pairs-0003.parquet", "pairs-0000.parquet")
    >>> [is_name(name, names) for name in names]
    [True, True, False, False]
    """
    further = _FURTHER.fullmatch(name)
    if further is None:
        return _FIRST.fullmatch(name) is not None
    table, number = further[1], int(further[2])
    return number > 0 and name_file(table, number - 1) in names


def list_parts(name: str, names: Collection[str]) -> list[str]:
    """A file, whether or not it is among others, and the further ones of its table that are, in the order of its rows.

    >>> list_parts("pairs.parquet", ("pairs-0001.parquet", "pairs.parquet", "cells.parquet"))
    ['pairs.parquet', 'pairs-0001.parquet']
    """
    found, first = [name], _FIRST.fullmatch(name)
    while first and (further := name_file(first[1], len(found))) in names:
        found.append(further)
    return found


def write_rows(table: str, length: int, make: Callable[[slice], pa.Table]) -> Iterator[tuple[str, bytes]]:
    """Names and contents of a table's files, one after another.

    Parameters
    ----------
    length
        Rows of the table.
    make
        Gives some of them, so that no more than these are in memory.
    """
    for number, rows in enumerate(cut(length, MOST_ROWS) if length else [slice(0, 0)]):
        out = io.BytesIO()
        groups = [slice(rows.start + part.start, rows.start + part.stop) for part in cut(rows.stop - rows.start, GROUP)]
        writer = None
        for group in groups or [rows]:
            some = make(group)
            writer = writer or pq.ParquetWriter(out, some.schema, compression="zstd")
            writer.write_table(some, row_group_size=GROUP)
        assert writer is not None
        writer.close()
        yield name_file(table, number), out.getvalue()


def write_columns(table: str, columns: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """The same of columns that are in memory."""
    length = len(next(iter(columns.values())))
    return write_rows(table, length, lambda rows: pa.table({name: held[rows] for name, held in columns.items()}))


def read_rows(content: bytes) -> Iterator[pa.Table]:
    """Rows of a file, some at a time; at least one table, which may have none."""
    file = pq.ParquetFile(pa.BufferReader(content))
    if not file.num_row_groups:
        yield file.schema_arrow.empty_table()
    for group in range(file.num_row_groups):
        yield file.read_row_group(group)


def read_column(column: "pa.ChunkedArray[Any]") -> Any:
    """A column as an array of its own, or as a list where it is of strings."""
    if pa.types.is_string(column.type) or pa.types.is_null(column.type):
        return column.to_pylist()
    return column.to_numpy().copy()


def gather(rows: Iterable[pa.Table], room: Room, **types: npt.DTypeLike) -> dict[str, Array]:
    """Columns of rows as they come, as arrays of some types in a room."""
    columns = {name: room.column(dtype) for name, dtype in types.items()}
    for some in rows:
        for name, column in columns.items():
            column.append(read_column(some[name]))
    return {name: column.close() for name, column in columns.items()}

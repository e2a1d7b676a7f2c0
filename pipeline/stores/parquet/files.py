"""Parquet files as the store writes and reads them: on disk before they count, and one line about a damaged one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import StoreError

_ROW_GROUP = 65_536
_ZSTD_LEVEL = 1
"""Level 3 saves 5 % of the bytes and costs a third more time."""


def write_parquet(
    table: pa.Table,
    path: Path,
    *,
    dictionary: bool | list[str] = True,
    statistics: bool | list[str] = True,
    compression: Any = "zstd",
    encoding: dict[str, str] | None = None,
    group: int = _ROW_GROUP,
) -> int:
    """Write a table and bring it to the disk, in groups of so many rows; return its size in bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        pq.write_table(
            table,
            file,
            compression=compression,
            compression_level=_levels(compression),
            row_group_size=group,
            use_dictionary=dictionary,  # type: ignore[arg-type]  # the stubs know no list of names
            column_encoding=encoding,
            write_statistics=statistics,
            data_page_version="2.0",
            store_schema=False,
        )
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


def _levels(compression: str | dict[str, str]) -> int | dict[str, int] | None:
    if isinstance(compression, str):
        return _ZSTD_LEVEL if compression == "zstd" else None
    return {name: _ZSTD_LEVEL for name, codec in compression.items() if codec == "zstd"}


def held_bytes(path: Path) -> int:
    """Bytes that a segment's rows take in memory."""
    with open_segment(path) as file:
        metadata = file.metadata
    return sum(metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups))


@contextmanager
def open_segment(path: Path, texts_as_coded: Sequence[str] = ()) -> Iterator[pq.ParquetFile]:
    """Open a segment for reading; without PyArrow's data sets, which load pandas.

    Raises
    ------
    StoreError
        It is damaged or missing.
    """
    try:
        metadata = pq.read_metadata(path)
        there = set(metadata.schema.names)  # a segment may be older than a column
        coded = [name for name in texts_as_coded if name in there]
        with pq.ParquetFile(path, metadata=metadata, read_dictionary=coded) as file:
            yield file
    except (pa.ArrowInvalid, OSError) as error:
        if isinstance(error, OSError) and not isinstance(error, FileNotFoundError) and error.errno is not None:
            raise  # the machine's, not the file's
        what = next(iter(str(error).splitlines()), type(error).__name__)
        raise StoreError(
            f"{path} is damaged or missing ({what}): put it back from a copy, or run `oddtrail store verify`, which "
            "says how to ingest its logs again"
        ) from error


def read_segment(path: Path) -> pa.Table:
    """The rows of a segment."""
    with open_segment(path) as file:
        return file.read()

"""A table is one file while it is small, and several that are numbered without a gap where it is large."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models.room import Room
from models.tables import GROUP, gather, is_name, list_parts, read_rows, write_columns


def columns_of(length: int) -> dict[str, object]:
    draw = np.random.default_rng(length)
    return {"key": draw.integers(0, 2**40, length), "word": [f"x{number % 9}" for number in range(length)]}


@pytest.mark.parametrize("length", [0, 1, GROUP, GROUP + 1])
def test_a_small_table_is_the_bytes_that_it_is_when_written_at_once(length: int) -> None:
    [(name, content)] = write_columns("pairs", columns_of(length))
    whole = io.BytesIO()
    pq.write_table(pa.table(columns_of(length)), whole, compression="zstd", row_group_size=GROUP)
    assert (name, content) == ("pairs.parquet", whole.getvalue())


@pytest.mark.parametrize(("length", "files"), [(9, 1), (10, 1), (11, 2), (20, 2), (21, 3)])
def test_a_large_table_is_read_back_in_its_order(monkeypatch: pytest.MonkeyPatch, length: int, files: int) -> None:
    monkeypatch.setattr("models.tables.MOST_ROWS", 10)
    monkeypatch.setattr("models.tables.GROUP", 4)
    written = dict(write_columns("pairs", columns_of(length)))
    assert list(written) == ["pairs.parquet", "pairs-0001.parquet", "pairs-0002.parquet"][:files]
    names = list_parts("pairs.parquet", written)
    assert names == list(written)
    assert all(pq.ParquetFile(io.BytesIO(content)).metadata.num_rows <= 10 for content in written.values())
    rows = [some for name in names for some in read_rows(written[name])]
    assert max(map(len, rows)) <= 4
    assert pa.concat_tables(rows).equals(pa.table(columns_of(length)))
    gathered = gather(iter(rows), Room(), key=np.float64)["key"]
    assert (gathered == columns_of(length)["key"]).all()
    assert gathered.dtype == np.float64
    assert gathered.flags.writeable


@pytest.mark.parametrize(
    "name", ["pairs", "pairs.json", "../pairs.parquet", "pairs-1.parquet", "pairs-00001.parquet", "pairs-0001.json",
             "Pairs.parquet", "pairs.parquet\n", "pairs-０001.parquet", "-0001.parquet", "a" * 41 + ".parquet"]
)  # fmt: skip
def test_what_is_no_file_of_a_table_is_told(name: str) -> None:
    assert not is_name(name, {name, "pairs.parquet"})


def test_a_further_file_needs_the_one_before_it() -> None:
    names = {"pairs.parquet", "pairs-0001.parquet", "pairs-0003.parquet", "cells-0001.parquet"}
    assert {name for name in names if not is_name(name, names)} == {"pairs-0003.parquet", "cells-0001.parquet"}

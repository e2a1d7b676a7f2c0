"""PyArrow reads pieces as they come, and a table some rows at a time, without nanoseconds."""

import io
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.ingest.arrow import ParquetTable, unpack_zstd


def a_table(rows: int) -> io.BytesIO:
    held = io.BytesIO()
    times = pa.array([1_772_355_600 * 10**9 + 7] * rows, pa.timestamp("ns", "UTC"))
    pq.write_table(pa.table({"eventtime": times, "n": list(range(rows))}), held)
    return held


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_zstd_comes_in_pieces_of_any_size(size: int) -> None:
    text = b"x1y2" * 100_000
    packed = bytes(pa.compress(text, codec="zstd", asbytes=True))
    blocks = list(unpack_zstd(packed[start : start + size] for start in range(0, len(packed), size)))
    assert b"".join(blocks) == text
    assert max(map(len, blocks)) <= 1 << 18


def test_rows_come_some_at_a_time_by_the_names_of_their_columns() -> None:
    table = ParquetTable(a_table(600))
    assert table.names == ["eventtime", "n"]
    assert table.bytes > 600
    some = list(table.rows())
    assert list(map(len, some)) == [256, 256, 88]
    assert [row["n"] for rows in some for row in rows] == list(range(600))
    assert some[0][0]["eventtime"] == datetime(2026, 3, 1, 9, tzinfo=UTC)


def test_what_is_no_parquet_is_an_error() -> None:
    with pytest.raises((ValueError, OSError)):
        ParquetTable(io.BytesIO(b"PAR1"))

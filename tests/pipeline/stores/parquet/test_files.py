"""Parquet files are on the disk before they count, and one that is damaged is told in one line."""

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import StoreError
from pipeline.stores.parquet.files import held_bytes, open_segment, read_segment, write_parquet

TABLE = pa.table({"name": ["a", "b", "a"] * 1000, "calls": list(range(3000))})


def test_a_table_is_written_to_the_disk_and_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[int] = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: flushed.append(os.fstat(handle).st_size) or fsync(handle))
    size = write_parquet(TABLE, tmp_path / "deep" / "a.parquet")
    assert flushed == [size] == [(tmp_path / "deep" / "a.parquet").stat().st_size]
    assert read_segment(tmp_path / "deep" / "a.parquet").equals(TABLE)


def test_columns_are_encoded_as_asked_for(tmp_path: Path) -> None:
    write_parquet(
        TABLE,
        tmp_path / "a.parquet",
        dictionary=["name"],
        statistics=["calls"],
        compression={"name": "none", "calls": "zstd"},
    )
    group = pq.read_metadata(tmp_path / "a.parquet").row_group(0)
    name, calls = group.column(0), group.column(1)
    assert "RLE_DICTIONARY" in name.encodings
    assert "RLE_DICTIONARY" not in calls.encodings
    assert (name.compression, calls.compression) == ("UNCOMPRESSED", "ZSTD")
    assert not name.is_stats_set
    assert calls.statistics.max == 2999


def test_texts_can_be_read_as_they_lie_there(tmp_path: Path) -> None:
    write_parquet(TABLE, tmp_path / "a.parquet")
    with open_segment(tmp_path / "a.parquet", ["name"]) as file:
        assert pa.types.is_dictionary(file.read().schema.field("name").type)


def test_what_a_file_takes_in_memory_is_known_without_reading_it(tmp_path: Path) -> None:
    small, large = (tmp_path / name for name in ("small.parquet", "large.parquet"))
    write_parquet(TABLE.slice(0, 10), small)
    size = write_parquet(TABLE, large)
    assert held_bytes(small) < held_bytes(large)
    assert held_bytes(large) > size, "inflated"


@pytest.mark.parametrize("content", [None, b"", b"PAR1", b"PAR1" + b"x" * 100 + b"PAR1"])
def test_a_damaged_or_missing_file_is_named_with_what_to_do(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "a.parquet").write_bytes(content)
    with pytest.raises(StoreError, match=r"a\.parquet is damaged or missing .*: put it back from a copy") as told:
        read_segment(tmp_path / "a.parquet")
    assert "\n" not in str(told.value)

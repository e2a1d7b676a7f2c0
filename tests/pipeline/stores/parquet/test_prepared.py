"""What is prepared is whole or not there, and goes when it was replaced."""

import os
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import StoreError
from pipeline.stores.parquet.prepared import KEPT_SECONDS, Prepared, make_key

A, B, C = (make_key([text]) for text in "abc")


def table(number: int) -> list[tuple[str, pa.Table]]:
    return [("hours", pa.table({"calls": [number]}))]


def test_what_was_made_of_something_else_is_found_and_said_to_be_old(tmp_path: Path) -> None:
    prepared = Prepared(tmp_path)
    assert prepared.find("day", A) is None
    prepared.put("day", A, table(1))
    found = prepared.find("day", B)
    assert found is not None
    assert not found.fresh
    prepared.put("day", B, table(2))
    found = prepared.find("day", B)
    assert found is not None
    assert found.fresh
    assert pq.read_table(found.path("hours")).to_pylist() == [{"calls": 2}]


def test_what_was_put_twice_is_as_it_was_first(tmp_path: Path) -> None:
    prepared = Prepared(tmp_path)
    prepared.put("day", A, table(1))
    prepared.put("day", A, table(2))
    found = prepared.find("day", A)
    assert found is not None
    assert pq.read_table(found.path("hours")).to_pylist() == [{"calls": 1}]


def test_what_was_replaced_stays_for_who_reads_it_and_then_goes(tmp_path: Path) -> None:
    prepared = Prepared(tmp_path)
    prepared.put("day", A, table(1))
    prepared.put("day", B, table(2))
    old = tmp_path / "prepared" / "day" / A
    assert old.is_dir()
    past = time.time() - KEPT_SECONDS - 1
    os.utime(old, (past, past))
    prepared.put("day", C, table(3))
    assert sorted(path.name for path in old.parent.iterdir()) == sorted([B, C])


def test_only_the_names_that_are_kept_stay(tmp_path: Path) -> None:
    prepared = Prepared(tmp_path)
    for name in ("day-1", "day-2", "population"):
        prepared.put(name, A, table(1))
    prepared.keep("day-", ["day-2"])
    assert [prepared.find(name, A) is None for name in ("day-1", "day-2", "population")] == [True, False, False]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "prepared").write_text("")
    with pytest.raises(StoreError, match="make room"):
        Prepared(tmp_path).put("day", A, table(1))
    with pytest.raises(ValueError, match="no name"):
        Prepared(tmp_path).put("../day", A, table(1))

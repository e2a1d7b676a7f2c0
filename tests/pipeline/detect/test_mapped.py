"""Mapped files: nothing of them is left behind, and a disk that is full is an error that is told."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipeline.detect.mapped import MappedSheet, make_room, map_table


def test_a_large_array_is_a_file_without_a_name(tmp_path: Path) -> None:
    array = make_room(tmp_path / "spill", large=100).join(np.arange(50), np.arange(50))
    assert array.tolist() == [*range(50), *range(50)]
    array[3] = 7
    assert array[3] == 7
    assert os.listdir(tmp_path / "spill") == []
    mapped = [line for line in Path("/proc/self/maps").read_text().splitlines() if str(tmp_path) in line]
    assert len(mapped) == 1
    assert " rw-s " in mapped[0]


def test_a_small_deployment_has_no_folder(tmp_path: Path) -> None:
    make_room(tmp_path / "spill").join(np.arange(50), np.arange(50))
    assert not (tmp_path / "spill").exists()


def test_what_nobody_holds_is_gone(tmp_path: Path) -> None:
    array = make_room(tmp_path, large=1).zeros(9, np.int64)
    del array
    assert str(tmp_path) not in Path("/proc/self/maps").read_text()


def test_a_disk_that_is_full_is_an_error_as_it_is_written() -> None:
    program = (
        "import resource, signal, sys; from pathlib import Path; from pipeline.detect.mapped import make_room\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "make_room(Path(sys.argv[1]), 1).zeros(100_000, 'i8')"
    )
    done = subprocess.run([sys.executable, "-c", program, "."], capture_output=True, text=True)
    assert "OSError: [Errno 27]" in done.stderr, done.stderr


@pytest.mark.parametrize("parts", [[b"a"], [b"", b"ab", b"c" * 100_000]])
def test_a_sheet_holds_what_was_written(tmp_path: Path, parts: list[bytes]) -> None:
    sheet = MappedSheet(tmp_path)
    for part in parts:
        sheet.write(part)
    assert bytes(sheet.keep()) == b"".join(parts)


@pytest.mark.parametrize("large", [1, 200, 10**6], ids=["all mapped", "mapped as it grows", "in memory"])
def test_a_table_is_that_of_its_batches(tmp_path: Path, large: int) -> None:
    batches = [pa.record_batch({"n": list(range(of, of + 9)), "word": ["한", None, "x"] * 3}) for of in range(0, 90, 9)]
    table = map_table(pa.RecordBatchReader.from_batches(batches[0].schema, batches), tmp_path, large)
    assert table.equals(pa.Table.from_batches(batches))
    mapped = str(tmp_path) in Path("/proc/self/maps").read_text()
    assert mapped == (large < 10**6)
    assert os.listdir(tmp_path) == []


def test_a_table_without_rows_has_its_columns(tmp_path: Path) -> None:
    schema = pa.schema({"n": pa.int64()})
    assert map_table(pa.RecordBatchReader.from_batches(schema, []), tmp_path, 1).schema == schema

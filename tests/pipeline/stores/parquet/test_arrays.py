"""Arrow arrays made by their buffers are those that PyArrow makes."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from pipeline.stores.parquet.arrays import binaries, coded, integers, lists, numbers, texts


@pytest.mark.parametrize("values", [[], ["a"], ["", "é", "\U0001f512" * 3, "plain"]])
def test_texts_and_bytes(values: list[str]) -> None:
    assert texts(values).equals(pa.array(values, pa.string()))
    encoded = [value.encode() for value in values]
    assert binaries(encoded).equals(pa.chunked_array([encoded], pa.binary()))
    texts(values).validate(full=True)


@pytest.mark.parametrize("most", [1, 7, 100, 10_000])
def test_bytes_come_in_chunks_of_bounded_size(most: int) -> None:
    values = [b"x" * size for size in range(100)]
    made = binaries(values, most)
    assert made.equals(pa.chunked_array([values], pa.binary()))
    assert max(sum(map(len, chunk.to_pylist())) for chunk in made.chunks) <= most + 99
    made.validate(full=True)


def test_a_lone_surrogate_becomes_a_question_mark() -> None:
    assert texts(["a\ud800"]).to_pylist() == ["a?"]


def test_lists() -> None:
    values = [("a", "b"), (), ("é",)]
    assert lists(values).equals(pa.array(values, pa.list_(pa.string())))


@pytest.mark.parametrize("kind", [pa.int32(), pa.int64(), pa.float64(), pa.bool_(), pa.timestamp("us", tz="UTC")])
def test_numbers_and_truth_values(kind: pa.DataType) -> None:
    values = np.arange(11) % 2
    held = values.astype(np.int64 if pa.types.is_timestamp(kind) else kind.to_pandas_dtype())
    known = np.arange(11) % 3 > 0
    expected = pa.array(held.tolist(), kind, mask=~known)
    assert numbers(held, kind, known).equals(expected)
    assert numbers(held, kind).null_count == 0


def test_coded_texts_and_their_codes() -> None:
    known = np.array([True, True, False, True])
    array = coded(np.array([0, 2, 1, 3], np.int32), texts(["a", "", "b", "a"]), known)
    assert array.to_pylist() == ["a", "b", None, "a"]
    assert len(array.dictionary) == 3
    array.validate(full=True)


def test_integers_of_slices_and_chunks() -> None:
    array = pa.array([1, 2, 3, 4], pa.int64())
    assert integers(array.slice(1, 2)).tolist() == [2, 3]
    assert integers(pa.chunked_array([array, array.slice(3)])).tolist() == [1, 2, 3, 4, 4]
    assert integers(pa.array([], pa.int64())).tolist() == []


def test_ingestion_loads_no_pandas(tmp_path) -> None:
    """It takes a second to load, and longer than a small folder takes to ingest."""
    (tmp_path / "a.json").write_text(
        '{"eventVersion": "1.11", "eventTime": "2026-03-02T12:00:00Z", "eventName": "ListUsers",'
        ' "eventSource": "iam.amazonaws.com", "recipientAccountId": "111111111111", "sourceIPAddress": "203.0.113.7",'
        ' "userIdentity": {"type": "Root", "accountId": "111111111111"}}'
    )
    code = (
        "import sys; from pathlib import Path; from pipeline.ingest.run import ingest\n"
        "from pipeline.stores.home import open_store\n"
        "with open_store(Path(sys.argv[1]) / 'home') as store:\n"
        "    assert ingest([Path(sys.argv[1]) / 'a.json'], store.events).stored == 1\n"
        "assert 'pandas' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)

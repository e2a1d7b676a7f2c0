"""Whether an id may occur twice in an account-day: never missed, seldom told in vain, and bounded."""

import uuid
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import StoreError
from pipeline.stores.parquet.arrays import texts
from pipeline.stores.parquet.seen_ids import SeenIds, read_fingerprints

DAY, OTHER_DAY = ("111111111111", "2025-03-03"), ("111111111111", "2025-03-04")


def ids(count: int, seed: int = 0) -> list[str]:
    made = np.random.default_rng(seed).bytes(16 * count)
    return [str(uuid.UUID(bytes=made[at : at + 16])) for at in range(0, len(made), 16)]


def segment(folder: Path, name: str, held: list[str]) -> dict[str, Path]:
    path = folder / f"{name}.parquet"
    pq.write_table(pa.table({"event_id": texts(held)}), path, row_group_size=100)
    return {name: path}


def test_an_id_that_comes_again_is_told(tmp_path: Path) -> None:
    first, second, third = (segment(tmp_path, str(n), ids(500, n)) for n in range(3))
    known = SeenIds()
    assert not known.may_repeat(DAY, {}, first)
    assert not known.may_repeat(DAY, first, second | third)
    again = segment(tmp_path, "again", [*ids(500, 9), ids(500, 1)[77]])
    assert known.may_repeat(DAY, first | second | third, again)
    twins = segment(tmp_path, "a", ids(5, 20)) | segment(tmp_path, "b", [*ids(5, 21), ids(5, 20)[0]])
    assert known.may_repeat(DAY, {}, twins)
    assert not known.may_repeat(OTHER_DAY, {}, again)


def test_what_others_wrote_meanwhile_is_read(tmp_path: Path) -> None:
    known = SeenIds()
    assert not known.may_repeat(DAY, {}, segment(tmp_path, "mine", ids(10)))
    theirs = segment(tmp_path, "theirs", ids(10, 1))
    assert known.may_repeat(DAY, theirs, segment(tmp_path, "again", ids(3, 1)))


def test_what_was_forgotten_is_read_again(tmp_path: Path) -> None:
    first, other = segment(tmp_path, "first", ids(60)), segment(tmp_path, "other", ids(60, 1))
    known = SeenIds(most=100)
    assert not known.may_repeat(DAY, {}, first)
    assert not known.may_repeat(OTHER_DAY, {}, other)
    first["first"].rename(tmp_path / "moved")  # so that reading it would fail
    with pytest.raises(StoreError, match=r"first\.parquet is damaged or missing"):
        known.may_repeat(DAY, first, segment(tmp_path, "x", ids(1, 2)))
    assert known.may_repeat(DAY, {"first": tmp_path / "moved"}, segment(tmp_path, "again", ids(1)))


def test_many_commits_are_one_long_run(tmp_path: Path) -> None:
    known, old = SeenIds(), {}
    for number in range(40):
        fresh = segment(tmp_path, str(number), ids(50, number))
        assert not known.may_repeat(DAY, old, fresh)
        old |= fresh
    assert all(
        known.may_repeat(DAY, old, segment(tmp_path, f"again{number}", ids(50, number)[-1:])) for number in range(40)
    )


def test_a_segment_without_rows_holds_nothing(tmp_path: Path) -> None:
    empty = segment(tmp_path, "empty", [])
    assert len(read_fingerprints(empty["empty"])) == 0
    assert not SeenIds().may_repeat(DAY, empty, segment(tmp_path, "x", ids(3)))


def test_ids_of_segments_that_are_gone_are_forgotten_in_time(tmp_path: Path) -> None:
    known, there = SeenIds(most=10_000), segment(tmp_path, "0", ids(500))
    for number in range(1, 30):  # written again under another name each time, with one id more
        there = segment(tmp_path, str(number), ids(500))
        known.may_repeat(DAY, there, segment(tmp_path, f"new{number}", ids(1, number)))
    assert known._held < 2_000
    assert not known.may_repeat(DAY, there, segment(tmp_path, "x", ids(3, 99)))
    assert known.may_repeat(DAY, there, segment(tmp_path, "y", ids(500)[:1]))

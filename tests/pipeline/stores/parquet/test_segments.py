"""Segments of events: one an account and day, small, and whole again when they are merged or thinned."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from features.times.instant import micros
from pipeline.stores.parquet.columns import arrange_rows
from pipeline.stores.parquet.files import open_segment, read_segment, write_parquet
from pipeline.stores.parquet.schema import STORED
from pipeline.stores.parquet.segment import Segment
from pipeline.stores.parquet.segments import merge_events, without_events, write_arranged, write_events
from tests.pipeline.stores.rows import ACCOUNT, NOON, a_row, make_rows

OTHER = "999900001111"


def written(folder: Path, *rows: dict[str, Any]) -> list[Segment]:
    table, arrangement = arrange_rows(make_rows(rows))
    return write_arranged(table, arrangement.cuts, folder)


def ids(folder: Path, *segments: Segment) -> list[list[str]]:
    return [read_segment(folder / segment.path).column("event_id").to_pylist() for segment in segments]


def test_a_segment_tells_what_it_holds(tmp_path: Path) -> None:
    rows = [a_row(event_time=NOON + timedelta(minutes=minute)) for minute in (5, 0, 9)]
    [segment] = written(tmp_path, *rows, a_row(patches="x", event_time=NOON + timedelta(minutes=1)))
    assert (segment.kind, segment.account, segment.day, segment.rows) == ("events", ACCOUNT, "2026-03-02", 4)
    assert (segment.first, segment.last) == (micros(NOON), micros(NOON + timedelta(minutes=9)))
    assert segment.addenda == 1
    assert segment.bytes == (tmp_path / segment.path).stat().st_size
    assert segment.path.startswith(f"events/account={ACCOUNT}/day=2026-03-02/")
    assert read_segment(tmp_path / segment.path).schema.names == STORED.names


def test_each_account_and_day_is_a_segment_with_dictionaries_of_its_own(tmp_path: Path) -> None:
    rows = [
        a_row(principal=f"user/{n % 50}-{account}", account=account, actor=f"a{n}" if n % 2 else None)
        for n in range(200)
        for account in (ACCOUNT, OTHER)
    ]
    segments = written(tmp_path, *rows)
    assert [segment.account for segment in segments] == [ACCOUNT, OTHER]
    for segment in segments:
        with open_segment(tmp_path / segment.path, ["principal", "actor"]) as file:
            table = file.read()
        principals = table.column("principal").combine_chunks()
        assert len(principals.dictionary) == 50
        assert all(name.endswith(segment.account) for name in principals.dictionary.to_pylist())
        assert table.column("actor").null_count == 100


def test_segments_that_are_merged_hold_all_their_rows_in_order(tmp_path: Path) -> None:
    parts = [
        written(tmp_path, a_row(event_id=f"{n}b", principal="b"), a_row(event_id=f"{n}a", principal="a"))[0]
        for n in range(3)
    ]
    merged = merge_events([tmp_path / part.path for part in parts], tmp_path / "staging")
    assert ids(tmp_path / "staging", *merged) == [["0a", "1a", "2a", "0b", "1b", "2b"]]
    whole = pa.concat_tables(read_segment(tmp_path / part.path) for part in parts)
    assert read_segment(tmp_path / "staging" / merged[0].path).sort_by("event_id").equals(whole.sort_by("event_id"))


@pytest.mark.parametrize(("losers", "left"), [("y", "xz"), ("xyz", ""), (["gone"], "xyz")])
def test_a_segment_is_written_again_without_what_left_it(tmp_path: Path, losers: list[str], left: str) -> None:
    [segment] = written(tmp_path, *(a_row(event_id=event_id) for event_id in "xyz"))
    again = without_events(tmp_path / segment.path, list(losers), tmp_path / "staging")
    assert ids(tmp_path / "staging", *again) == ([list(left)] if left else [])
    assert ids(tmp_path, segment) == [["x", "y", "z"]], "readers may still need it"


def test_a_table_is_arranged_written_and_its_duplicates_counted(tmp_path: Path) -> None:
    rows = [a_row(event_id=event_id) for event_id in ("x", "y", "x")]
    table = pa.table({name: [row[name] for row in rows] for name in STORED.names}, STORED)
    segments, duplicates = write_events(table, tmp_path)
    assert (ids(tmp_path, *segments), duplicates) == ([["x", "y"]], 1)


def test_segments_from_before_there_was_a_column_are_merged_and_thinned(tmp_path: Path) -> None:
    parts = [written(tmp_path, a_row(event_id=event_id, session_name="ana"))[0] for event_id in "xyz"]
    for part in parts[:2]:
        file = tmp_path / part.path
        write_parquet(read_segment(file).drop_columns(["session_name"]), file)
    paths = [tmp_path / part.path for part in parts]
    [merged] = merge_events(paths, tmp_path / "staging")
    table = read_segment(tmp_path / "staging" / merged.path).sort_by("event_id")
    assert table.schema.names == STORED.names
    assert table.column("session_name").to_pylist() == [None, None, "ana"]
    assert ids(tmp_path / "staging", *without_events(paths[0], ["y"], tmp_path / "staging")) == [["x"]]

"""Coverage in a database: set, never added to; `tests/pipeline/watch/test_cover.py` counts a store for it."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from features.times.instant import HOUR
from pipeline.stores.parquet.segment import Segment
from pipeline.stores.parquet.tally import Tally
from pipeline.stores.sqlite.coverage import Coverage
from pipeline.stores.sqlite.database import Database

DAY = "1970-01-01"


def segment(path: str, first: int = 1, last: int = 1, account: str = "unknown") -> Segment:
    return Segment(path, "events", account, DAY, 1, 1, 0, first * HOUR, last * HOUR)


def seen(coverage: Coverage) -> list[tuple[int, int, int]]:
    return [(record.hour.hour, record.seen, record.late) for record in coverage.records()]


def test_a_segment_that_is_counted_again_is_put_in_its_own_place():
    coverage = Coverage(Database(":memory:"))
    for late in (2, 1):
        coverage.put([segment("a", 1, 2)], [Tally("a", "", 1, 5, late, 1), Tally("a", "", 2, 1, 0, 1)], waiting=["a"])
        assert seen(coverage) == [(1, 5, late), (2, 1, 0)]
    assert coverage.counted() == {"a": True}
    coverage.put([segment("a")], [Tally("a", "", 1, 5, 0, 1)], waiting=())
    assert seen(coverage) == [(1, 5, 0), (2, 0, 0)]
    assert coverage.counted() == {"a": False}


def test_what_is_gone_leaves_its_records_where_the_day_was_pruned_and_nowhere_else():
    coverage = Coverage(Database(":memory:"))
    rows = [Tally("a", "", 1, 5, 0, 0b01), Tally("b", "", 1, 2, 0, 0b10)]
    coverage.put([segment("a"), segment("b")], rows, waiting=())
    coverage.put([], [], waiting=(), gone=["a"], live=[("unknown", DAY)])
    assert seen(coverage) == [(1, 2, 0)]
    assert [region.minutes for region in coverage.regions()] == [0b10]
    coverage.put([], [], waiting=(), gone=["b"])
    assert seen(coverage) == [(1, 2, 0)]
    assert coverage.counted() == {}


def test_records_are_asked_for_by_time_and_account():
    coverage = Coverage(Database(":memory:"))
    coverage.put(
        [segment("a", 1, 3), segment("b", 2, 2, "111122223333")],
        [*(Tally("a", "eu-west-1", hour, 1, 0, 1) for hour in (1, 2, 3)), Tally("b", "", 2, 1, 0, 1)],
        waiting=(),
    )
    one, half_past, three = (datetime(1970, 1, 1, *at, tzinfo=UTC) for at in ((1,), (1, 30), (3,)))
    assert [(r.hour.hour, r.account) for r in coverage.records(half_past, three)] == [
        (2, "111122223333"),
        (2, "unknown"),
    ]
    assert [r.hour.hour for r in coverage.records(one, account="unknown")] == [1, 2, 3]
    assert [(r.account, r.region) for r in coverage.regions(until=three)] == [
        ("111122223333", ""),
        ("unknown", "eu-west-1"),
        ("unknown", "eu-west-1"),
    ]


def test_a_home_of_before_gets_the_tables(tmp_path: Path):
    path = tmp_path / "state.sqlite"
    Database(path).close()
    old = sqlite3.connect(path)
    for table in ("coverage", "region_coverage", "tallied", "tallies"):
        old.execute(f"DROP TABLE {table}")
    old.commit()
    old.close()
    assert Coverage(Database(path)).records() == []

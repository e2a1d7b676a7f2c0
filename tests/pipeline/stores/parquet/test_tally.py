"""What a segment holds by region and hour; `tests/pipeline/watch/test_cover.py` asks it of a store."""

from datetime import timedelta
from pathlib import Path

from features.times.instant import HOUR, micros
from pipeline.stores.home import open_store
from pipeline.stores.sqlite.arrivals import Arrived
from tests.pipeline.stores.rows import NOON, a_row, put

LATENESS = timedelta(minutes=15)


def test_each_segment_is_counted_apart_and_what_came_late_by_its_file(tmp_path: Path):
    store = open_store(tmp_path)
    put(store.events, a_row(file="a" * 16), a_row(file="b" * 16, event_time=NOON + timedelta(seconds=3599)))
    put(store.events, a_row(file="a" * 16, region="eu-west-1"))
    paths = [segment.path for segment in store.manifest.live("events")]
    store.arrivals.settle([], [Arrived("a" * 16, micros(NOON) + HOUR + 900 * 10**6 + 1, 0)], forget_before=0)
    found = store.events.tally(paths, LATENESS)
    assert {(one.region, one.hour, one.seen, one.late, one.minutes) for one in found} == {
        ("", micros(NOON) // HOUR, 2, 1, 1 | 1 << 59),
        ("eu-west-1", micros(NOON) // HOUR, 1, 1, 1),
    }
    assert {one.path for one in found} == set(paths)
    assert store.events.tally([], LATENESS) == []

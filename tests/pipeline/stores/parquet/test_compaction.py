"""Small segments of an account-day become one, whatever they hold, and nothing in them is lost."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.ingest.set_aside import make_aside
from pipeline.ingest.sink import Batch
from pipeline.stores.home import Store, open_store
from pipeline.stores.parquet import compaction
from pipeline.stores.parquet.asides import SCHEMA
from tests.pipeline.stores.rows import ACCOUNT, NOON, a_row, put

OTHER_ACCOUNT = "999900001111"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "home")


def set_aside(store: Store, kind: str, *positions: int, file: str = "a", **given: Any) -> None:
    """Commit records of a file that are no events, as one task does."""
    with store.events.writing(NOON):
        values = {"account": ACCOUNT, "delivered_at": NOON, "origin": file, "reason": "digest"} | given
        rows = [make_aside(b"%d" % position, file=file, position=position, **values) for position in positions]
        store.events.commit(Batch([], store.events.sink.keep(kind, rows, NOON)), NOON)


def compact(store: Store) -> int:
    with store.events.writing(NOON):
        return store.events.compact(NOON)


def held(store: Store, kind: str) -> pa.Table:
    """What the listed segments hold, in the order in which it is read."""
    listed = store.manifest.live(kind)
    return pa.concat_tables(pq.read_table(store.home / segment.path) for segment in listed)


@pytest.mark.parametrize("kind", ["set_aside", "other"])
def test_records_that_are_no_events_are_merged_by_account_and_day_in_the_order_of_their_files(store, kind):
    for file in "fbdace":
        set_aside(store, kind, 2, 0, file=file)
    set_aside(store, kind, 7, account=OTHER_ACCOUNT)
    set_aside(store, kind, 8, delivered_at=NOON + timedelta(days=1))
    before = held(store, kind)
    assert compact(store) == 5
    merged, *rest = sorted(store.manifest.live(kind), key=lambda segment: -segment.rows)
    assert (merged.account, merged.day, merged.rows) == (ACCOUNT, "2026-03-02", 12)
    assert merged.bytes == (store.home / merged.path).stat().st_size
    assert [segment.rows for segment in rest] == [1, 1]
    after = held(store, kind)
    assert after.schema.equals(SCHEMA)
    order = [("account", "ascending"), ("delivered_at", "ascending"), ("file", "ascending"), ("position", "ascending")]
    assert after.sort_by(order).equals(before.sort_by(order))
    ours = pq.read_table(store.home / merged.path)
    assert ours["file"].to_pylist() == list("aabbccddeeff")
    assert ours["position"].to_pylist() == [0, 2] * 6


def test_few_segments_are_left_as_they_are(store):
    for file in "abcde":
        set_aside(store, "other", 0, file=file)
    assert compact(store) == 0
    assert len(store.manifest.live("other")) == 5


def test_kinds_are_never_mixed(store):
    for number in range(6):
        set_aside(store, "set_aside", 0, file=str(number))
        set_aside(store, "other", 0, file=str(number), reason="insight")
        put(store.events, a_row())
    assert compact(store) == 15
    assert set(held(store, "set_aside")["reason"].to_pylist()) == {"digest"}
    assert set(held(store, "other")["reason"].to_pylist()) == {"insight"}
    assert [(held.kind, held.rows) for held in store.manifest.kinds()] == [
        ("events", 6),
        ("other", 6),
        ("set_aside", 6),
    ]


def test_a_merged_segment_stays_within_bounds(store, monkeypatch):
    for file in "abcdefgh":
        set_aside(store, "other", *range(50), file=file)
    sizes = {compaction.held_bytes(store.home / each.path) for each in store.manifest.live("other")}
    monkeypatch.setattr(compaction, "_MERGED_BYTES", 4 * max(sizes))
    assert compact(store) == 6
    assert [segment.rows for segment in store.manifest.live("other")] == [200, 200]


def test_what_was_merged_is_still_pruned_by_its_day(store):
    for file in "abcdef":
        set_aside(store, "other", 0, file=file)
    assert compact(store) == 5
    store.events.prune((NOON + timedelta(days=1)).date(), NOON)
    assert store.manifest.live("other") == []

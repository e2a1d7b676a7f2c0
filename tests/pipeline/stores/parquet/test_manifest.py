"""The list of files that are the store: found by kind, account, day and time, changed in one step."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from features.times.day import day_number
from features.times.instant import DAY
from pipeline.ingest.sink import FileDone
from pipeline.stores.parquet.manifest import GRACE, Manifest
from pipeline.stores.parquet.segment import Segment
from pipeline.stores.sqlite.database import Database

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def manifest() -> Manifest:
    return Manifest(Database(":memory:"))


def a_segment(path: str, day: int = 2, **given: Any) -> Segment:
    at = day_number(date(2026, 3, day)) * DAY
    values = {"kind": "events", "account": "1", "rows": 10, "bytes": 100, "addenda": 0, "first": at, "last": at + 5}
    return Segment(path=path, day=f"2026-03-{day:02d}", **(values | given))


def put(manifest: Manifest, *segments: Segment, out: tuple[str, ...] = (), now: datetime = NOON) -> None:
    with manifest.transaction():
        manifest.swap(out=out, into=segments, now=now)


def paths(segments: list[Segment]) -> list[str]:
    return [segment.path for segment in segments]


def test_live_files_are_found_by_kind_account_and_half_open_time_in_order(manifest: Manifest) -> None:
    put(manifest, a_segment("c", 3), a_segment("b", account="2"), a_segment("a", 2), a_segment("x", kind="other"))
    assert paths(manifest.live("events")) == ["a", "c", "b"]
    assert paths(manifest.live("events", accounts=["2"])) == ["b"]
    assert paths(manifest.live("events", accounts=[])) == []
    third = day_number(date(2026, 3, 3)) * DAY
    assert paths(manifest.live("events", until=third)) == ["a", "b"]
    assert paths(manifest.live("events", since=third + 5)) == ["c"]
    assert paths(manifest.live("events", since=third + 6)) == []
    assert manifest.live("other") == [a_segment("x", kind="other")]


def test_an_account_day_and_earlier_days_are_found(manifest: Manifest) -> None:
    put(manifest, *(a_segment(f"{day}{kind}", day, kind=kind) for day in (2, 3) for kind in ("events", "other")))
    assert paths(manifest.partition("events", "1", "2026-03-02")) == ["2events"]
    assert paths(manifest.partition("events", "2", "2026-03-02")) == []
    assert paths(manifest.before(date(2026, 3, 3), ["events", "other"])) == ["2events", "2other"]
    assert paths(manifest.before(date(2026, 3, 9), ["other"])) == ["2other", "3other"]


def test_a_swap_that_fails_leaves_the_list_as_it_was(manifest: Manifest) -> None:
    put(manifest, a_segment("a"))
    with pytest.raises(Exception, match="UNIQUE"):
        put(manifest, a_segment("b"), a_segment("b"), out=("a",))
    assert paths(manifest.live("events")) == ["a"]
    assert manifest.kept() == {"a"}


def test_what_leaves_the_list_is_kept_for_its_readers_and_then_expires(manifest: Manifest) -> None:
    put(manifest, a_segment("a"), a_segment("b"))
    put(manifest, a_segment("ab"), out=("a", "b"))
    assert paths(manifest.live("events")) == ["ab"]
    assert manifest.kept() == {"a", "b", "ab"}
    assert manifest.expired(NOON + GRACE - timedelta(seconds=1)) == []
    assert manifest.expired(NOON + GRACE) == ["a", "b"]
    with manifest.transaction():
        manifest.forget(["a"])
    assert manifest.kept() == {"b", "ab"}


def test_delivered_files_are_known_by_content_however_many_are_asked_for(manifest: Manifest) -> None:
    digests = [f"{number:064x}" for number in range(1201)]
    with manifest.transaction():
        manifest.add_files([FileDone(digest, "o", None) for digest in digests[::2]], NOON)
    assert manifest.known(digests) == set(digests[::2])
    assert manifest.known([]) == set()
    assert manifest.count_files() == 601


def test_a_file_that_is_known_cannot_be_taken_in_again(manifest: Manifest) -> None:
    with pytest.raises(Exception, match="UNIQUE"), manifest.transaction():
        manifest.add_files([FileDone("d", "o", NOON, other={"digest": 2})] * 2, NOON)  # type: ignore[arg-type]
    assert manifest.count_files() == 0


def test_account_days_are_told_by_kind(manifest: Manifest) -> None:
    put(
        manifest, a_segment("b", 3), a_segment("a", 2), a_segment("a2", 2), a_segment("c", 4, kind="activity/joint"),
        a_segment("d", 4, kind="activity/touched", account="2"),
    )  # fmt: skip
    assert manifest.days("events") == [("1", date(2026, 3, 2)), ("1", date(2026, 3, 3))]
    assert manifest.days("activity/*") == [("1", date(2026, 3, 4)), ("2", date(2026, 3, 4))]
    assert manifest.examples("activity/*") == [("activity/joint", "c"), ("activity/touched", "d")]


def test_account_days_of_many_segments_are_counted_with_their_small_ones(manifest: Manifest) -> None:
    put(manifest, *(a_segment(f"a{n}", rows=n) for n in range(5)), *(a_segment(f"b{n}", 3) for n in range(2)))
    assert manifest.counts(["events"], least=3, small=2) == [("events", "1", "2026-03-02", 5, 2)]
    assert len(manifest.counts(["events"], least=2, small=2)) == 2
    assert manifest.counts(["other"], least=0, small=2) == []


def test_what_is_held_is_added_up_by_account_and_by_kind(manifest: Manifest) -> None:
    put(manifest, a_segment("a"), a_segment("b", 5), a_segment("c", account="2"), a_segment("d", kind="other", rows=1))
    assert manifest.accounts() == [("1", 20, "2026-03-02", "2026-03-05", 2), ("2", 10, "2026-03-02", "2026-03-02", 1)]
    assert manifest.kinds() == [("events", 30, 300, 3), ("other", 1, 100, 1)]

"""What is lost is remembered until every file that had records in its day was read again."""

from datetime import UTC, datetime

import pytest

from pipeline.ingest.sink import FileDone
from pipeline.stores.parquet.manifest import Manifest
from pipeline.stores.parquet.segment import Segment
from pipeline.stores.sqlite.database import Database

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ONE, TWO, THREE = (f"{number:064x}" for number in (1 << 192, 2 << 192, 3 << 192))


def a_segment(path: str, day: int, *files: str) -> Segment:
    digits = tuple(file[:16] for file in files)
    return Segment(path, "events", "1", f"2026-03-{day:02d}", 7, 9, 0, 0, 0, f"hash of {path}", digits)


@pytest.fixture
def manifest() -> Manifest:
    manifest = Manifest(Database(":memory:"))
    segments = [a_segment("a", 2, ONE, TWO), a_segment("b", 3, TWO), a_segment("c", 4, THREE)]
    with manifest.transaction():
        manifest.swap(out=[], into=segments, now=NOON)
        manifest.losses.add_sources(segments)
        manifest.add_files([FileDone(digest, f"at {digest[:16]}", None, 1) for digest in (ONE, TWO, THREE)], NOON)
    return manifest


def lose(manifest: Manifest, *paths: str) -> None:
    with manifest.transaction():
        manifest.lose({segment: "is gone" for segment in manifest.live("events") if segment.path in paths}, NOON)


def read_again(manifest: Manifest, *digests: str) -> None:
    with manifest.transaction():
        manifest.add_files([FileDone(digest, "elsewhere", None, 1) for digest in digests], NOON)


def lost(manifest: Manifest) -> list[str]:
    return [segment.path for segment, _ in manifest.losses.every()]


def test_what_is_lost_is_off_the_list_kept_on_disk_and_keeps_its_hash(manifest: Manifest) -> None:
    lose(manifest, "a")
    [(segment, found)] = manifest.losses.every()
    assert (segment.path, segment.digest, found) == ("a", "hash of a", "is gone")
    assert [one.path for one in manifest.live("events")] == ["b", "c"]
    assert manifest.kept() == {"a", "b", "c"}
    assert set(manifest.digests()) == {"b", "c"}


def test_only_files_that_had_records_in_its_day_are_asked_for(manifest: Manifest) -> None:
    lose(manifest, "a")
    assert manifest.losses.asked() == {ONE, TWO}
    assert manifest.known([ONE, TWO, THREE]) == {THREE}
    assert manifest.origins({ONE, TWO}, 1) == [f"at {ONE[:16]}"]


def test_it_is_lost_until_every_such_file_was_read_again(manifest: Manifest) -> None:
    lose(manifest, "a", "b")
    read_again(manifest, TWO)
    assert lost(manifest) == ["a"], "one file was all of the other's"
    assert manifest.known([TWO]) == {TWO}
    read_again(manifest, ONE)
    assert lost(manifest) == []
    assert manifest.expired(NOON) == []
    assert manifest.kept() == {"a", "b", "c"}, "readers may still hold the old list"
    assert manifest.count_files() == 3


def test_what_is_taken_back_is_asked_for_no_more_unless_for_another(manifest: Manifest) -> None:
    lose(manifest, "a", "b")
    with manifest.transaction():
        manifest.losses.take_back("a")
    assert (lost(manifest), manifest.losses.asked()) == (["b"], {TWO})
    with manifest.transaction():
        assert manifest.give_up(NOON) == 1
    assert (lost(manifest), manifest.losses.asked()) == ([], set())

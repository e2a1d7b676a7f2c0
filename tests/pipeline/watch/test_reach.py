"""One old file that was copied in late begins nothing, and whoever deletes what follows a full day is told."""

import gzip
from datetime import timedelta

import pytest

from pipeline.watch.reach import Reach
from tests.digests import BEGIN, HOUR, Trail
from tests.pipeline.watch.held import kinds, rewrite, take

DAY = timedelta(days=1)
LATER = BEGIN + 30 * DAY


def without(trail, paths):
    """The trail's folder without some files; they are returned with what they hold."""
    apart = {path: path.read_bytes() for path in paths}
    for path in apart:
        path.unlink()
    return apart


@pytest.mark.parametrize("late", [False, True], ids=["at once", "copied in late"])
def test_one_old_file_does_not_have_all_after_it_missing(store, tmp_path, late):
    trail = Trail(tmp_path / "trail").deliver(24 * 4)
    recent = [path for path in trail.logs if path.parent.name in ("05", "06")]
    old = trail.logs[5]
    apart = without(trail, [path for path in trail.logs if path not in recent and path != old])
    if late:
        content = without(trail, [old])
        assert take(store, trail, LATER).found == []
        old.write_bytes(content[old])
    assert take(store, trail, LATER).found == []
    gone = recent[40]
    assert gone not in apart
    rewrite(gone, lambda content: content + b" ")
    assert kinds(take(store, trail, LATER)) == ["objects"], "and what is wrong where it is read still is told"


def test_a_folder_that_was_emptied_after_a_full_day_is_told(store, tmp_path):
    trail = Trail(tmp_path / "trail").deliver(24 * 4)
    gone = [path for path in trail.logs if "/2026/03/04/" in path.as_posix()]
    without(trail, gone)
    found = take(store, trail, LATER)
    assert sum(len(finding.objects) for finding in found.found) == len(gone)


def test_quiet_days_are_taken_together(store, tmp_path):
    """An account of one file a day: one file of one is all of its day, and none of the account."""
    trail = Trail(tmp_path / "trail")
    for day in range(20):
        trail.put_digest(BEGIN + day * DAY + HOUR, [trail.entry(trail.put_log(BEGIN + day * DAY, day))])
    without(trail, [path for at, path in enumerate(trail.logs) if 0 < at < 15])
    assert take(store, trail, LATER).found == []
    assert Reach(store.digest_files).since("111122223333") == BEGIN.replace(second=0) + 15 * DAY


def test_an_old_digest_beside_it_is_no_beginning_of_a_chain(store, tmp_path):
    trail = Trail(tmp_path / "trail").deliver(24 * 4)
    kept = {*trail.logs[-30:], trail.logs[5]}
    without(trail, [path for path in trail.logs if path not in kept])
    without(trail, trail.digests[6:60])
    assert take(store, trail, LATER).found == []


def test_where_no_day_tells_what_is_missing_is_told(store, tmp_path):
    trail = Trail(tmp_path / "trail").deliver(24)
    without(trail, trail.logs[1::2] + trail.logs[2::4])
    assert take(store, trail, LATER).found


def test_no_digest_no_beginning(store, tmp_path):
    trail = Trail(tmp_path / "trail").deliver(1)
    for path in trail.digests:
        path.write_bytes(gzip.compress(b"{}"))
    take(store, trail)
    assert Reach(store.digest_files).since("111122223333") is None

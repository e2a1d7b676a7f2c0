import pytest

from pipeline.stores.sqlite.arrivals import Arrivals, Arrived, Landed
from pipeline.stores.sqlite.database import Database


@pytest.fixture
def arrivals():
    return Arrivals(Database(":memory:"))


def test_files_wait_until_they_are_settled(arrivals):
    files = [Landed("aa", None, 1, "unknown"), Landed("bb", 7, 2, "111122223333 unknown")]
    arrivals.note(files)
    assert arrivals.waiting() == files
    arrivals.settle(files[:1], [], forget_before=0)
    assert arrivals.waiting() == files[1:]


def test_what_came_late_is_found_by_its_events_and_by_when_it_came(arrivals):
    arrivals.settle([], [Arrived("aa", 100, 10), Arrived("bb", 200, 50)], forget_before=0)
    assert [one.file for one in arrivals.late(until=11)] == ["aa"]
    assert [one.file for one in arrivals.late(until=None)] == ["aa", "bb"]
    assert (arrivals.reach(since=0), arrivals.reach(since=101), arrivals.reach(since=201)) == (10, 50, None)


def test_what_came_long_ago_is_forgotten(arrivals):
    arrivals.settle([], [Arrived("aa", 100, 10)], forget_before=0)
    arrivals.settle([], [Arrived("bb", 200, 50)], forget_before=101)
    assert [one.file for one in arrivals.late(until=None)] == ["bb"]


def test_what_is_remembered_beside_is_remembered_with_it_or_not_at_all(arrivals):
    files = [Landed("aa", None, 1, "unknown")]
    arrivals.note(files)

    def fail():
        arrivals.note([Landed("bb", None, 1, "unknown")])
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        arrivals.settle(files, [], forget_before=0, beside=fail)
    assert arrivals.waiting() == files

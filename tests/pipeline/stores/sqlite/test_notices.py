"""The outbox in the home's state: all or nothing, claimed before it is sent, and found again by whoever comes next."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.errors import StoreError
from pipeline.stores.home import open_store
from pipeline.stores.sqlite.database import Database
from pipeline.stores.sqlite.notices import FOLDED, REFUSED, SENT, Notices, Queued

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def notices():
    found = Notices(Database(":memory:"))
    found.begin("n", NOW)
    return found


def a_message(name, alert="a1", at=NOW):
    return Queued(name, alert, "low", "raised", {"id": name}, at, at)


def put(notices, *messages, told=None, dropped=()):
    notices.enqueue("n", {"offset": 7}, told or {}, messages, dropped, NOW)


def test_a_place_moves_with_what_it_made_or_not_at_all(notices):
    put(notices, a_message("m1"), told={"a1": {"revision": 1}})
    with pytest.raises(TypeError):
        notices.enqueue("n", {"offset": 9}, {"a2": {}}, [a_message("m2")._replace(content={"x": object()})], [], NOW)
    assert notices.begin("n", NOW + MINUTE).place == {"offset": 7}
    assert notices.begin("n", NOW + MINUTE).since == NOW, "what has begun does not begin again"
    assert notices.told("n", ["a1", "a2"]) == {"a1": {"revision": 1}}
    assert [one.id for one in notices.waiting("n")] == ["m1"]


def test_a_message_is_there_once_and_stays_as_it_was(notices):
    put(notices, a_message("m1"))
    put(notices, a_message("m1")._replace(content={"id": "other"}))
    assert [one.content for one in notices.waiting("n")] == [{"id": "m1"}]


def test_one_process_gets_a_message_and_the_other_does_not(notices):
    put(notices, a_message("m1"))
    [seen_by_both] = notices.waiting("n")
    assert notices.claim("n", seen_by_both, NOW + MINUTE)
    assert not notices.claim("n", seen_by_both, NOW + MINUTE)
    [claimed] = notices.waiting("n")
    assert (claimed.tries, claimed.due) == (1, NOW + MINUTE)


def test_what_was_tried_is_not_dropped_nor_folded(notices):
    put(notices, a_message("m1"), a_message("m2", "a2"))
    assert notices.claim("n", notices.waiting("n")[0], NOW + MINUTE)
    put(notices, a_message("m3"), dropped=["m1"])
    assert [one.id for one in notices.waiting("n")] == ["m1", "m2", "m3"]
    assert not notices.fold("n", a_message("d", ""), ["m1", "m2"])
    assert notices.fold("n", a_message("d", ""), ["m2", "m3"])
    assert [one.id for one in notices.waiting("n")] == ["d", "m1"]
    assert notices.count("n") == {"waiting": 2, FOLDED: 2}


def test_a_fresh_message_is_dropped_for_the_one_that_takes_its_place(notices):
    put(notices, a_message("m1"))
    assert notices.fresh("n", "a1").id == "m1"
    put(notices, a_message("m2"), dropped=["m1"])
    assert notices.fresh("n", "a1").id == "m2"
    assert [one.id for one in notices.waiting("n")] == ["m2"]


def test_what_ended_is_counted_and_forgotten_in_time_and_what_waits_never(notices):
    put(notices, a_message("m1"), a_message("m2"), a_message("m3"))
    notices.end("n", "m1", SENT, NOW)
    notices.end("n", "m2", REFUSED, NOW, "x" * 9_999)
    notices.postpone("n", "m3", NOW + MINUTE, "down")
    assert notices.sent_since("n", NOW - MINUTE) == [NOW]
    assert {one.id: len(one.problem) for one in notices.latest("n", 9)} == {"m1": 0, "m2": 500, "m3": 4}
    notices.prune(NOW + MINUTE)
    assert notices.count("n") == {"waiting": 1}


def test_reading_again_from_earlier_moves_only_back(notices):
    put(notices)
    notices.begin_earlier("n", NOW + MINUTE)
    assert notices.begin("n", NOW).place == {"offset": 7}
    notices.begin_earlier("n", NOW - MINUTE)
    state = notices.begin("n", NOW)
    assert (state.since, state.place) == (NOW - MINUTE, {})


def test_notifiers_know_nothing_of_each_other(notices):
    put(notices, a_message("m1"), told={"a1": {"revision": 1}})
    notices.begin("other", NOW)
    notices.rest("n", NOW + MINUTE, 3, "down")
    assert notices.waiting("other") == []
    assert notices.told("other", ["a1"]) == {}
    assert notices.begin("other", NOW).problem == ""
    assert (notices.begin("n", NOW).failures, notices.begin("n", NOW).rests_until) == (3, NOW + MINUTE)


def test_a_home_of_before_gets_the_tables_and_keeps_them(tmp_path):
    path = tmp_path / "state.sqlite"
    Database(path).close()
    with open_store(tmp_path) as store:
        store.notices.begin("n", NOW)
    with open_store(tmp_path) as store:
        assert store.notices.notifier("n").since == NOW


def test_what_somebody_else_wrote_there_is_an_error_of_ours():
    database = Database(":memory:")
    notices = Notices(database)
    notices.begin("n", NOW)
    put(notices, a_message("m1"))
    database.write("UPDATE notices SET content = 'no JSON'")
    with pytest.raises(StoreError, match="did not write"):
        notices.waiting("n")

"""What an operator must know is told once for each state, like an alert, whatever happens between; hostile or not."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.notify.config import StdoutNotifier
from pipeline.notify.notice import write_text
from pipeline.notify.outbox import Outbox
from pipeline.notify.outcome import Outcome
from pipeline.notify.pagerduty import write_event
from pipeline.settings import Settings
from pipeline.stores.home import open_store
from pipeline.stores.jsonl.operations import OPERATIONS_FILE, OperationsJsonl
from tests.builders import an_alert
from tests.pipeline.notify.playing import Place

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
QUIET = {"account": "111122223333", "region": None, "since": "2026-03-02T10:00:00+00:00", "usual": 12.4}


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "home") as store:
        yield store


def note(store, kind, at=NOW, **more):
    OperationsJsonl(store.home / OPERATIONS_FILE).add(kind, at, f"text of {kind}", **more)


def an_outbox(store, place, **named):
    notifier = StdoutNotifier(kind="stdout", **named)
    return Outbox(store, Settings(home=store.home), {"n": notifier}, draw=lambda: 0.0, sinks=lambda one: place)


def told(place):
    return [(one.about, one.state, one.severity) for one in place.came]


def test_each_state_is_told_once_and_that_it_is_over(store):
    place = Place()
    outbox = an_outbox(store, place)
    note(store, "silence", **QUIET)
    for minute in range(3):
        outbox.notify(NOW + minute * MINUTE)
    assert told(place) == [("silence", "raised", "high")]
    note(store, "silence_over", NOW + HOUR, **QUIET)
    an_outbox(store, place).notify(NOW + HOUR)  # another process
    outbox.notify(NOW + 2 * HOUR)
    assert told(place)[1:] == [("silence", "closed", "high")]
    assert place.came[0].matter == place.came[1].matter
    assert len(set(place.ids)) == 2
    assert write_event(place.came[0])["dedup_key"] == write_event(place.came[1])["dedup_key"]
    assert write_event(place.came[1])["event_action"] == "resolve"
    note(store, "silence", NOW + 3 * HOUR, **QUIET)
    outbox.notify(NOW + 3 * HOUR)
    assert told(place)[2:] == [("silence", "raised", "high")]
    assert place.came[2].matter != place.came[0].matter


def test_more_of_the_same_is_an_update(store):
    place = Place()
    outbox = an_outbox(store, place)
    for number in (1, 2):
        note(store, "integrity", what="objects", key="k", account="111122223333", count=number, signature="unsigned")
        outbox.notify(NOW)
    assert told(place) == [("integrity", "raised", "high"), ("integrity", "updated", "high")]
    assert [one.headline[:11] for one in place.came] == ["1 log file ", "2 log files"]


def test_in_quiet_hours_what_is_over_before_anybody_knew_is_told_to_nobody(store):
    place = Place()
    outbox = an_outbox(store, place, quiet="11:00-13:00")
    note(store, "unhealthy", what="failing")
    outbox.notify(NOW)
    note(store, "unhealthy", NOW + MINUTE, what="blind")
    outbox.notify(NOW + MINUTE)
    assert [one.kind for one in store.notices.waiting("n")] == ["raised"]
    note(store, "healthy", NOW + 2 * MINUTE)
    outbox.notify(NOW + 2 * MINUTE)
    outbox.notify(NOW + 2 * HOUR)
    assert place.came == []
    note(store, "unhealthy", NOW + 20 * HOUR, what="failing")
    outbox.notify(NOW + 20 * HOUR)
    assert told(place) == [("health", "raised", "high")]


def test_a_digest_counts_messages_where_not_all_are_alerts(store):
    place = Place()
    outbox = an_outbox(store, place, digest="18:00")
    store.alerts.append([an_alert(severity="high")])
    note(store, "silence", **QUIET)
    outbox.notify(NOW)
    outbox.notify(NOW + 7 * HOUR)
    [digest] = place.came
    assert digest.headline == "2 messages (2 high) since the last message."
    lines = write_text(digest)
    assert "- high: Nothing has come of account 111122223333 since 02 Mar 10:00." in lines


def test_who_is_told_what_is_chosen(store):
    note(store, "silence", **QUIET)
    note(store, "model_refused", model_id="1-a", in_service="1-b")
    store.alerts.append([an_alert()])
    for named, about in (
        ({}, ["alert", "silence", "model"]),
        ({"tells": "alerts"}, ["alert"]),
        ({"tells": ["silences", "models"], "least": "high"}, ["silence"]),
        ({"tells": "integrity, health"}, []),
    ):
        place = Place()
        notifier = StdoutNotifier(kind="stdout", **named)
        name = f"n{len(str(named))}"
        Outbox(store, Settings(home=store.home), {name: notifier}, sinks=lambda one, place=place: place).notify(NOW)
        assert [one.about for one in place.came] == about


def test_a_notifier_that_is_new_is_told_of_the_last_day_only(store):
    note(store, "unhealthy", NOW - 30 * HOUR, what="failing")
    note(store, "silence", NOW - 2 * HOUR, **QUIET)
    place = Place()
    an_outbox(store, place).notify(NOW)
    note(store, "healthy", NOW)
    an_outbox(store, place).notify(NOW)
    assert told(place) == [("silence", "raised", "high")]


def test_what_is_not_taken_is_tried_again_under_the_same_id(store):
    place = Place(Outcome("later", "down"))
    outbox = an_outbox(store, place)
    note(store, "silence", **QUIET)
    assert outbox.notify(NOW)["n"].left == 1
    an_outbox(store, place).notify(NOW + 2 * HOUR)
    assert len(place.came) == 2
    assert len(set(place.ids)) == 1


@pytest.mark.parametrize("step", ["enqueue", "claim", "end"])
def test_whoever_is_killed_between_goes_on_there(store, monkeypatch, step):
    note(store, "silence", **QUIET)
    place, kept = Place(), getattr(store.notices, step)

    def killed(*given, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr(store.notices, step, killed)
    with pytest.raises(KeyboardInterrupt):
        an_outbox(store, place).notify(NOW)
    monkeypatch.setattr(store.notices, step, kept)
    for hours in (2, 3):
        an_outbox(store, place).notify(NOW + hours * HOUR)
    assert len(place.came) == (2 if step == "end" else 1)
    assert len(set(place.ids)) == 1

"""Which messages are sent now: no more an hour than may be, in quiet hours only what is grave, none forgotten."""

from datetime import UTC, datetime, time, timedelta

import pytest

from pipeline.notify.choose import HELD, TOO_MANY, choose
from pipeline.notify.schedule import Schedule
from pipeline.stores.sqlite.notices import Queued

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
QUIET = Schedule(quiet=(time(11), time(13)))


def a_message(name, severity="low", kind="raised", ago=1, tries=0, due=None, alert=None):
    queued = NOW - timedelta(minutes=ago)
    return Queued(name, alert or f"alert-{name}", severity, kind, {}, queued, due or queued, tries)


def names(messages):
    return [message.id for message in messages]


def chosen(*waiting, schedule=None, passes="critical", sent=0, now=NOW):
    found = choose(sorted(waiting, key=lambda one: one.queued), schedule or Schedule(), passes, [now] * sent, now)
    return names(found.send), names(found.fold), found.why


def test_what_is_new_goes_at_once_the_gravest_first():
    assert chosen(a_message("a"), a_message("b", "high"), a_message("c", "critical"))[0] == ["c", "b", "a"]


def test_in_quiet_hours_only_what_passes_goes():
    waiting = [a_message("a", "high"), a_message("b", "critical")]
    assert chosen(*waiting, schedule=QUIET) == (["b"], [], "")
    assert chosen(*waiting, schedule=QUIET, passes="high")[0] == ["b", "a"]
    assert chosen(*waiting, schedule=QUIET, passes="none") == ([], [], "")


def test_what_waited_for_the_end_of_quiet_hours_goes_as_one():
    after = NOW + timedelta(hours=1)
    waiting = [a_message("a"), a_message("b", "high"), a_message("new", ago=-60)]
    assert chosen(*waiting, schedule=QUIET, now=after) == (["new"], ["a", "b"], HELD)
    assert chosen(waiting[0], schedule=QUIET, now=after) == (["a"], [], "")


def test_a_digest_holds_all_but_what_passes():
    digest = Schedule(digests=(time(11),))
    waiting = [a_message("a", ago=120), a_message("b", ago=90), a_message("late", ago=30), a_message("c", "critical")]
    assert chosen(*waiting, schedule=digest) == (["c"], ["a", "b"], HELD)


@pytest.mark.parametrize(
    ("sent", "alone", "folded"), [(0, 3, 0), (1, 1, 2), (2, 0, 3), (3, 0, 0)], ids=["room", "two", "one", "none"]
)
def test_what_has_no_room_in_the_hour_goes_as_one(sent, alone, folded):
    schedule = Schedule(most=3)
    waiting = [a_message(name) for name in "abc"]
    send, fold, why = chosen(*waiting, schedule=schedule, sent=sent)
    assert (len(send), len(fold)) == (alone, folded)
    assert len(send) + bool(fold) + sent <= 3
    assert why == (TOO_MANY if folded else "")


def test_what_was_tried_goes_first_when_it_is_due_and_never_in_a_digest():
    schedule = Schedule(most=2)
    waiting = [a_message("tried", tries=1), *(a_message(name) for name in "abc")]
    assert chosen(*waiting, schedule=schedule) == (["tried"], ["a", "b", "c"], TOO_MANY)
    later = NOW + timedelta(minutes=1)
    assert "tried" not in chosen(a_message("tried", tries=1, due=later), a_message("a"))[0]


def test_a_later_message_of_an_alert_waits_for_the_one_before():
    first = a_message("first", ago=5, tries=1, due=NOW + timedelta(minutes=1), alert="x")
    assert chosen(first, a_message("second", alert="x"), a_message("other"))[0] == ["other"]


def test_what_takes_an_alert_back_is_never_folded_and_goes_in_quiet_hours():
    closed = a_message("closed", kind="closed")
    assert chosen(closed, a_message("a"), schedule=QUIET)[0] == ["closed"]
    send, fold, _ = chosen(closed, a_message("a"), a_message("b"), schedule=Schedule(most=1))
    assert "closed" not in fold
    assert fold == ["a", "b"]
    assert send == []


@pytest.mark.parametrize("most", range(1, 8))
@pytest.mark.parametrize("sent", range(4))
def test_no_more_is_ever_chosen_than_there_is_room_for(most, sent):
    waiting = [a_message(f"t{n}", tries=1) for n in range(2)] + [a_message(f"q{n}", ago=80) for n in range(3)]
    waiting += [a_message("c", "critical"), a_message("d", kind="digest", alert=None), a_message("x", kind="closed")]
    for schedule in (Schedule(most=most), Schedule(most=most, quiet=(time(10), time(11)))):
        send, fold, _ = chosen(*waiting, schedule=schedule, sent=sent)
        assert len(send) + bool(fold) <= max(most - sent, 0)
        assert not set(send) & set(fold)

from dataclasses import replace

import pytest

from models.desk import Desk
from models.hands import Hands
from models.history import ACT_NATS
from tests.models.desks import a_desk, a_history, opened, slow, standing


@pytest.fixture
def history():
    return a_history()


def untold(until):
    """Nobody knows who opened a session before a tick; then it is told that nobody of the deployment did."""

    def find(standing, others):
        return Hands(told_by=until if standing.tick < until else 0)

    return find


def test_what_may_still_be_told_of_is_waited_for(history):
    desk = a_desk(history)
    strange = standing(1, 30.0)
    assert desk.review([strange], lambda _: frozenset(), find_hands=untold(5), tick=0) == []
    assert (desk.budget.raised, desk.next_due()) == (0, 5)
    assert desk.review([], lambda _: frozenset(), find_hands=untold(5), tick=4) == []
    (raised,) = desk.review([], lambda _: frozenset(), find_hands=untold(5), tick=5)
    assert (raised.raised, raised.standing.tick, desk.budget.raised, desk.next_due()) == (True, 5, 1, None)


def test_what_changes_meanwhile_is_judged_as_it_stands_then(history):
    desk = a_desk(history)
    desk.review([standing(1, 30.0)], lambda _: frozenset(), find_hands=untold(5), tick=0)
    (held,) = desk.review(
        [standing(1, 31.0, tick=2)], lambda _: frozenset(), find_hands=opened(standing(1, 1.0)), tick=2
    )
    assert (held.held, desk.next_due()) == ("evidence", None)


def test_what_a_week_adds_up_to_is_added_up_again_then(history):
    """As a week's, it takes no room that is kept for the strongest."""
    desk, quiet = a_desk(history), standing(1, 4.1, write=0.0)

    def review(standings, tick):
        return desk.review(standings, lambda _: frozenset(), slow(100.0), untold(5), tick)

    assert review([quiet], 0) == []
    (raised,) = review([], 5)
    assert (raised.raised, raised.standing.since) == (True, quiet.day - 4)
    assert desk.cases[quiet.key].by_week


def test_a_week_that_found_no_room_is_asked_for_room_again(history):
    desk, quiet = a_desk(history, budget=1.0), standing(1, 4.1, write=0.0)
    desk.review([quiet], lambda _: frozenset(), slow(100.0), untold(5), 0)
    while desk.budget.has_room(critical=True):
        desk.budget.spend()
    decisions = desk.review([], lambda _: frozenset(), slow(100.0), untold(5), 5)
    assert not any(decision.raised for decision in decisions)


def test_a_fresh_session_puts_nothing_off_again(history):
    """Or who opens one every few minutes would wait until the day is over."""
    desk = a_desk(history)

    def find(one, others):
        return Hands(told_by=one.tick + 5)

    for tick in (0, 2, 4):
        changed = [standing(1, 30.0 + tick, tick=tick)]
        assert desk.review(changed, lambda _: frozenset(), find_hands=find, tick=tick) == []
        assert desk.next_due() == 5
    (raised,) = desk.review([], lambda _: frozenset(), find_hands=find, tick=5)
    assert raised.raised


def test_nothing_waits_beyond_its_day(history):
    desk = Desk(2.0)
    desk.start_day(history, history.calibration(), history.calibration("week"), 3)
    desk.review([standing(1, 30.0)], lambda _: frozenset(), find_hands=untold(5), tick=0)
    assert desk.next_due() == 3
    (raised,) = desk.review([], lambda _: frozenset(), find_hands=untold(5), tick=3)
    assert raised.raised


def test_a_critical_act_waits_for_nobody(history):
    desk = a_desk(history)
    act = replace(standing(1, 30.0), acts=ACT_NATS)
    (raised,) = desk.review([act], lambda _: frozenset(), find_hands=untold(5), tick=0)
    assert raised.raised

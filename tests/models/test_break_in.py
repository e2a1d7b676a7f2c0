from dataclasses import replace

import pytest

from models.break_in import MOST_JOINED
from models.budget import FLOOR_NATS
from models.hands import Hands
from tests.models.desks import a_desk, a_history, review, review_chain, seen_in, standing


@pytest.fixture
def history():
    return a_history()


def test_a_break_in_uses_the_budget_once(history):
    desk = a_desk(history, budget=1.0)
    first, second, third = (seen_in(principal, 60.0 - principal, 7) for principal in (1, 2, 3))
    decisions = [review(desk, one)[0] for one in (first, second, third)]
    assert [decision.raised for decision in decisions] == [True] * 3
    assert desk.budget.raised == 1
    assert [decision.joins for decision in decisions] == [set(), {first.key}, {first.key, second.key}]


@pytest.mark.parametrize("other", [{}, {"day": 16}])
def test_other_hands_or_another_day_are_another_break_in(history, other):
    desk = a_desk(history, budget=5.0)
    review(desk, seen_in(1, 60.0, 7))
    (decision,) = review(desk, seen_in(2, 59.0, *([7] if other else [8]), **other))
    assert (decision.joins, desk.budget.raised) == (set(), 2)


def test_who_shares_a_change_belongs_to_the_alert_that_stands_for_it(history):
    desk = a_desk(history)
    review(desk, seen_in(1, 60.0, sharing=[2]))
    (decision,) = review(desk, seen_in(2, 50.0))
    assert (decision.joins, desk.budget.raised) == ({(14, 1)}, 1)


def test_a_crowd_in_one_network_uses_the_budget_after_all(history):
    desk = a_desk(history, budget=1.0)
    decisions = [decision for p in range(20) for decision in review(desk, seen_in(p, 80.0 - p, 7))]
    assert sum(decision.raised for decision in decisions) == desk.budget.raised * (1 + MOST_JOINED) < 20


@pytest.mark.parametrize(
    ("total", "young", "told"),
    [(0.5, True, True), (0.0, True, False), (FLOOR_NATS, False, True), (FLOOR_NATS - 0.1, False, False)],
)
def test_what_was_made_is_told_with_its_maker_and_who_has_a_history_only_where_it_is_odd(history, total, young, told):
    desk = a_desk(history, budget=1.0)
    review(desk, seen_in(1, 60.0, 99))
    made = replace(seen_in(2, total, 99), kin=frozenset({99}), young=young)
    decisions = review(desk, made)
    assert [(decision.raised, decision.joins) for decision in decisions if decision.raised] == [
        (True, {(14, 1)})
    ] * told
    assert desk.budget.raised == 1


def test_what_nobody_raised_made_is_judged_as_ever(history):
    desk = a_desk(history, budget=1.0)
    review(desk, seen_in(1, 60.0, 99))
    other = replace(seen_in(2, 0.5, 98), kin=frozenset({98}), young=True)
    assert not any(decision.raised for decision in review(desk, other))


@pytest.mark.parametrize("link", [(1, 2), (2, 1)], ids=["the first opened", "the second opened"])
def test_a_chain_of_keys_is_one_break_in_and_uses_the_budget_once(history, link):
    desk = a_desk(history)
    (first,) = review_chain(desk, standing(1, 30.0), links=[link])
    used = desk.budget.raised
    (second,) = review_chain(desk, standing(2, 20.0, tick=1), links=[link])
    assert first.raised
    assert second.raised
    assert second.joins == {(14, 1)}
    assert desk.budget.raised == used


def test_what_no_key_leads_to_uses_the_budget(history):
    desk = a_desk(history)
    review_chain(desk, standing(1, 30.0), links=[(1, 2)])
    (other,) = review_chain(desk, standing(3, 20.0, tick=1), links=[(1, 2)])
    assert not other.joins
    assert desk.budget.raised == 2


def test_a_chain_finds_room_when_the_budget_is_used_up(history):
    desk = a_desk(history, budget=1.0)
    review_chain(desk, *[standing(p, 30.0 - p / 100) for p in range(1, 9)], links=[])
    assert [d.held for d in review_chain(desk, standing(20, 20.0, tick=1), links=[])] == ["budget"]
    (opened,) = review_chain(desk, standing(21, 20.0, tick=1), links=[(1, 21)])
    assert opened.raised
    assert opened.joins == {(14, 1)}


def test_a_chain_does_not_raise_what_would_not_be_raised(history):
    """Or a hub's odd day would tell of all that is a little odd in its spokes."""
    desk = a_desk(history)
    review_chain(desk, standing(1, 30.0), links=[(1, 2)])
    weak = review_chain(desk, standing(2, history.quantile(2.0) - 0.5, tick=1, write=0.0), links=[(1, 2)])
    assert not any(decision.raised for decision in weak)
    assert desk.budget.raised == 1


def test_hands_are_asked_for_only_where_something_is_decided(history):
    desk, asked = a_desk(history), []

    def find_hands(one, others):
        asked.append(one.principal)
        return Hands()

    desk.review([standing(1, 30.0), standing(2, 1.0)], lambda _: frozenset(), find_hands=find_hands)
    desk.review([standing(1, 30.1, tick=1)], lambda _: frozenset(), find_hands=find_hands)
    assert asked == [1]

from random import Random

import numpy as np
import pytest

from models.ledger import Ledger
from tests.models.evidences import DAY, evidence, moving, run


def test_evidence_counts_from_the_tick_it_was_delivered_in():
    ledger = Ledger()
    ledger.open(evidence((1, 7, 10, 5.0, -1), (1, 8, 20, 9.0, -1)))
    assert [s.total for s in run(ledger, 10, 15, 20)] == [5.0, pytest.approx(9.0 + (5 - np.log(11)) / 2**0.5)]


def test_the_kinds_prior_lowers_every_sum_of_the_kind():
    ledger = Ledger()
    ledger.open(evidence((1, 7, 10, 5.0, -1), prior={1: -2.0}))
    (standing,) = ledger.advance(10)
    assert (standing.total, standing.evidence) == (3.0, 5.0)


def test_a_value_counts_once_however_often_it_is_delivered():
    ledger = Ledger()
    ledger.open(evidence((1, 7, 10, 5.0, -1), (1, 7, 20, 5.0, -1)))
    assert [s.total for s in run(ledger, 10, 20)] == [5.0]


def test_late_evidence_joins_yesterdays_ledger_and_older_has_one_of_its_own():
    ledger = Ledger()
    ledger.open(evidence((1, 7, 10, 5.0, -1)))
    ledger.advance(10)
    late = evidence((1, 8, 30, 9.0, -1), day=DAY + 1)
    late.items.day[:] = DAY
    ledger.open(late)
    (standing,) = ledger.advance(30)
    assert standing.day == DAY
    assert standing.total > 9.0
    older = evidence((1, 9, 50, 9.0, -1), day=DAY + 2)
    older.items.day[:] = DAY
    ledger.open(older)
    (standing,) = ledger.advance(50)
    assert (standing.key, standing.total) == ((DAY, 1, DAY + 2), 9.0)


def test_a_ledger_of_what_came_late_takes_the_kind_from_the_day_it_came_on_and_closes_with_it():
    ledger, late = Ledger(), evidence((1, 7, 10, 9.0, -1), prior={1: -2.0}, day=DAY + 5)
    late.items.day[:] = DAY
    ledger.open(late)
    (standing,) = ledger.advance(10)
    assert (standing.total, standing.late) == (7.0, DAY + 5)
    more = evidence((1, 8, 30, 5.0, -1), day=DAY + 6)
    more.items.day[:] = DAY
    ledger.open(more)
    (standing,) = ledger.advance(30)
    assert (standing.total, standing.late) == (5.0, DAY + 6)


@pytest.mark.parametrize("opens", [True, False])
def test_a_yesterday_before_the_first_day_is_judged_unless_others_have(opens):
    ledger, late = Ledger(opens_yesterday=opens), evidence((1, 7, 10, 9.0, -1))
    late.items.day[:] = DAY - 1
    ledger.open(late)
    assert [standing.key for standing in ledger.advance(10)] == [(DAY - 1, 1)] * opens


def test_a_count_adds_the_larger_of_own_past_and_population():
    ledger = Ledger()
    ledger.open(evidence(volumes=[(1, 10, 2.0, 0), (1, 20, 3.0, 1)]))
    assert [s.families["count"] for s in run(ledger, 10, 20)] == [2.0, 3.0]


def test_contributions_add_up_to_the_sum():
    ledger = Ledger()
    ledger.open(evidence(*[(1, t, 10, 3.0 + t, -1) for t in range(6)], prior={1: -1.5}, volumes=[(1, 10, 2.0, 0)]))
    (standing,) = ledger.advance(10)
    told = sum(nats for _, nats in standing.contributions) + standing.families["count"] + standing.prior
    assert standing.total == pytest.approx(told, abs=1e-12)


def a_crowd(choice: Random, day: int = DAY):
    """Places and acts of a dozen, some shared by many, over ten ticks."""
    entries = [
        (choice.randrange(12), choice.choice((7, 8, 9, 10, 101, 102, 103, 104 + choice.randrange(50))),
         choice.randrange(10), choice.choice((0.5, 3.0, 5.0, 6.0)), choice.choice((-1, 0, 0, 1)))
        for _ in range(40)
    ]  # fmt: skip
    return moving(*sorted(entries, key=lambda entry: entry[2]), known={9, 10}, day=day)


@pytest.mark.parametrize("seed", range(30))
def test_tick_by_tick_each_standing_is_what_all_of_it_at_once_adds_up_to(seed):
    """However far a change reaches, nobody is left with what stood before it."""
    stepped, at_once, choice = Ledger(), Ledger(), Random(seed)
    told = [{}, {}]
    for day in (DAY, DAY + 1):
        crowd = a_crowd(choice, day)
        if day > DAY:
            crowd.items.day[::3] = DAY
        for ledger, ticks, last in zip((stepped, at_once), (range(10), (10,)), told, strict=True):
            ledger.open(crowd)
            last |= {standing.key: standing for standing in run(ledger, *ticks)}
    for key, standing in told[1].items():
        assert told[0][key].total == pytest.approx(standing.total, abs=1e-12)
        assert told[0][key].sharing == standing.sharing

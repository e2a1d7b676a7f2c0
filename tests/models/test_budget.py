"""What holds a standing back: evidence, the cuts of the days before, and the room that is left."""

from dataclasses import replace

import pytest

from models.budget import BURST_DAYS, FLOOR_NATS, OVERSHOOT, RAISE_FROM, Budget
from models.history import ACT_NATS, History
from tests.models.desks import a_history, standing


@pytest.fixture
def history() -> History:
    return a_history()


def a_budget(history: History, per_day: float | None = 2.0) -> Budget:
    budget = Budget(per_day)
    budget.start_day(history, history.calibration(), history.calibration("week"))
    return budget


def test_little_evidence_holds_back_whatever_the_score(history: History) -> None:
    assert a_budget(history).hold_back(standing(1, FLOOR_NATS - 0.1), 100.0) == "evidence"
    assert a_budget(history, None).hold_back(standing(1, FLOOR_NATS - 0.1), 100.0) == "evidence"


def test_without_a_budget_the_score_decides(history: History) -> None:
    budget, strange = a_budget(history, None), standing(1, 30.0)
    assert budget.hold_back(strange, RAISE_FROM - 0.1) == "score"
    assert budget.hold_back(strange, RAISE_FROM) is None
    assert budget.has_room()


def test_the_cut_is_what_the_days_before_reached_as_often_as_the_budget_asks(history: History) -> None:
    cut = history.quantile(2.0)
    ordinary = {"write": 1.0}
    for total, held in ((cut - 0.1, "others"), (cut + 0.1, None)):
        assert a_budget(history).hold_back(replace(standing(1, total), families=ordinary), 0.0) == held


def test_what_is_strong_finds_the_room_that_is_kept_for_it(history: History) -> None:
    budget = a_budget(history)
    while budget.has_room():
        budget.spend()
    assert budget.has_room(critical=True)
    assert budget.hold_back(standing(1, history.quantile(2.0) + 0.1, write=1.0), 0.0) == "budget"
    assert budget.hold_back(standing(1, 100.0), 0.0) is None


def test_a_critical_act_is_held_to_the_cut_of_days_with_one(history: History) -> None:
    for record in history.days:
        record.acts[:1] = ACT_NATS
    budget = a_budget(history)
    total = max(budget.cuts.acts, FLOOR_NATS)
    assert total < budget.cuts.sum
    usual = standing(1, total, write=1.0)
    assert budget.hold_back(usual, 0.0) == "others"
    assert budget.hold_back(replace(usual, acts=ACT_NATS), 0.0) is None


@pytest.mark.parametrize("per_day", [1.0, 2.0, 5.0])
def test_no_day_and_no_period_goes_beyond_its_bound(history: History, per_day: float) -> None:
    budget, most = Budget(per_day), 0
    for _ in range(20):
        budget.start_day(history, history.calibration(), history.calibration("week"))
        before = budget.raised
        while budget.has_room(critical=True):
            budget.spend()
        most = max(most, budget.raised - before)
    assert most <= BURST_DAYS * per_day
    assert budget.raised <= OVERSHOOT * per_day * 20


def test_what_others_counted_before_counts(history: History) -> None:
    budget = Budget(2.0, days=9, raised=22)
    budget.start_day(history, history.calibration(), history.calibration("week"))
    assert (budget.days, budget.has_room(), budget.has_room(critical=True)) == (10, False, True)

"""Figures of a model: judged by days before, none of them the days that are judged."""

from dataclasses import replace

import numpy as np
import pytest

from models.calibration import Calibration
from models.history import DayRecord
from models.model import Model
from models.priors import AttackPriors
from pipeline.datafiles import read_attack_priors
from pipeline.detect.figures import LEAST_RANKED, WEEK, describe, find_unsound, rank_agreement

PRIORS = AttackPriors.from_dict(read_attack_priors())
DAY = 20_500


def a_day(day, totals):
    totals = np.asarray(totals, dtype=float)
    zeros = np.zeros(len(totals))
    return DayRecord(day, 500, totals, totals, zeros.astype(bool), {}, zeros, totals)


def a_model(last_week_up_by=0.0, days=2 * WEEK):
    draw, model = np.random.default_rng(0), Model(DAY, PRIORS)
    for ago in range(days, 0, -1):
        totals = draw.exponential(3.0, 200) + (last_week_up_by if ago <= WEEK else 0.0)
        model.history.add(a_day(DAY - ago, totals))
    return model


def test_a_week_like_the_one_before_reaches_75_once_a_day_and_needs_the_budget():
    found = describe(a_model(), 5.0)
    assert found.reach is not None
    assert found.alerts is not None
    assert 0.3 < found.reach < 3
    assert 2.5 < found.alerts < 10


def test_a_week_that_is_stranger_than_the_one_before_is_seen_and_does_not_calibrate_itself():
    quiet, loud = describe(a_model(), 5.0), describe(a_model(last_week_up_by=10.0), 5.0)
    assert loud.reach > 10 * quiet.reach
    assert loud.alerts > 10 * quiet.alerts


def test_the_week_before_alone_sets_the_bounds():
    model = a_model()
    before = np.concatenate([record.total for record in model.history.days[:WEEK]])
    last = np.concatenate([record.total for record in model.history.days[WEEK:]])
    scores = Calibration.fit(before, 500 * WEEK, WEEK).score(last)
    assert describe(model, None).reach == (scores >= 75).sum() / WEEK
    assert describe(model, None).alerts == describe(model, None).reach


@pytest.mark.parametrize("days", [0, 1, WEEK, 2 * WEEK - 1])
def test_too_few_days_are_not_asked(days):
    found = describe(a_model(days=days), 5.0)
    assert (found.reach, found.alerts, found.unsound) == (None, None, "")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_none_is_found_wherever_it_is(value):
    model = a_model()
    assert find_unsound(model) == ""
    model.history.days[3] = replace(model.history.days[3], total=np.array([1.0, value]))
    assert find_unsound(model) == "among its judged days not finite: 1"
    model = a_model()
    model.breadth.sums = np.array([[1.0, value]])
    assert "its breadth" in find_unsound(model)
    assert describe(model, 5.0).reach is None


def test_a_number_that_is_none_is_found_in_a_large_array(monkeypatch):
    monkeypatch.setattr("models.room.PIECE", 7)
    model = a_model()
    model.baseline.firsts = np.zeros((4, 9, 3))
    assert find_unsound(model) == ""
    model.baseline.firsts[3, 8, 2] = model.baseline.firsts[0, 0, 1] = np.nan
    assert find_unsound(model) == "among its rates of firsts not finite: 2"


def test_an_order_is_compared_where_there_are_enough():
    one = {f"p{number:02}": float(number) for number in range(LEAST_RANKED)}
    turned = {name: -value for name, value in one.items()}
    assert rank_agreement(one, one) == (1.0, LEAST_RANKED)
    assert rank_agreement(one, turned) == (-1.0, LEAST_RANKED)
    assert rank_agreement(one, {name: value**3 for name, value in one.items()}) == (1.0, LEAST_RANKED)
    assert rank_agreement(one, dict.fromkeys(one, 1.0)) is None
    assert rank_agreement(one, dict(list(one.items())[1:])) is None

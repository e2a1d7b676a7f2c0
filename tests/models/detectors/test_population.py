"""Each measure against the group in that hour of the week, and the hour itself."""

from dataclasses import replace

import numpy as np

from models.detectors.hours import COLUMNS, COUNTS
from models.detectors.population import CLOCK_MOST_NATS, MOST_NATS, Population
from tests.models.vectors import past_of, usual, with_burst


def test_what_is_usual_in_one_group_is_odd_in_another() -> None:
    quiet, loud = usual(), usual(seed=2)
    loud.values[:, :COUNTS] *= 10
    loud = replace(loud, group=loud.group + 10)
    model = Population().fit(past_of(*[quiet, loud] * 3))
    row = loud.where(np.array([3]))
    assert model.score(replace(row, group=quiet.group[:1]))[0] > model.score(row)[0] + 10


def test_an_hour_in_which_nobody_of_the_group_works_is_a_measure() -> None:
    past = past_of(*[usual(seed=seed) for seed in range(5)])
    night = with_burst(usual(seed=9), 5, hour_of_week=100.0)
    why = Population().fit(past).explain(night)
    assert why.share[5, COUNTS] > 1
    assert why.share[5, COUNTS] <= CLOCK_MOST_NATS
    assert why.share[6, COUNTS] == 0
    assert why.typical[5, COUNTS] < 1 / 168


def test_a_score_is_the_largest_measure_and_a_quarter_of_the_others_capped() -> None:
    hours = with_burst(usual(seed=9), 5, regions=1e9, denied=1e9)
    model = Population().fit(past_of(usual()))
    share = model.explain(hours).share[5]
    assert sorted(share)[-2:] == [MOST_NATS, MOST_NATS]
    assert model.score(hours)[5] == max(share) + (sum(share) - max(share)) / 4


def test_less_than_usual_is_never_odd() -> None:
    hours = usual(seed=9)
    hours.values[:, :COUNTS] = 0
    assert not Population().fit(past_of(usual())).explain(hours).share[:, :COUNTS].any()


def test_nothing_learnt_says_nothing() -> None:
    assert not Population().score(usual()).any()
    assert len(COLUMNS) == COUNTS + 1

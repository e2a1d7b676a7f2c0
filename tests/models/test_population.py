"""An hour against the others of the group: who they are, when they are asked, and what they expect."""

import numpy as np
import pytest

from features.activity.hourly import MEASURES
from features.times.instant import HOUR, MINUTE
from models.baseline import Baseline, pair_key
from models.counts import HourlyRows, Moments, Volumes, sum_running
from models.population import CLOSE_MINUTES, FEWEST_OTHERS, MOST, WEIGHT, score_population

NINE = 24 * 100 + 9
CLOSED = (60 + CLOSE_MINUTES) * MINUTE
CALLS = tuple(MEASURES).index("calls")


@pytest.fixture
def baseline() -> Baseline:
    """Six roles of a group, one of another."""
    made = Baseline(day=100)
    for name in "abcdef":
        made.enrol(name, "role", "group", "1")
    made.enrol("z", "role", "other", "1")
    return made


def rows(*entries: tuple[int, int, int]) -> HourlyRows:
    """Rows of (principal, minutes after nine, calls), sorted."""
    counts = np.zeros((len(entries), len(MEASURES)))
    counts[:, CALLS] = [calls for _, _, calls in entries]
    principal, minute = (np.array([entry[at] for entry in entries]) for at in (0, 1))
    hour = np.full(len(entries), NINE)
    return HourlyRows(principal, hour, hour * HOUR + minute * MINUTE, hour // 24, counts)


def score(baseline: Baseline, found: HourlyRows, usual: float = 0.5) -> Volumes:
    running = sum_running(found.counts, pair_key(found.principal, found.hour))
    mean = np.full((len(baseline.groups), len(MEASURES)), usual)
    return score_population(baseline, found, running, Moments(mean, mean + mean**2))


def test_a_burst_stands_out_among_others_once_the_hour_is_closed(baseline: Baseline) -> None:
    found = score(baseline, rows((0, 10, 90), (1, 10, 2), (2, 10, 2), (3, 10, 2)))
    best = found.nats.argmax()
    assert (found.principal[best], found.actual[best], found.typical[best]) == (0, 90.0, 2.0)
    assert found.nats[best] == WEIGHT * MOST
    assert set((found.tick - NINE * HOUR).tolist()) == {CLOSED}
    assert (found.population == 1).all()


def test_too_few_others_are_no_population(baseline: Baseline) -> None:
    others = [(p, 10, 2) for p in range(1, FEWEST_OTHERS)]
    assert len(score(baseline, rows((0, 10, 90), *others))) == 0
    assert len(score(baseline, rows((0, 10, 90), *others, (FEWEST_OTHERS, 10, 2)))) > 0


def test_another_groups_members_are_no_others(baseline: Baseline) -> None:
    assert len(score(baseline, rows((0, 10, 90), (1, 10, 2), (2, 10, 2), (6, 10, 2)))) == 0


def test_an_hour_in_which_everybody_is_busy_makes_nobody_odd(baseline: Baseline) -> None:
    assert score(baseline, rows(*[(p, 10, 90) for p in range(5)])).nats.tolist() == [0.0] * 5


def test_others_who_idle_make_nobody_odd_whose_group_is_usually_busy(baseline: Baseline) -> None:
    found = rows((0, 10, 90), *[(p, 10, 1) for p in (1, 2, 3, 4)])
    assert score(baseline, found, usual=90.0).nats.max() == 0.0
    assert score(baseline, found, usual=1.0).nats.max() > 0.0


def test_what_came_after_the_close_is_compared_when_it_came(baseline: Baseline) -> None:
    others = [(p, 10, 2) for p in (1, 2, 3)]
    found = score(baseline, rows((0, 10, 2), (0, 200, 88), *others))
    late = found.where(found.principal == 0)
    assert (late.tick - NINE * HOUR).tolist() == [CLOSED, 200 * MINUTE]
    assert late.actual.tolist() == [2.0, 90.0]
    assert late.nats[0] == 0.0 < late.nats[1]


def test_the_others_are_as_they_stood_when_the_hour_closed(baseline: Baseline) -> None:
    others = [(1, 10, 2), (1, 300, 500), (2, 10, 2), (3, 10, 2)]
    found = score(baseline, rows((0, 10, 90), *others))
    assert found.typical[found.principal == 0].tolist() == [2.0]


def test_who_came_only_late_is_not_among_its_own_others(baseline: Baseline) -> None:
    found = score(baseline, rows((0, 200, 90), (1, 10, 2), (2, 10, 2), (3, 10, 2)))
    mine = found.where(found.principal == 0)
    assert (mine.actual.tolist(), mine.typical.tolist()) == ([90.0], [2.0])


def test_no_hour_closed_no_population(baseline: Baseline) -> None:
    assert len(score(baseline, rows((0, 200, 90)))) == 0

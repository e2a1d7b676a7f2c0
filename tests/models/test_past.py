"""What a baseline knows of a token of a principal's day."""

import numpy as np
import pytest

from models.baseline import NOBODY, PEERS, Baseline
from models.past import take
from tests.models import baselines
from tests.models.baselines import past_of


@pytest.fixture(scope="module")
def settled() -> Baseline:
    return baselines.settled()


def test_a_habit_is_mine_with_its_hours(settled: Baseline) -> None:
    past = past_of(settled, ("read", "s3:ListBuckets", ""))
    assert past.mine.tolist() == [True]
    assert past.habit[0] == past.hours[0] > 0
    assert past.circle.tolist() == [PEERS]


def test_what_others_do_is_no_habit_of_mine(settled: Baseline) -> None:
    past = past_of(settled, ("write", "lambda:CreateFunction", ""))
    assert (past.mine.tolist(), past.habit.tolist()) == ([False], [0.0])


def test_actions_are_judged_among_all_active_hours_and_resources_among_their_own(settled: Baseline) -> None:
    past = past_of(settled, ("write", "ecs:UpdateService", ""), ("resource:bucket", "pay", ""))
    active = settled.hours[0, 0]
    assert past.among.tolist() == [0, settled.dimensions.get("resource:bucket")]
    assert past.hours[0] == active > past.hours[1] == settled.hours[0, past.among[1]]


def test_only_an_action_that_nobody_ever_made_is_unheard(settled: Baseline) -> None:
    tokens = [("write", "cloudtrail:StopLogging"), ("write", "lambda:CreateFunction"), ("country", "KP")]
    past = past_of(settled, *[(dimension, value, "") for dimension, value in tokens])
    assert not past.mine.any()
    assert past.unheard.tolist() == [True, False, False]
    assert past.circle.tolist() == [NOBODY, PEERS, NOBODY]


def test_nothing_can_be_taken_from_nothing() -> None:
    assert take(np.empty(0), np.zeros(3, dtype=np.int64)).tolist() == [0.0, 0.0, 0.0]

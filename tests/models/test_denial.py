"""A denial is explained by the action, by the principal's firsts, or by its own habit of being denied it."""

import numpy as np
import pytest

from models.baseline import Baseline
from models.denial import estimate_denial
from tests.models import baselines
from tests.models.baselines import ANN, BOB, CAT, DAN, DAY, learn, past_of


@pytest.fixture
def settled() -> Baseline:
    return baselines.settled()


def denial(baseline: Baseline, *actions: str, who: int = ANN) -> list[float]:
    past = past_of(baseline, *[("denied", action, "") for action in actions], who=who)
    return [float(p) for p in estimate_denial(baseline, past, np.arange(len(actions)))]


def test_what_is_often_denied_to_anybody_is_likely_denied(settled: Baseline) -> None:
    for day in range(DAY, DAY + 10):
        learn(settled, day, *[(who, "denied", "s3:ListBuckets", 6) for who in (BOB, CAT, DAN)])
    often, seldom = denial(settled, "s3:ListBuckets", "ecs:UpdateService")
    assert often > seldom > 0


def test_whose_firsts_are_denials_is_likely_denied(settled: Baseline) -> None:
    [before] = denial(settled, "s3:ListBuckets", who=CAT)
    tried = [(CAT, dimension, f"iam:Try{n}", 1) for n in range(10) for dimension in ("read", "denied")]
    learn(settled, DAY, *tried)
    [after] = denial(settled, "s3:ListBuckets", who=CAT)
    [others] = denial(settled, "s3:ListBuckets", who=DAN)
    assert after > 2 * max(before, others)


def test_who_is_denied_this_very_action_every_day_is_likely_denied(settled: Baseline) -> None:
    [before] = denial(settled, "s3:ListBuckets")
    refused = [(ANN, "denied", "s3:ListBuckets", 6), (BOB, "read", "s3:ListBuckets", 6)]
    for day in range(DAY, DAY + 10):
        learn(settled, day, *refused)
    [after] = denial(settled, "s3:ListBuckets")
    assert after > 0.5 > before


def test_each_denial_is_judged_by_its_own_action(settled: Baseline) -> None:
    for day in range(DAY, DAY + 10):
        learn(settled, day, *[(who, "denied", "s3:ListBuckets", 6) for who in (BOB, CAT)])
    together = denial(settled, "s3:ListBuckets", "ecs:UpdateService", "never:Called")
    alone = [denial(settled, action)[0] for action in ("s3:ListBuckets", "ecs:UpdateService", "never:Called")]
    assert together == alone
    assert len(set(together)) > 1


def test_a_deployment_without_denials_still_gives_a_probability(settled: Baseline) -> None:
    assert 0 < denial(settled, "never:Called")[0] < 0.05


def test_no_denials_no_probabilities(settled: Baseline) -> None:
    past = past_of(settled, ("read", "s3:ListBuckets", ""))
    assert len(estimate_denial(settled, past, np.empty(0, dtype=np.int64))) == 0

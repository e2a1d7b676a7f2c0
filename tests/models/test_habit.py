"""p: the parts it is made of, each moved on its own."""

import numpy as np
import pytest

from models.baseline import Baseline
from models.circles import Circles
from models.habit import DISCOUNT, FADED, STRENGTH, UNHEARD_OTHER, UNHEARD_SENSITIVE, estimate_own, estimate_probability
from models.rates import FirstRates
from tests.models import baselines
from tests.models.baselines import ANN, CAT, DAN, DAY, learn, past_of, traits_of


@pytest.fixture
def settled() -> Baseline:
    return baselines.settled()


def probability(baseline: Baseline, *tokens: tuple[str, str], who: int = ANN) -> list[float]:
    past = past_of(baseline, *[(dimension, value, "write") for dimension, value in tokens], who=who)
    p = estimate_probability(baseline, Circles(baseline), FirstRates(baseline), traits_of(baseline), past)
    return [float(value) for value in p]


def test_the_discount_leaves_a_share_of_a_faded_habit() -> None:
    habit = np.array([0.0, 0.1, DISCOUNT, 10.0])
    kept = estimate_own(habit, np.full(4, 8.0)) * (8.0 + STRENGTH)
    assert kept.tolist() == pytest.approx([0.0, FADED * 0.1, FADED * DISCOUNT, 10.0 - DISCOUNT])


def test_a_habit_is_likelier_the_more_hours_it_has(settled: Baseline) -> None:
    often, seldom, never = probability(
        settled, ("read", "s3:ListBuckets"), ("write", "ecs:UpdateService"), ("write", "ecs:DeleteService")
    )
    assert 1 >= often > seldom > 100 * never > 0


def test_it_is_a_probability_however_busy_the_principal(settled: Baseline) -> None:
    settled.hours[:, 0] *= 10
    assert max(probability(settled, ("read", "s3:ListBuckets"), ("country", "DE"), ("agent", "console"))) <= 1.0


def test_who_is_active_all_day_shows_any_value_sooner(settled: Baseline) -> None:
    token = ("prefix", "203.0.113.0/24")
    [some] = probability(settled, token)
    settled.active_days[ANN] /= 4  # four times the hours a day
    [more] = probability(settled, token)
    assert more == pytest.approx(2 * some)


def test_what_peers_do_often_is_likelier_than_what_others_do(settled: Baseline) -> None:
    peers, others = probability(settled, ("write", "lambda:CreateFunction"), ("write", "sqs:CreateQueue"))
    assert peers > others


def test_peers_say_less_the_longer_the_own_history(settled: Baseline) -> None:
    token = ("resource:bucket", "logs")
    [young] = probability(settled, token)
    column = settled.dimensions.get("resource:bucket")
    settled.hours[ANN, column] *= 20
    [old] = probability(settled, token)
    assert old < young


@pytest.mark.parametrize(
    ("action", "share"), [("cloudtrail:StopLogging", UNHEARD_SENSITIVE), ("ecs:TagResource", UNHEARD_OTHER)]
)
def test_what_nobody_ever_called_keeps_a_part_of_its_novelty(
    settled: Baseline, monkeypatch: pytest.MonkeyPatch, action: str, share: float
) -> None:
    [found] = probability(settled, ("write", action))
    for name in ("UNHEARD_SENSITIVE", "UNHEARD_OTHER"):
        monkeypatch.setattr(f"models.habit.{name}", 1.0)
    [whole] = probability(settled, ("write", action))
    assert found == pytest.approx(share * whole)


def test_what_is_new_in_the_kind_just_now_is_likelier_everywhere(settled: Baseline) -> None:
    """Dan's tool reaches Cat: as one of many tools of the deployment, or because it spreads among people just now."""
    learn(settled, DAY, (DAN, "agent", "tool", 1))
    token = int(settled.token_codes(["agent"], ["tool"], [""])[0])
    settled.recent_key, settled.recent = np.array([(int(settled.stratum[CAT]) << 32) | token]), np.array([0.0])
    [calm] = probability(settled, ("agent", "tool"), who=CAT)
    settled.recent[:] = 5.0
    [spreading] = probability(settled, ("agent", "tool"), who=CAT)
    assert spreading > calm > 0


def test_a_dimension_that_does_not_follow_its_kind_is_left_alone(settled: Baseline) -> None:
    [before] = probability(settled, ("country", "FR"))
    settled.recent[:] *= 100
    [after] = probability(settled, ("country", "FR"))
    assert after == before

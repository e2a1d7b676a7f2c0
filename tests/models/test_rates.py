"""How often a principal does something for the first time, and in whose footsteps."""

import numpy as np
import pytest

from models.baseline import DEPLOYMENT, NOBODY, PEERS, Baseline
from models.rates import KIND_SHARES, UNKNOWN_RATE, FirstRates
from tests.models.baselines import ANN, BOB, CAT, DAN, four_people, learn


def busy(baseline: Baseline, explorer: int | None = None) -> Baseline:
    """Twenty days of one habit each; the explorer calls something new every day."""
    for day in range(10, 30):
        usual = [(who, "read", "s3:ListBuckets", 6) for who in (ANN, BOB, CAT, DAN)]
        learn(baseline, day, *usual, *([(explorer, "read", f"s3:New{day}", 1)] if explorer is not None else []))
    return baseline


def rate(baseline: Baseline, who: int, dimension: str = "read") -> float:
    return float(FirstRates(baseline).rate[who, baseline.dimensions.get(dimension)])


def test_who_explores_has_the_higher_rate() -> None:
    baseline = busy(four_people(day=10), explorer=DAN)
    assert rate(baseline, DAN) > 3 * rate(baseline, CAT)


def test_peers_of_an_explorer_are_expected_to_explore_more_than_others() -> None:
    baseline = busy(four_people(day=10), explorer=BOB)
    assert rate(baseline, BOB) > rate(baseline, ANN) > rate(baseline, CAT)


def test_who_showed_nothing_new_keeps_a_rate_above_zero() -> None:
    baseline = busy(four_people(day=10))
    settled = float(baseline.settled_hours[ANN, 0])
    assert 0 < rate(baseline, ANN) < UNKNOWN_RATE
    assert rate(baseline, ANN) < 1 / settled  # a prior worth one first, however long it was quiet


def test_a_kind_of_which_nothing_is_known_has_the_assumed_rate() -> None:
    baseline = four_people(day=10)
    baseline.token_codes(["read"], ["s3:A"], [""])
    assert rate(baseline, ANN) == pytest.approx(UNKNOWN_RATE)


def test_shares_add_up_and_begin_as_a_kinds_do() -> None:
    baseline = four_people(day=10)
    baseline.token_codes(["read"], ["s3:A"], [""])
    circle = np.arange(4)
    dimension = np.full(4, baseline.dimensions.get("read"))
    share = FirstRates(baseline).share(circle, np.full(4, ANN), dimension)
    assert share.tolist() == pytest.approx(KIND_SHARES.tolist())


def test_who_follows_others_has_the_larger_share_there() -> None:
    baseline = four_people(day=10)
    for day in range(10, 30):
        learn(baseline, day, (BOB, "read", f"s3:Day{day}", 6), (ANN, "read", "s3:ListBuckets", 6))
        learn(baseline, day, (ANN, "read", f"s3:Day{day}", 6), (DAN, "read", f"s3:Own{day}", 6))
    dimension = np.full(4, baseline.dimensions.get("read"))
    rates = FirstRates(baseline)
    follower = rates.share(np.arange(4), np.full(4, ANN), dimension)
    leader = rates.share(np.arange(4), np.full(4, DAN), dimension)
    assert follower.sum() == pytest.approx(leader.sum()) == pytest.approx(1.0)
    assert follower[PEERS] > leader[PEERS]
    assert leader[NOBODY] > follower[NOBODY]
    assert follower.argmax() == PEERS
    assert leader[DEPLOYMENT] < leader[NOBODY]

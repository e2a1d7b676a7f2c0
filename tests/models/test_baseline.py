import numpy as np
import pytest

from models.baseline import ACCOUNT, DEPLOYMENT, NOBODY, PEERS, Pairs
from models.circles import Circles
from tests.models.baselines import four_people, learn


@pytest.fixture
def baseline():
    return four_people(day=10)


def test_the_smallest_circle_that_knows_a_value_is_found(baseline):
    learn(baseline, 10, (1, "read", "s3:A", 1), (2, "read", "s3:B", 1), (3, "read", "s3:C", 1))
    token = baseline.token_codes(["read"] * 4, ["s3:A", "s3:B", "s3:C", "s3:D"], [""] * 4)
    circle = Circles(baseline).of(np.zeros(4, dtype=np.int64), token)
    assert circle.tolist() == [PEERS, ACCOUNT, DEPLOYMENT, NOBODY]


def test_a_baseline_halves_a_habit_in_45_days(baseline):
    learn(baseline, 10, (0, "read", "s3:A", 4))
    learn(baseline, 55, (1, "read", "s3:B", 1))
    assert baseline.pairs.hours[0] == pytest.approx(2.0)
    assert baseline.pairs.total[0] == 4.0


def test_a_principals_first_days_say_nothing_of_its_rate_of_firsts(baseline):
    learn(baseline, 10, (0, "read", "s3:A", 1))
    assert baseline.firsts.sum() == 0
    learn(baseline, 20, (0, "read", "s3:B", 1))
    assert baseline.firsts[NOBODY].sum() == 1


def test_a_value_is_a_first_once(baseline):
    learn(baseline, 10, (0, "read", "s3:A", 1))
    learn(baseline, 20, (0, "read", "s3:B", 1))
    learn(baseline, 21, (0, "read", "s3:B", 1))
    assert baseline.firsts.sum() == pytest.approx(0.5 ** (1 / 14))


def test_a_flagged_value_is_kept_from_peers_for_a_fortnight_and_never_from_its_own_principal(baseline):
    token = learn(baseline, 10, (0, "write", "cloudtrail:DeleteTrail", 1))
    baseline.flag(np.array([0]), token)
    assert Circles(baseline).of(np.array([1]), token).tolist() == [NOBODY]
    learn(baseline, 11, (2, "read", "s3:A", 1))
    assert baseline.pairs.hours[0] > 0
    learn(baseline, 26, (2, "read", "s3:A", 1))
    assert Circles(baseline).of(np.array([1]), token).tolist() == [PEERS]


def test_the_shares_of_what_is_left_to_do_first_add_up_to_one(baseline):
    learn(baseline, 10, (1, "read", "s3:A", 1), (1, "read", "s3:B", 1), (0, "read", "s3:C", 1))
    circles = Circles(baseline)
    token = baseline.token_codes(["read"] * 2, ["s3:A", "s3:B"], [""] * 2)
    share = circles.share(np.full(2, PEERS), np.zeros(2, dtype=np.int64), token)
    assert share.sum() == pytest.approx(1.0)


def test_entries_stand_in_order_however_they_came():
    draw, pairs, hours_of = np.random.default_rng(15), Pairs(), dict[int, int]()
    for _ in range(6):
        keys = np.unique(draw.integers(0, 500, 80))
        hours = draw.integers(1, 9, len(keys))
        assert pairs.add(keys, hours).tolist() == [key not in hours_of for key in keys.tolist()]
        for key, more in zip(keys.tolist(), hours.tolist(), strict=True):
            hours_of[key] = hours_of.get(key, 0) + more
        pairs.hours *= 0.5
    assert pairs.key.tolist() == sorted(hours_of)
    assert pairs.total.tolist() == [hours_of[key] for key in sorted(hours_of)]
    assert (pairs.hours < pairs.total).all()

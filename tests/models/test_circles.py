"""Who else knows a value, how widely, and how often peers do it."""

import numpy as np
import pytest

from models.baseline import ACCOUNT, DEPLOYMENT, NOBODY, PEERS, Baseline, Ints
from models.circles import Circles
from models.knowing import COMMONNESS
from tests.models.baselines import ANN, BOB, CAT, DAN, four_people, learn


@pytest.fixture
def baseline() -> Baseline:
    """A value each that Bob, Cat and Dan know, and one that all three do."""
    made = four_people(day=10)
    mine = [(BOB, "read", "s3:Bob", 4), (CAT, "read", "s3:Cat", 1), (DAN, "read", "s3:Dan", 1)]
    learn(made, 10, *mine, *[(who, "read", "s3:All", 2) for who in (BOB, CAT, DAN)], (ANN, "read", "s3:Ann", 1))
    return made


def codes(baseline: Baseline, *values: str) -> Ints:
    return baseline.token_codes(["read"] * len(values), list(values), [""] * len(values))


def everybody(who: int, length: int) -> Ints:
    return np.full(length, who, dtype=np.int64)


def test_the_smallest_circle_is_found_for_each_principal(baseline: Baseline) -> None:
    token = codes(baseline, "s3:Bob", "s3:Cat", "s3:Dan", "s3:All", "s3:None")
    circles = Circles(baseline)
    assert circles.of(everybody(ANN, 5), token).tolist() == [PEERS, ACCOUNT, DEPLOYMENT, PEERS, NOBODY]
    assert circles.of(everybody(DAN, 5), token).tolist() == [DEPLOYMENT, DEPLOYMENT, PEERS, PEERS, NOBODY]


def test_a_circle_counts_principals_not_hours(baseline: Baseline) -> None:
    token = codes(baseline, "s3:Bob", "s3:All", "s3:None")
    circles = Circles(baseline)
    assert circles.knowing(PEERS, everybody(ANN, 3), token).tolist() == [1, 1, 0]
    assert circles.knowing(DEPLOYMENT, everybody(ANN, 3), token).tolist() == [1, 3, 0]


def test_what_more_know_is_likelier_the_next_first_by_a_power(baseline: Baseline) -> None:
    token = codes(baseline, "s3:Dan", "s3:All")
    rare, common = Circles(baseline).share(everybody(DEPLOYMENT, 2), everybody(ANN, 2), token)
    assert common / rare == pytest.approx(3**COMMONNESS)


def test_what_the_principal_knows_itself_takes_no_share(baseline: Baseline) -> None:
    others = codes(baseline, "s3:Bob", "s3:Cat", "s3:Dan", "s3:All")
    share = Circles(baseline).share(everybody(DEPLOYMENT, 4), everybody(ANN, 4), others)
    assert share.sum() == pytest.approx(1.0)


def test_nobodys_value_is_one_event(baseline: Baseline) -> None:
    assert Circles(baseline).share(everybody(NOBODY, 1), everybody(ANN, 1), codes(baseline, "s3:None")).tolist() == [
        1.0
    ]


def test_a_peers_rate_is_that_of_the_others_hours(baseline: Baseline) -> None:
    token, any_hour = codes(baseline, "s3:Bob", "s3:Cat"), np.zeros(2, dtype=np.int64)
    circles = Circles(baseline)
    assert circles.peer_rate(everybody(ANN, 2), token, np.zeros(2), any_hour).tolist() == [1.0, 0.0]
    own = np.array([4.0, 0.0])
    assert circles.peer_rate(everybody(BOB, 2), token, own, any_hour).tolist() == [0.0, 0.0]


def test_known_values_are_counted_by_dimension(baseline: Baseline) -> None:
    learn(baseline, 11, (ANN, "country", "DE", 1))
    known = dict(zip(baseline.dimensions.values, Circles(baseline).known_values().tolist(), strict=True))
    assert known == {"": 0, "read": 5, "country": 1}


def test_members_are_those_known_before_the_day(baseline: Baseline) -> None:
    baseline.enrol("eve", "person", "dev", "1")
    members = dict(zip(baseline.groups.values, Circles(baseline).members.tolist(), strict=True))
    assert members == {"dev": 2, "ops": 1, "far": 1}


def test_a_deployment_of_which_nothing_is_known_knows_nothing() -> None:
    made = four_people(day=10)
    token = codes(made, "s3:A")
    circles = Circles(made)
    assert circles.of(everybody(ANN, 1), token).tolist() == [NOBODY]
    assert circles.peer_rate(everybody(ANN, 1), token, np.zeros(1), np.zeros(1, dtype=np.int64)).tolist() == [0.0]

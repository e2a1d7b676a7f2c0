"""Which openings share within a company: accounts in which somebody of the deployment was seen at work."""

import numpy as np
import pytest

from models.baseline import SEPARATOR, Baseline
from models.circles import Circles
from models.own_accounts import count_own_accounts, is_inside
from tests.models.baselines import ANN, BOB, DAY, four_people, learn

OURS, ANOTHER, THEIRS = "111122223333", "444455556666", "777788889999"


@pytest.fixture
def baseline() -> Baseline:
    baseline = four_people(DAY - 1)
    learn(baseline, DAY - 1, (ANN, "account", OURS, 1), (BOB, "account", ANOTHER, 1))
    return baseline


def inside(baseline: Baseline, *openings: str) -> list[bool]:
    tokens = baseline.token_codes(["exposure"] * len(openings), list(openings), [""] * len(openings))
    return [bool(one) for one in is_inside(baseline, Circles(baseline), tokens)]


def test_an_opening_to_an_account_where_somebody_works_is_inside(baseline: Baseline) -> None:
    assert inside(baseline, f"account:{OURS}", f"account:{THEIRS}") == [True, False]
    assert count_own_accounts(baseline, Circles(baseline)) == 2


@pytest.mark.parametrize("opening", ["principal:*", "cidr:0.0.0.0/0", f"cidr:{OURS}", f"policy:{OURS}", OURS, ""])
def test_what_names_no_account_is_not(baseline: Baseline, opening: str) -> None:
    assert inside(baseline, opening) == [False]


def test_a_call_in_an_account_of_that_name_is_no_opening(baseline: Baseline) -> None:
    token = np.array([baseline.tokens.get(f"account{SEPARATOR}{OURS}")])
    assert not is_inside(baseline, Circles(baseline), token).any()


def test_an_account_that_is_only_seen_today_is_not(baseline: Baseline) -> None:
    baseline.token_codes(["account"], [THEIRS], [""])
    assert inside(baseline, f"account:{THEIRS}") == [False]


def test_an_account_of_which_only_a_raised_alert_tells_is_not(baseline: Baseline) -> None:
    baseline.flag(np.array([ANN]), np.array([baseline.tokens.get(f"account{SEPARATOR}{OURS}")]))
    assert inside(baseline, f"account:{OURS}", f"account:{ANOTHER}") == [False, True]


def test_nothing_is_inside_before_anything_is_known() -> None:
    baseline = four_people(DAY)
    assert inside(baseline, f"account:{OURS}") == [False]
    assert inside(baseline) == []
    assert count_own_accounts(baseline, Circles(baseline)) == 1

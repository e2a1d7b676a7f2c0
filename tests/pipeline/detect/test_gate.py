"""What keeps a new model out of service, figure by figure."""

from dataclasses import replace

import pytest

from models.budget import BURST_DAYS
from pipeline.detect.figures import Alone
from pipeline.detect.gate import LEAST_ACTIVE, MOST_REACH, Together, decide

WELL = Alone("", 100, 1.0, 4.0)
BUDGET = 5.0
FOUND = dict.fromkeys(("loud a", "medium b", "stealthy c"), 90.0)


def failed(new=WELL, old=WELL, together=None, budget=BUDGET):
    verdict = decide(new, old, together or Together(), budget)
    assert verdict.passed == (not verdict.why)
    return [figure.name for figure in verdict.figures if not figure.passed]


def test_what_is_like_the_one_in_service_passes():
    assert failed(together=Together((0.9, 40), FOUND, FOUND)) == []


@pytest.mark.parametrize(
    ("new", "name"),
    [
        (replace(WELL, unsound="among its counts not finite: 3"), "numbers"),
        (replace(WELL, active=int(100 * LEAST_ACTIVE) - 1), "active_principals"),
        (replace(WELL, active=0), "active_principals"),
        (replace(WELL, reach=MOST_REACH + 0.01), "calibration"),
        (replace(WELL, alerts=BUDGET * BURST_DAYS + 0.01), "alerts_a_day"),
    ],
)
def test_what_is_out_of_bounds_is_named(new, name):
    assert failed(new) == [name]


@pytest.mark.parametrize(
    "new",
    [
        replace(WELL, active=int(100 * LEAST_ACTIVE)),
        replace(WELL, reach=MOST_REACH),
        replace(WELL, alerts=BUDGET * BURST_DAYS),
        replace(WELL, reach=None, alerts=None),
    ],
)
def test_what_is_at_a_bound_or_could_not_be_asked_passes(new):
    assert failed(new) == []


def test_a_rate_that_the_one_in_service_has_as_well_keeps_nothing_out():
    loud = replace(WELL, reach=9.0, alerts=40.0)
    assert failed(loud, loud) == []
    assert failed(replace(loud, reach=9.1, alerts=40.1), loud) == ["calibration", "alerts_a_day"]


def test_without_one_in_service_only_a_number_that_is_none_keeps_a_model_out():
    assert failed(replace(WELL, active=1, reach=99.0, alerts=99.0), None) == []
    assert failed(replace(WELL, unsound="among its counts not finite: 1"), None) == ["numbers"]


def test_without_a_budget_one_alert_a_day_is_what_is_promised():
    was = replace(WELL, alerts=1.0)
    assert failed(replace(WELL, alerts=BURST_DAYS + 0.1), was, budget=None) == ["alerts_a_day"]
    assert failed(replace(WELL, alerts=float(BURST_DAYS)), was, budget=None) == []


@pytest.mark.parametrize(("agreement", "passes"), [((0.9, 12), True), ((0.2, 12), False), ((0.2, 1000), True)])
def test_an_order_that_chance_would_give_is_no_successors(agreement, passes):
    assert failed(together=Together(agreement)) == ([] if passes else ["rank_agreement"])


@pytest.mark.parametrize(
    ("now", "passes"),
    [
        (FOUND, True),
        (FOUND | {"loud a": 74.0}, False),  # lost
        (FOUND | {"loud a": 86.0}, True),
        (dict.fromkeys(FOUND, 84.0), False),  # all found, and all weaker
        (dict.fromkeys(FOUND, 86.0), True),
        (dict.fromkeys(FOUND, 99.0), True),
    ],
)
def test_planted_attacks_have_to_be_found_as_well_as_before(now, passes):
    assert failed(together=Together(None, now, FOUND)) == ([] if passes else ["planted_attacks"])


def test_an_attack_more_makes_up_for_one_less():
    was = {"loud a": 90.0, "stealthy c": 60.0}
    assert failed(together=Together(None, {"loud a": 60.0, "stealthy c": 90.0}, was)) == []


def test_a_refusal_says_what_was_and_what_is():
    verdict = decide(replace(WELL, reach=7.0), WELL, Together(), BUDGET)
    assert "7.0 principal-days a day scored 75" in verdict.why
    assert "with the one in service 1.0" in verdict.why
    [figure] = [one for one in verdict.as_dict()["figures"] if not one["passed"]]
    assert figure == {"name": "calibration", "now": 7.0, "was": 1.0, "bound": "at most 3.2 a day", "passed": False}

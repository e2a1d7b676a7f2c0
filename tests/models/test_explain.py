"""Reasons add up to what they explain, and say it in words an analyst takes in."""

import re

import pytest

from features.activity.hourly import MEASURES
from models.explain import (
    LEAST_NATS,
    MOST_REASONS,
    NO_HISTORY,
    Reason,
    find_detector,
    reasons,
    told_with,
    word_count,
)
from models.standing import Standing
from tests.models.worlds import Judged, a_theft_judged

VICTIM = "idc/person3"


@pytest.fixture(scope="module")
def judged() -> Judged:
    return a_theft_judged()


@pytest.fixture(scope="module")
def stolen(judged: Judged) -> Standing:
    return judged.standing(VICTIM)


@pytest.fixture(scope="module")
def found(judged: Judged, stolen: Standing) -> list[Reason]:
    return reasons(stolen, judged.model.baseline)[0]


def test_reasons_and_what_is_left_add_up_to_the_sum(judged: Judged) -> None:
    for standing in judged.outcome.last.values():
        told, other = reasons(standing, judged.model.baseline)
        assert sum(reason.nats for reason in told) + other == pytest.approx(standing.total, abs=1e-9)


def test_the_weightiest_come_first_and_small_ones_are_told_together(found: list[Reason]) -> None:
    nats = [reason.nats for reason in found]
    assert nats == sorted(nats, reverse=True)
    assert min(nats) >= LEAST_NATS
    assert len(found) <= MOST_REASONS


def test_a_theft_is_told_by_what_was_done_and_from_where(found: list[Reason]) -> None:
    told = {(reason.dimension, reason.value) for reason in found}
    assert {("write", "iam:CreateUser"), ("exposure", "policy:AdministratorAccess"), ("prefix", "192.0.2.0/24")} <= told


def test_a_first_says_in_how_many_hours_it_was_not_there_and_who_else_has_it(found: list[Reason]) -> None:
    [reason] = [reason for reason in found if reason.value == "iam:CreateUser"]
    shape = r"first call iam:CreateUser: never in \d+ active hours, none of 3 peers, nobody in the deployment"
    assert re.fullmatch(shape, reason.text)
    assert (reason.feature, reason.typical, reason.actual) == ("surprise", 0.0, 1.0)


def test_a_number_is_written_as_an_analyst_knows_it(judged: Judged, stolen: Standing) -> None:
    everything = [judged.model.baseline.token(int(e.evidence.items.token[e.row])) for e, _ in stolen.contributions]
    assert ("asn", "64666") in everything
    [asn] = [r for r in reasons(stolen, judged.model.baseline)[0] if r.dimension == "asn"]
    assert asn.text.startswith("first network operator AS64666: ")


def test_a_reason_names_the_entry_of_its_dimension(found: list[Reason]) -> None:
    assert {reason.dimension: reason.entry.name for reason in found if reason.entry} == {
        reason.dimension: reason.dimension for reason in found if not reason.counts
    }


def a_count(measure: str, feature: str = "own_past") -> Reason:
    return Reason(feature, measure, measure, 1.0, 9.0, 2.0, f"{measure}: 9 in an hour", 1)


def test_a_count_is_no_dimension_and_needs_no_number_of_calls() -> None:
    assert a_count("data_reads").counts
    assert a_count("data_reads").entry is None
    assert told_with(a_count("data_reads"), [""] * 3) == "data_reads: 9 in an hour"


def test_a_count_of_denied_calls_is_told_from_a_denied_action_by_who_speaks() -> None:
    assert a_count("denied").entry is None
    action = Reason("surprise", "denied", "s3:GetObject", 0.0, 1.0, 2.0, "first denied call s3:GetObject", 1)
    assert action.entry is not None
    assert action.entry.names_action


def test_a_value_is_told_with_how_many_calls_hold_it(found: list[Reason]) -> None:
    assert told_with(found[0], [""]) == f"{found[0].text}; now 1 call"
    assert told_with(found[0], ["", "denied"] * 600) == f"{found[0].text}; now 1,200 calls"


@pytest.mark.parametrize(
    ("errors", "end"),
    [
        (["denied"], "now 1 attempt, denied"),
        (["validation", "denied"], "now 2 attempts, denied"),
        (["probe"], "now 1 attempt, failed"),
        (["denied", ""], "now 2 calls"),
        ([], "now 0 calls"),
    ],
)
def test_what_never_succeeded_is_an_attempt(errors: list[str], end: str) -> None:
    text = "first opening to account 777788889999: never in 202 active hours"
    reason = Reason("exposure", "exposure", "account:777788889999", 0.0, 1.0, 4.0, text, 1)
    assert told_with(reason, errors) == f"{text}; {end}"


def test_a_denied_call_is_not_told_to_be_denied_twice() -> None:
    reason = Reason("surprise", "denied", "s3:GetObject", 0.0, 1.0, 2.0, "first denied call s3:GetObject", 1)
    assert told_with(reason, ["denied"] * 2) == "first denied call s3:GetObject; now 2 calls"


@pytest.mark.parametrize("measure", MEASURES)
def test_a_count_reads_as_one(measure: str) -> None:
    many, one = word_count(measure, 1234), word_count(measure, 1.0)
    assert many == f"1,234 {MEASURES[measure].meaning}"
    assert one.startswith("1 ")
    assert not re.search(r"\b(calls|actions|services|reads|secrets|buckets|instances|parameters)\b", one)


def test_a_fact_says_what_is_true_of_all_active_hours() -> None:
    """A value is judged among its dimension's hours; words are of all hours, or they contradict each other."""
    judged = a_theft_judged()
    for standing in judged.outcome.last.values():
        active = judged.model.baseline.total[standing.principal, 0]
        for reason in reasons(standing, judged.model.baseline)[0]:
            told = re.findall(r"(?:never in|in [\d,]+ of) ([\d,]+) active hours", reason.text)
            assert [int(hours.replace(",", "")) for hours in told] in ([], [round(active)])
            assert active == 0 or NO_HISTORY not in reason.text


@pytest.mark.parametrize(
    ("family", "detector"), [("write", "surprise"), ("place", "surprise"), ("exposure", "exposure"), ("fact", "facts")]
)
def test_a_family_has_a_detector(family: str, detector: str) -> None:
    assert find_detector(family) == detector


def test_a_day_of_nothing_odd_has_no_reasons() -> None:
    quiet = Standing(1, 0, 0, -2.0, {}, [], None, None, -2.0, frozenset())
    assert reasons(quiet, a_theft_judged().model.baseline) == ([], -2.0)

"""Recall counts campaigns, and a lead counts only when it is large enough and no accident."""

from datetime import datetime
from pathlib import Path

import pytest

from benchmarks.campaigns import Campaign, Degree, check, read_truth
from benchmarks.metrics import lead, recall_by

AT = datetime(2026, 3, 2, 9)


def a_campaign(number: int, degree: Degree = "loud", calls: int = 1) -> Campaign:
    events = tuple(f"event-{number}-{call}" for call in range(calls))
    return Campaign(f"c{number}", "simulator", "technique", degree, AT, AT, events)


def ids(numbers: range) -> set[str]:
    return {f"c{number}" for number in numbers}


@pytest.fixture
def campaigns() -> list[Campaign]:
    return [a_campaign(number) for number in range(100)]


def test_recall_is_counted_by_degree() -> None:
    planted = [a_campaign(0, "loud"), a_campaign(1, "stealthy"), a_campaign(2, "stealthy")]
    parts = recall_by(planted, {"c0", "c1"})
    assert (parts["all"].found, parts["all"].of) == (2, 3)
    assert parts["stealthy"].share == 0.5
    assert parts["medium"].of == 0


def test_fifteen_points_are_a_lead(campaigns: list[Campaign]) -> None:
    assert lead(campaigns, ids(range(75)), ids(range(60))).won


def test_fourteen_points_are_none(campaigns: list[Campaign]) -> None:
    result = lead(campaigns, ids(range(74)), ids(range(60)))
    assert result.low > 0
    assert not result.won


def test_half_the_misses_are_a_lead_over_a_strong_peer(campaigns: list[Campaign]) -> None:
    assert lead(campaigns, ids(range(90)), ids(range(80))).won
    assert not lead(campaigns, ids(range(89)), ids(range(80))).won


def test_a_large_difference_on_few_campaigns_may_be_an_accident() -> None:
    few = [a_campaign(number) for number in range(6)]
    result = lead(few, ids(range(3)), ids(range(2)))
    assert result.difference > result.needed
    assert not result.won


def test_the_bootstrap_is_paired() -> None:
    """The same six differences are worth more when nothing else differs than when twenty finds are swapped."""
    many = [a_campaign(number) for number in range(40)]
    nested = lead(many, ids(range(26)), ids(range(20)))
    swapped = lead(many, ids(range(14, 40)), ids(range(20)))
    assert nested.difference == swapped.difference
    assert nested.low > swapped.low


def test_the_same_seed_gives_the_same_interval(campaigns: list[Campaign]) -> None:
    assert lead(campaigns, ids(range(75)), ids(range(60))) == lead(campaigns, ids(range(75)), ids(range(60)))


@pytest.mark.parametrize(
    "wrong",
    [
        [a_campaign(0), a_campaign(0)],
        [a_campaign(0, calls=0)],
        [a_campaign(0, "stealthy", calls=11)],
    ],
    ids=["twice", "empty", "stealthy and busy"],
)
def test_campaigns_that_cannot_be_judged_are_refused(wrong: list[Campaign]) -> None:
    check([a_campaign(1, "stealthy", calls=10)])
    with pytest.raises(ValueError, match="campaign c0"):
        check(wrong)


def test_the_simulators_truth_is_read(tmp_path: Path) -> None:
    truth = tmp_path / "truth.json"
    truth.write_text(
        '{"campaigns": [{"id": "c1", "technique": "t", "degree": "medium", "start": "2026-03-02T09:00:00+00:00", '
        '"end": "2026-03-02T10:00:00+00:00", "event_ids": ["e1"], "principal_arn": "a", "principal_name": "b"}]}'
    )
    [campaign] = read_truth(truth)
    assert (campaign.id, campaign.degree, campaign.event_ids, campaign.start.hour) == ("c1", "medium", ("e1",), 9)

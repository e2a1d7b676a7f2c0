"""Severity asks how rare a day is and how much harm is done: only both together are critical."""

import itertools
import re
from pathlib import Path

import pytest

from pipeline.alerts.severity import LEVELS, severity_of
from pipeline.stores.alert import AlertHarm

ORDER = ("low", "medium", "high", "critical")
GRAVE_ONE, SERIOUS_ONE = (AlertHarm(kind=kind, tried=False, calls=1) for kind in ("exposed", "compute"))


@pytest.mark.parametrize(
    ("score", "none", "serious", "grave"),
    [
        (100, "medium", "high", "critical"),
        (90, "medium", "high", "critical"),
        (89.9, "low", "medium", "high"),
        (75, "low", "medium", "high"),
        (74.9, "low", "low", "medium"),
        (50, "low", "low", "medium"),
        (49.9, "low", "low", "low"),
        (0, "low", "low", "low"),
    ],
)
def test_the_table(score: float, none: str, serious: str, grave: str) -> None:
    assert severity_of(score, []) == none
    assert severity_of(score, [SERIOUS_ONE]) == serious
    assert severity_of(score, [SERIOUS_ONE, GRAVE_ONE]) == grave


def test_more_harm_and_a_rarer_day_are_never_less_severe() -> None:
    rank = [[ORDER.index(level) for level in levels] for _, levels in LEVELS]
    for rarer, less in itertools.pairwise(rank):
        assert all(a >= b for a, b in zip(rarer, less, strict=True))
    assert all(levels == sorted(levels) for levels in rank)
    assert LEVELS[-1][0] == 0.0


def test_only_what_is_both_rare_and_grave_is_critical() -> None:
    scores, harms = range(0, 101, 5), [[], [SERIOUS_ONE], [GRAVE_ONE]]
    critical = [(score, held) for score in scores for held in harms if severity_of(score, held) == "critical"]
    assert critical
    assert all(score >= 90 and held == [GRAVE_ONE] for score, held in critical)


def test_too_little_evidence_is_low_whatever_it_would_be() -> None:
    assert severity_of(99, [GRAVE_ONE], enough=False) == "low"


def test_the_page_has_the_table() -> None:
    page = (Path(__file__).parents[3] / "docs/detection.md").read_text(encoding="utf-8")
    cells = re.search(r"\| record score \|.*\n\|[-|]+\n((?:\|.*\n)+)", page)
    assert cells is not None
    table = [tuple(cell.strip() for cell in line.strip("|").split("|"))[1:] for line in cells[1].splitlines()]
    assert table == [levels for _, levels in LEVELS]

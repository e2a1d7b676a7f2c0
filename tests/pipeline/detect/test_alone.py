"""A model of vectors with a share of the budget raises what the sum of evidence says nothing of."""

from datetime import timedelta

import pytest

from models.budget import Budget
from tests.walks import walk_through
from tests.worlds import START, a_company, an_event, as_role, numbered

DAYS, DAY = 24, 22
VICTIM = as_role("service2-prod-role")


def a_burst():
    """The role's own call, on its own bucket, a hundred times as often."""
    begins = START + timedelta(days=DAY, hours=3)
    return [
        an_event(
            **VICTIM, action="s3:GetObject", resources=["bucket:data-2"], event_time=begins + timedelta(seconds=3 * n)
        )
        for n in range(800)
    ]


def raised_of(shares, monkeypatch):
    monkeypatch.setattr(Budget, "hold_back", lambda *_: "others")  # the sum raises nothing
    monkeypatch.setattr(Budget, "hold_back_week", lambda *_: "others")
    days = walk_through(numbered([*a_company(days=DAYS), *a_burst()]), budget=5.0, shares=shares)
    return [alert for day in days for alert in day.alerts if alert.raised]


def test_it_is_raised_by_the_population_and_says_why(monkeypatch):
    alert = next(a for a in raised_of({"population": 0.2}, monkeypatch) if a.principal_key == VICTIM["principal"])
    assert alert.day == (START + timedelta(days=DAY)).date()
    assert alert.record_score == pytest.approx(max(alert.scores.population, alert.scores.incident))
    assert alert.title.endswith("(raised by the population model)")
    assert "calls" in {one.measure for one in alert.measures if one.model == "population"}
    assert alert.event_ids


def test_it_is_raised_once_the_hour_is_closed(monkeypatch):
    alert = next(a for a in raised_of({"population": 0.2}, monkeypatch) if a.principal_key == VICTIM["principal"])
    assert alert.detected_at >= START + timedelta(days=DAY, hours=4, minutes=15)


def test_nothing_is_raised_by_a_model_without_a_share(monkeypatch):
    assert raised_of({}, monkeypatch) == []

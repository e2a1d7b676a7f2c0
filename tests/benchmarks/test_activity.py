"""The peers see the activity of every principal that can be stolen, on every day, the planted calls among it."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from benchmarks.activity import Known, read_activity
from benchmarks.campaigns import Campaign
from benchmarks.company import Company, plant
from benchmarks.peers import first_seen, guardduty_like
from benchmarks.run import GEO
from features.times.day import day_number
from pipeline.enrich.geo import Geo

COMPANY = Company("tiny", principals=20, budget=2, planned=1, recorded=6, history=7, test=7)
START = date(2025, 1, 6)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Campaign], Known]:
    trail: Path = tmp_path_factory.mktemp("activity") / "trail"
    campaigns = plant(trail, COMPANY, number=0, seed=7, start=START)
    event_ids = [event_id for campaign in campaigns for event_id in campaign.event_ids]
    now = datetime(2025, 2, 1, tzinfo=UTC)
    return campaigns, read_activity([trail / "AWSLogs"], event_ids, now=now, geo=Geo.open(GEO), threads=1)


def test_every_planted_event_has_a_principal_and_a_day_of_the_test(seen: tuple[list[Campaign], Known]) -> None:
    campaigns, known = seen
    first = day_number(START) + COMPANY.history
    assert set(known.principal_days) == {event_id for campaign in campaigns for event_id in campaign.event_ids}
    assert all(first <= day < first + COMPANY.test for _, day in known.principal_days.values())


def test_everybody_and_every_day_is_seen(seen: tuple[list[Campaign], Known]) -> None:
    _, known = seen
    assert known.tokens["principal"].nunique() >= COMPANY.principals
    assert known.tokens["day"].min() == day_number(START)
    assert {principal for principal, _ in known.principal_days.values()} <= set(known.tokens["principal"])


def test_places_are_known_by_country(seen: tuple[list[Campaign], Known]) -> None:
    _, known = seen
    assert known.calls["country"].nunique() > 1
    assert known.calls["asn"].nunique() > 1


def test_what_nobody_did_before_scores_on_its_day(seen: tuple[list[Campaign], Known]) -> None:
    campaigns, known = seen
    loud = [c for c in campaigns if c.source == "recording" and c.degree == "loud"]
    scores = first_seen(known.tokens).set_index(["principal", "day"])["score"]
    sensitive = set(known.calls["action"])
    hits = guardduty_like(known.calls, sensitive).set_index(["principal", "day"])["score"]
    assert loud
    for campaign in loud:
        where = known.principal_days[campaign.event_ids[0]]
        assert scores.get(where, 0.0) > 0
        assert hits.get(where, 0.0) > 0

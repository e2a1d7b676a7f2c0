"""Drift comes before its act, from the act's own place; contamination stays in history; neither is asked for."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks.campaigns import Campaign
from benchmarks.company import Company, plant
from benchmarks.poison import CONTAMINATED, contaminate, drift
from benchmarks.run import START

COMPANY = Company("tiny", principals=20, budget=2, planned=0, recorded=3, history=66, test=5)
TEST_FROM = datetime.combine(START, datetime.min.time(), UTC) + timedelta(days=COMPANY.history)


def records(trail: Path) -> dict[str, dict[str, Any]]:
    files = (json.loads(gzip.decompress(path.read_bytes())) for path in trail.rglob("*.json.gz"))
    return {record["eventID"]: record for file in files for record in file["Records"]}


def at(record: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(record["eventTime"])


def place(record: dict[str, Any]) -> tuple[str, str, str]:
    return record["sourceIPAddress"], record["userAgent"], json.dumps(record["userIdentity"])


Poisoned = tuple[list[Campaign], dict[str, dict[str, Any]], dict[str, dict[str, Any]], int]


@pytest.fixture(scope="module", params=["drift", "contaminated"])
def poisoned(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Poisoned]:
    trail = tmp_path_factory.mktemp("poisoned") / "trail"
    campaigns = plant(trail, COMPANY, number=0, seed=7, start=START)
    before = records(trail)
    planted = drift(trail, campaigns) if request.param == "drift" else contaminate(trail, campaigns, COMPANY, 7)
    after = records(trail)
    assert {event_id: after[event_id] for event_id in before} == before
    new = {event_id: record for event_id, record in after.items() if event_id not in before}
    return request.param, (campaigns, before, new, planted)


@pytest.mark.sweep
def test_it_is_planted_before_what_is_asked_for(poisoned: tuple[str, Poisoned]) -> None:
    how, (campaigns, before, new, planted) = poisoned
    asked = {event_id for campaign in campaigns for event_id in campaign.event_ids}
    assert new
    assert not asked & new.keys()
    if how == "contaminated":
        assert max(map(at, new.values())) < TEST_FROM + timedelta(days=1)
        who_and_when = {(str(r["userIdentity"].get("arn")), at(r).date()) for r in before.values() if at(r) < TEST_FROM}
        assert 1 <= planted <= 2 * CONTAMINATED * len(who_and_when)
        return
    assert planted == len(new) == 30 * len(campaigns)
    for campaign in campaigns:
        act = [before[event_id] for event_id in campaign.event_ids]
        place = {(r["sourceIPAddress"], r["userAgent"], json.dumps(r["userIdentity"])) for r in act}
        mine = [
            r for r in new.values() if (r["sourceIPAddress"], r["userAgent"], json.dumps(r["userIdentity"])) in place
        ]
        assert len(mine) >= 30
    assert {record.get("readOnly") for record in new.values()} == {True}
    first, last = min(map(at, new.values())), max(map(at, new.values()))
    assert last < max(campaign.start for campaign in campaigns)
    assert timedelta(days=55) < last - first

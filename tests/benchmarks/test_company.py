"""A company's attacks: those of the simulator and recordings given to its principals, all in its trail."""

import gzip
import json
from collections import Counter
from datetime import UTC, date, datetime
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

import pytest

from benchmarks.campaigns import Campaign
from benchmarks.company import Company, attacker, plant
from benchmarks.recordings import Victim
from pipeline.simulate.company import Kind
from pipeline.simulate.networks import FAR, NETWORKS

COMPANY = Company("tiny", principals=20, budget=2, planned=1, recorded=6, history=7, test=7)
START = date(2025, 1, 6)
TEST_FROM = datetime(2025, 1, 13, tzinfo=UTC)


def country_of(address: str) -> str:
    return next(n.country for n in NETWORKS if IPv4Address(address) in IPv4Network(n.block))


@pytest.fixture(scope="module")
def trail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("company") / "trail"


@pytest.fixture(scope="module")
def campaigns(trail: Path) -> list[Campaign]:
    return plant(trail, COMPANY, number=0, seed=7, start=START)


@pytest.fixture(scope="module")
def records(trail: Path, campaigns: list[Campaign]) -> dict[str, Any]:
    files = (json.loads(gzip.decompress(path.read_bytes())) for path in trail.rglob("*.json.gz"))
    return {record["eventID"]: record for file in files for record in file["Records"]}


def test_both_kinds_are_planted_in_every_degree(campaigns: list[Campaign]) -> None:
    assert Counter((c.source, c.degree) for c in campaigns) == {
        **{("simulator", degree): 1 for degree in ("loud", "medium", "stealthy")},
        **{("recording", degree): 2 for degree in ("loud", "medium", "stealthy")},
    }


def test_every_planted_event_is_in_the_trail_once_and_in_the_test(
    campaigns: list[Campaign], records: dict[str, Any]
) -> None:
    for campaign in campaigns:
        assert campaign.start >= TEST_FROM
        for event_id in campaign.event_ids:
            assert datetime.fromisoformat(records[event_id]["eventTime"]) >= TEST_FROM


def test_stealthy_recordings_come_from_where_the_victim_calls(
    campaigns: list[Campaign], records: dict[str, Any]
) -> None:
    planted = {event_id for campaign in campaigns for event_id in campaign.event_ids}
    usual = {
        (json.dumps(record["userIdentity"], sort_keys=True), record["sourceIPAddress"], record["userAgent"])
        for event_id, record in records.items()
        if event_id not in planted
    }
    stealthy = [c for c in campaigns if c.source == "recording" and c.degree == "stealthy"]
    assert stealthy
    for campaign in stealthy:
        record = records[campaign.event_ids[0]]
        identity = json.dumps(record["userIdentity"], sort_keys=True)
        assert (identity, record["sourceIPAddress"], record["userAgent"]) in usual


def test_loud_recordings_come_from_a_country_of_nobody(campaigns: list[Campaign], records: dict[str, Any]) -> None:
    for campaign in campaigns:
        if campaign.source == "recording" and campaign.degree == "loud":
            assert country_of(records[campaign.event_ids[0]]["sourceIPAddress"]) in FAR


def test_a_medium_attacker_calls_from_the_victims_country() -> None:
    victim = Victim({}, "111122223333", "eu-west-1", "21.0.0.9", "aws-cli/2")
    near = attacker(victim, "any")
    assert {country_of(address) for address in near.nearby} == {country_of(victim.address)}
    assert victim.address not in near.nearby


def test_planting_again_returns_what_is_there(trail: Path, campaigns: list[Campaign]) -> None:
    files = len(list(trail.rglob("*.json.gz")))
    assert plant(trail, COMPANY, number=0, seed=7, start=START) == campaigns
    assert len(list(trail.rglob("*.json.gz"))) == files


@pytest.mark.parametrize(("kind", "named"), [("data platform", "-glue-"), ("enterprise", "landing-zone-")])
def test_companies_of_other_kinds_hold_both_kinds_of_attack(kind: Kind, named: str, tmp_path: Path) -> None:
    principals = 30 if kind == "data platform" else 200
    company = Company("other", principals, budget=2, planned=1, recorded=3, history=6, test=2, kind=kind)
    planted = plant(tmp_path / "trail", company, number=3, seed=5, start=START)
    assert Counter(campaign.source for campaign in planted) == {"simulator": 3, "recording": 3}
    files = [json.loads(gzip.decompress(path.read_bytes())) for path in (tmp_path / "trail").rglob("*.json.gz")]
    records = [record for file in files for record in file["Records"]]
    there = {record["eventID"] for record in records}
    assert {event_id for campaign in planted for event_id in campaign.event_ids} <= there
    assert any(named in str(record["userIdentity"].get("arn")) for record in records)

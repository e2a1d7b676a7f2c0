"""A simulated company: the same for the same seed, in the shape of real CloudTrail, with its truth beside it."""

import gzip
import hashlib
import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.simulate.company import CampaignPlan, simulate
from pipeline.simulate.networks import FAR, network_of
from pipeline.simulate.truth import Truth

START = date(2025, 1, 6)
DAYS = 9
PLAN = CampaignPlan(loud=3, medium=3, stealthy=3, since=START + timedelta(days=4))


def build(out: Path, seed: int = 3, principals: int = 24, plan: CampaignPlan | None = PLAN) -> Truth:
    out.mkdir(parents=True, exist_ok=True)
    return simulate(out, seed=seed, days=DAYS, principals=principals, start=START, campaigns=plan)


def files(out: Path) -> list[Path]:
    return sorted(out.rglob("*.json.gz"))


def records(out: Path) -> list[dict[str, Any]]:
    return [record for path in files(out) for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]]


def digest(out: Path) -> str:
    whole = hashlib.sha256()
    for path in sorted(path for path in out.rglob("*") if path.is_file()):
        whole.update(str(path.relative_to(out)).encode() + path.read_bytes())
    return whole.hexdigest()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth, list[dict[str, Any]]]:
    out = tmp_path_factory.mktemp("small")
    return out, (truth := build(out)), records(out) if truth else []


Small = tuple[Path, Truth, list[dict[str, Any]]]


def test_the_same_arguments_give_the_same_bytes_and_another_seed_others(tmp_path: Path, small: Small) -> None:
    build(tmp_path / "again")
    build(tmp_path / "other", seed=4)
    assert digest(tmp_path / "again") == digest(small[0])
    assert digest(tmp_path / "other") != digest(small[0])


def test_every_record_has_what_cloudtrail_always_writes(small: Small) -> None:
    always = {
        "eventVersion", "userIdentity", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress",
        "userAgent", "requestParameters", "responseElements", "requestID", "eventID", "readOnly", "eventType",
        "managementEvent", "recipientAccountId", "eventCategory",
    }  # fmt: skip
    assert len(small[2]) == small[1].events > 3_000
    assert all(always <= record.keys() for record in small[2])


def test_event_ids_are_unique(small: Small) -> None:
    ids = [record["eventID"] for record in small[2]]
    assert len(ids) == len(set(ids))


def test_files_are_named_by_account_region_and_a_delivery_shortly_after_their_events(small: Small) -> None:
    for path in files(small[0])[::7]:
        account, _, region, stamp, letters = path.name.removesuffix(".json.gz").split("_")
        delivered = datetime.strptime(stamp, "%Y%m%dT%H%MZ").replace(tzinfo=UTC)
        assert path.parent == small[0] / f"AWSLogs/{account}/CloudTrail/{region}/{delivered:%Y/%m/%d}"
        assert len(letters) == 16
        for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]:
            assert (record["recipientAccountId"], record["awsRegion"]) == (account, region)
            late = delivered - datetime.fromisoformat(record["eventTime"])
            assert timedelta(minutes=1) <= late <= timedelta(minutes=10)


def test_events_lie_within_the_days_asked_for(small: Small) -> None:
    times = [datetime.fromisoformat(record["eventTime"]).date() for record in small[2]]
    assert min(times) == START
    assert max(times) == START + timedelta(days=DAYS - 1)


def test_sessions_begin_before_their_calls(small: Small) -> None:
    begun = [
        (record["userIdentity"]["sessionContext"]["attributes"]["creationDate"], record["eventTime"])
        for record in small[2]
        if "sessionContext" in record["userIdentity"]
    ]
    assert begun
    assert all(created <= at for created, at in begun)


def test_every_public_address_is_in_the_demo_geo_database(small: Small) -> None:
    seen = {record["sourceIPAddress"] for record in small[2]}
    public = {address for address in seen if address[0].isdigit() and not address.startswith("10.")}
    assert len(public) > 10
    assert all(network_of(address) for address in public)


def test_truth_names_campaigns_by_the_events_of_their_principal(small: Small) -> None:
    by_id = {record["eventID"]: record for record in small[2]}
    assert Counter(campaign.degree for campaign in small[1].campaigns) == {"loud": 3, "medium": 3, "stealthy": 3}
    planted = [event_id for campaign in small[1].campaigns for event_id in campaign.event_ids]
    assert len(planted) == len(set(planted))
    for campaign in small[1].campaigns:
        mine = [by_id[event_id] for event_id in campaign.event_ids]
        assert campaign.start == min(record["eventTime"] for record in mine) >= f"{PLAN.since}"
        assert campaign.end == max(record["eventTime"] for record in mine)
        assert all(campaign.principal_key.split("/")[-1] in json.dumps(r["userIdentity"]) for r in mine)


def test_degrees_are_what_they_say(small: Small) -> None:
    by_id = {record["eventID"]: record for record in small[2]}
    planted = {event_id for campaign in small[1].campaigns for event_id in campaign.event_ids}
    usual: dict[str, set[str]] = {}
    for record in small[2]:
        network = network_of(record["sourceIPAddress"]) if record["sourceIPAddress"][0].isdigit() else None
        if record["eventID"] not in planted and network:
            usual.setdefault(record["recipientAccountId"], set()).add(network.country)
    for campaign in small[1].campaigns:
        mine = [by_id[event_id] for event_id in campaign.event_ids]
        countries = {n.country for r in mine if (n := network_of(r["sourceIPAddress"]))}
        if campaign.degree == "loud":
            assert countries <= set(FAR)
        if campaign.degree == "stealthy":
            assert len(mine) <= 10
            assert not countries & set(FAR)
    assert all(not countries & set(FAR) for countries in usual.values())


def test_campaigns_do_not_change_what_the_company_does(tmp_path: Path, small: Small) -> None:
    build(tmp_path, plan=None)
    planted = {event_id for campaign in small[1].campaigns for event_id in campaign.event_ids}
    without = {record["eventID"] for record in records(tmp_path)}
    assert without == {record["eventID"] for record in small[2]} - planted


def test_records_of_campaigns_have_the_fields_of_others_in_the_same_order(small: Small) -> None:
    planted = {event_id for campaign in small[1].campaigns for event_id in campaign.event_ids}
    orders = {tuple(record) for record in small[2] if record["eventID"] not in planted}
    assert {tuple(record) for record in small[2] if record["eventID"] in planted} <= orders


def test_people_of_a_middle_sized_company_are_behind_identity_center(tmp_path: Path) -> None:
    simulate(tmp_path, seed=1, days=2, principals=120, start=START, campaigns=None)
    whole = records(tmp_path)
    issuers = Counter(
        record["userIdentity"].get("sessionContext", {}).get("sessionIssuer", {}).get("arn", "") for record in whole
    )
    assert any("/aws-reserved/sso.amazonaws.com/" in issuer for issuer in issuers)
    assert len({record["recipientAccountId"] for record in whole}) == 4
    assert {record["userIdentity"]["type"] for record in whole} >= {
        "AssumedRole",
        "IAMUser",
        "AWSService",
        "AWSAccount",
    }

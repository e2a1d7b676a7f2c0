"""Records become rows: what each column holds of a record as AWS writes it."""

import gzip
import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks.recordings import FOLDER
from features.normalise.normalised import COLUMNS
from features.normalise.normaliser import Normaliser
from features.record.split import split
from features.times.instant import micros
from tests.records import (
    ACCOUNT,
    NINE,
    NOW,
    OTHER,
    a_catalogue,
    a_record,
    a_service,
    an_assumed_role,
    an_iam_user,
    event_of,
    normalised,
    raw,
)  # fmt: skip

RECORDINGS = sorted(FOLDER.glob("*.json.gz"))


def test_the_columns_are_the_same_whatever_comes_of_the_records() -> None:
    assert list(normalised([]).columns) == list(normalised([a_record()]).columns) == list(COLUMNS)


def test_an_ordinary_record() -> None:
    record = a_record(eventID="6d0f1f0e-8a5e-4e44-9d7b-0f6a2f3f1c55", sharedEventID="s", vpcEndpointId="vpce-1")
    event = event_of(record)
    assert event | {"raw": b""} == event | {
        "raw": b"", "position": 0, "event_id": "6d0f1f0e-8a5e-4e44-9d7b-0f6a2f3f1c55", "shared_event_id": "s",
        "event_time": NINE, "delivered_at": NINE + 300_000_000, "account": ACCOUNT, "region": "eu-west-1",
        "category": "Management", "service": "ec2", "action": "ec2:DescribeInstances", "level": "list", "write": False,
        "level_source": "iam", "tactic": "", "error": "", "error_code": None, "error_message": None,
        "principal": f"user/{ACCOUNT}/AIDAANA", "kind": "human", "address": "192.0.2.7", "address_kind": "public",
        "prefix": "192.0.2.0/24", "vpc_endpoint": "vpce-1", "agent": "aws-cli", "resources": (), "made": (),
        "exposures": (), "facts": (), "patches": "", "issued_key": "", "flags": (), "invoked_by": "", "mfa": None,
    }  # fmt: skip
    assert event["raw"] == raw(record)


def test_delivery_is_the_files_or_five_minutes_after_the_event() -> None:
    delivered = datetime(2025, 3, 3, 9, 15, tzinfo=UTC)
    done = normalised([a_record(), a_record()], delivered_at=delivered)
    assert done.columns["delivered_at"] == [micros(delivered)] * 2


@pytest.mark.parametrize(
    ("written", "instant", "flags"),
    [
        ("2025-03-03T09:00:00Z", NINE, ()),
        ("2025-03-03T09:00:00.250Z", NINE, ()),
        ("2025-03-03T18:00:00+09:00", NINE, ("repaired",)),
        ("2025-03-03 09:00:00.000", NINE, ()),
        ("2025-03-03 09:00", NINE, ("repaired",)),
        (1740992400, NINE, ("repaired",)),
        (1740992400000, NINE, ("repaired",)),
        ("1970-01-01T00:00:00Z", 0, ("past",)),
        ("2099-01-01T00:00:00Z", micros(datetime(2099, 1, 1, tzinfo=UTC)), ("future",)),
        ("2025-03-04T00:15:00Z", micros(NOW + timedelta(minutes=15)), ()),
        ("2025-03-04T00:15:01Z", micros(NOW + timedelta(minutes=15, seconds=1)), ("future",)),
        ("2005-12-31T23:59:59Z", micros(datetime(2005, 12, 31, 23, 59, 59, tzinfo=UTC)), ("past",)),
    ],
)
def test_times(written: Any, instant: int, flags: tuple[str, ...]) -> None:
    event = event_of(a_record(eventTime=written))
    assert (event["event_time"], event["flags"]) == (instant, flags)


def test_network_activity_is_stored() -> None:
    event = event_of(a_record(eventCategory="NetworkActivity", eventType="AwsVpceEvent", errorCode="VpceAccessDenied"))
    assert (event["category"], event["error"]) == ("NetworkActivity", "denied")
    assert event_of(a_record(eventCategory=..., eventType="AwsVpceEvent"))["category"] == "NetworkActivity"


def test_records_before_categories_are_management_events() -> None:
    assert event_of(a_record(eventCategory=...))["category"] == "Management"


@pytest.mark.parametrize("version", ["1.0", "1.01", "1.11", "1.42", ...])
def test_minor_versions_are_ignored(version: Any) -> None:
    assert event_of(a_record(eventVersion=version))["flags"] == ()


@pytest.mark.parametrize("version", ["2.0", "0.9", "x", ""])
def test_an_unknown_major_version_is_flagged(version: str) -> None:
    assert event_of(a_record(eventVersion=version))["flags"] == ("unknown_version",)


def test_an_update_names_the_record_it_corrects() -> None:
    addendum = {"reason": "UPDATED_DATA", "updatedFields": "responseElements", "originalEventID": "first"}
    event = event_of(a_record(addendum=addendum))
    assert (event["patches"], event["flags"]) == ("first", ("updated",))
    assert event_of(a_record(addendum={"reason": "DELIVERY_DELAY"}))["patches"] == ""


@pytest.mark.parametrize("written", [..., None, "", "x", "e" * 4000, "0" * 36, 12])
def test_a_record_without_a_proper_id_is_known_by_its_canonical_hash(written: Any) -> None:
    record = a_record(eventID=written)
    event = event_of(record)
    assert re.fullmatch("sha256:[0-9a-f]{64}", event["event_id"])
    assert "hashed_id" in event["flags"]
    turned = dict(reversed(record.items()))
    assert event_of(json.dumps(turned, indent=1).encode())["event_id"] == event["event_id"]
    assert event_of(record | {"awsRegion": "eu-west-2"})["event_id"] != event["event_id"]


def test_the_account_is_the_recipients_else_the_callers() -> None:
    assert event_of(a_record(recipientAccountId=...))["account"] == ACCOUNT
    far = event_of(a_record(recipientAccountId=OTHER))
    assert (far["account"], far["identity_account"], far["flags"]) == (OTHER, ACCOUNT, ("cross_account",))
    assert event_of(a_record(a_service(), recipientAccountId=...))["account"] == "unknown"


def test_an_account_is_safe_as_the_name_of_a_folder() -> None:
    assert event_of(a_record(recipientAccountId="../../etc/passwd"))["account"] == "______etc_passwd"


def test_long_texts_are_cut_and_flagged() -> None:
    long = "x" * 100_000
    event = event_of(a_record(an_iam_user(long), eventName=long, awsRegion=long, userAgent=long, sourceIPAddress=long,
                              errorCode=long, errorMessage=long, vpcEndpointId=long, sharedEventID=long))  # fmt: skip
    assert "cut" in event["flags"]
    assert max(len(value) for value in event.values() if isinstance(value, str)) <= 1024


@pytest.mark.parametrize(
    ("source", "region", "kept"),
    [
        ("iam.amazonaws.com", "us-east-1", ""),
        ("cloudfront.amazonaws.com", "us-east-1", ""),
        ("organizations.amazonaws.com", "us-east-1", ""),
        ("route53.amazonaws.com", "us-east-1", ""),
        ("signin.amazonaws.com", "us-east-1", ""),
        ("sts.amazonaws.com", "eu-west-1", "eu-west-1"),
        ("sts.amazonaws.com", "us-east-1", "us-east-1"),
        ("ec2.amazonaws.com", "us-east-1", "us-east-1"),
    ],
)
def test_global_services_have_no_region(source: str, region: str, kept: str) -> None:
    assert event_of(a_record(eventSource=source, awsRegion=region))["region"] == kept


def test_the_global_endpoint_of_sts_has_no_region() -> None:
    tls = {"clientProvidedHostHeader": "sts.amazonaws.com"}
    assert event_of(a_record(eventSource="sts.amazonaws.com", awsRegion="us-east-1", tlsDetails=tls))["region"] == ""


def test_a_service_on_behalf_of_a_role_is_told_by_the_identity_or_by_the_address() -> None:
    told = event_of(a_record(an_assumed_role() | {"invokedBy": "athena.amazonaws.com"}))
    seen = event_of(
        a_record(an_assumed_role(), sourceIPAddress="athena.amazonaws.com", userAgent="athena.amazonaws.com")
    )
    for event in (told, seen):
        assert (event["invoked_by"], event["agent"]) == ("athena.amazonaws.com", "service:athena")
        assert event["principal"] == f"role/{ACCOUNT}/AROAAPP"
    alone = event_of(a_record(a_service(), sourceIPAddress="ec2.amazonaws.com"))
    assert (alone["principal"], alone["kind"]) == ("svc/ec2.amazonaws.com", "aws_service")


def test_a_response_that_hands_out_a_credential_names_it() -> None:
    response = {"credentials": {"accessKeyId": "ASIAABCDEFGHIJKLMNOP", "sessionToken": "t"}}
    call = {"eventSource": "sts.amazonaws.com", "eventName": "AssumeRole", "readOnly": False}
    assert event_of(a_record(**call, responseElements=response))["issued_key"] == "ASIAABCDEFGHIJKLMNOP"
    assert event_of(a_record(**call))["issued_key"] == ""


def test_memos_answer_what_repeats() -> None:
    normaliser = Normaliser(a_catalogue())
    normaliser.normalise([raw(a_record()) for _ in range(100)], delivered_at=None, now=NOW)
    hits, misses = normaliser.memo_counts
    assert (hits, misses) == (297, 3)


def test_rows_share_what_repeats() -> None:
    done = normalised([a_record(), a_record()])
    assert all(rows[0] is rows[1] for rows in (done.callers, done.calls))


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_every_recorded_record_becomes_a_row(path: Path) -> None:
    found = split(gzip.decompress(path.read_bytes()))
    done = normalised([bytes(record) for record in found.records], datetime(2026, 1, 1, tzinfo=UTC))
    assert (found.broken, done.set_aside, done.other) == ([], [], Counter())
    assert len(done.columns["raw"]) == len(found.records) > 0
    assert not any("repaired" in flags or "hashed_id" in flags for flags in done.columns["flags"])
    assert all(done.columns["principal"])
    assert not any(rule.startswith("unknown") for rule in done.columns["rule"])

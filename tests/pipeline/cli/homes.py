"""Homes with a little in them: records as CloudTrail writes them, ingested by the command, and alerts about them."""

import gzip
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from pipeline.stores.jsonl.alerts import AlertsJsonl
from tests.pipeline.cli.commands import answer

ACCOUNT = "111122223333"
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def an_id(name: str, at: datetime) -> str:
    """The event id of a call."""
    return str(uuid5(NAMESPACE_OID, f"{name} {at}"))


def a_record(
    at: datetime = NINE, name: str = "DescribeInstances", source: str = "ec2", **fields: Any
) -> dict[str, Any]:
    """A record of the role `deploy`; name only what matters."""
    role = f"arn:aws:iam::{ACCOUNT}:role/deploy"
    identity = {
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLEDEPLOY:run",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/run",
        "accountId": ACCOUNT,
        "accessKeyId": "ASIAEXAMPLEEXAMPLE12",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": "AROAEXAMPLEDEPLOY",
                "arn": role,
                "accountId": ACCOUNT,
                "userName": "deploy",
            },
            "attributes": {"creationDate": "2026-03-02T08:30:00Z", "mfaAuthenticated": "false"},
        },
    }
    return {
        "eventVersion": "1.11",
        "userIdentity": identity,
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.17.0",
        "requestParameters": None,
        "responseElements": None,
        "eventID": an_id(name, at),
        "eventType": "AwsApiCall",
        "eventCategory": "Management",
        "readOnly": name.startswith(("Describe", "List", "Get")),
        "recipientAccountId": ACCOUNT,
        **fields,
    }


def write_trail(
    folder: Path, records: Iterable[dict[str, Any]], delivered: datetime = NINE + timedelta(hours=1)
) -> Path:
    """A file as CloudTrail delivers it to S3."""
    name = f"{ACCOUNT}_CloudTrail_eu-west-1_{delivered:%Y%m%dT%H%MZ}_abcdefghijklmnop.json.gz"
    path = folder / f"AWSLogs/{ACCOUNT}/CloudTrail/eu-west-1/{delivered:%Y/%m/%d}" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(json.dumps({"Records": list(records)}).encode("utf-8", "surrogatepass")))
    return path


def a_home(folder: Path, records: Iterable[dict[str, Any]]) -> Path:
    """A home into which records were ingested."""
    write_trail(folder / "trail", records)
    answer("ingest", folder / "trail", "--home", folder / "home")
    return folder / "home"


def an_alert(**fields: Any) -> dict[str, Any]:
    """A revision of an alert about the role `deploy`; name only what matters."""
    return {
        "alert_id": "3f9ac2d1e0b74c55a6d7e8f901234567",
        "revision": 1,
        "account": ACCOUNT,
        "accounts": [ACCOUNT],
        "principal": f"arn:aws:iam::{ACCOUNT}:role/deploy",
        "principal_key": f"role/{ACCOUNT}/AROAEXAMPLEDEPLOY",
        "principal_name": "deploy",
        "principal_kind": "workload",
        "identities": [f"arn:aws:iam::{ACCOUNT}:role/deploy"],
        "members": [],
        "window_start": "2026-03-02T09:00:00Z",
        "window_end": "2026-03-02T10:00:00Z",
        "detected_at": "2026-03-02T10:00:00Z",
        "record_score": 91.4,
        "raised": True,
        "severity": "critical",
        "title": "deploy called iam:CreateAccessKey",
        "evidence": 9.5,
        "reasons": [
            {
                "feature": "surprise",
                "dimension": "write",
                "value": "iam:CreateAccessKey",
                "typical": 0.0,
                "actual": 1.0,
                "nats": 8.25,
                "text": "first call iam:CreateAccessKey: in 0 of 213 active hours, 0 of 9 peers; now 1 call",
            },
            {
                "feature": "own_past",
                "dimension": "calls",
                "value": "calls",
                "typical": 1.4,
                "actual": 25.0,
                "nats": 1.0,
                "text": "calls: 25 in an hour, where 1.4 is typical of what it makes in an active hour",
            },
        ],
        "other": 0.25,
        "influencers": [{"field": "source.address", "values": ["198.51.100.7"], "share": 0.9}],
        "tactics": ["Persistence"],
        "techniques": ["T1098"],
        "event_count": 1,
        "event_ids": [an_id("CreateAccessKey", NINE + timedelta(minutes=5))],
        "model_id": "20513-0123456789abcdef",
        **fields,
    }


def with_alerts(home: Path, *alerts: dict[str, Any]) -> Path:
    """The home, with these alerts in it."""
    AlertsJsonl(home / "alerts.jsonl").append(alerts)
    return home

"""Homes with a little in them: records as CloudTrail writes them, ingested by the command, and alerts about them."""

import gzip
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from pipeline.stores.alert import Alert
from pipeline.stores.jsonl.alerts import AlertsJsonl
from tests import builders
from tests.pipeline.cli.commands import run

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
    """A home into which records were ingested; where none is an event, the command says so and ends with 1."""
    write_trail(folder / "trail", records)
    assert run("ingest", folder / "trail", "--home", folder / "home").exit_code in (0, 1)
    return folder / "home"


def an_alert(**fields: Any) -> Alert:
    """An alert about the role `deploy` that creates a key at five past; name only what matters."""
    ids = [an_id("CreateAccessKey", NINE + timedelta(minutes=5))]
    return builders.an_alert(**({"alert_id": "3f9ac2d1e0b74c55a6d7e8f901234567", "event_ids": ids} | fields))


def with_alerts(home: Path, *alerts: Alert) -> Path:
    """The home, with these alerts in it."""
    AlertsJsonl(home / "alerts.jsonl").append(alerts)
    return home

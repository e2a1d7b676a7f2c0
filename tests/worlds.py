"""Small worlds of events as Arrow tables, for tests of everything after ingestion."""

import gzip
import json
import random
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from features.normalise.event import EVENT
from pipeline.stores.parquet.schema import arrow_schema

START = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday."""
_EMPTY: dict[str, Any] = {
    "string": "",
    "bool": False,
    "int32": 0,
    "int64": 0,
    "double": None,
    "timestamp": None,
    "strings": [],
    "binary": b"",
}
_NULLABLE = {"shared_event_id", "error_code", "error_message", "actor", "session_start", "mfa"}


def an_event(**columns: Any) -> dict[str, Any]:
    """One event row; name only what matters."""
    row = {c.name: None if c.name in _NULLABLE else _EMPTY[c.type] for c in EVENT}
    row |= {"category": "Management", "account": "111111111111", "level": "read", "address_kind": "public"}
    row |= columns
    row["service"] = row["action"].partition(":")[0]
    if row["delivered_at"] is None:
        row["delivered_at"] = row["event_time"] + timedelta(minutes=5)
    if not row["event_id"]:
        row["event_id"] = f"{row['principal']}-{row['event_time'].timestamp():.0f}-{row['action']}"
    return row


def as_role(name: str, account: str = "111111111111") -> dict[str, Any]:
    """Columns of a workload's role."""
    arn = f"arn:aws:iam::{account}:role/{name}"
    key = f"role/{account}/AROA{name.upper()}"
    return {
        "principal": key,
        "principal_name": name,
        "kind": "workload",
        "identity": key,
        "identity_type": "AssumedRole",
        "identity_arn": arn,
        "identity_name": name,
        "identity_account": account,
        "account": account,
        "agent": "boto3",
        "prefix": "203.0.113.0/24",
        "address": "203.0.113.7",
        "country": "DE",
        "asn": 64500,
        "region": "eu-central-1",
    }


def as_person(name: str, permission_set: str = "Engineer") -> dict[str, Any]:
    """Columns of a person behind Identity Center."""
    role = f"AWSReservedSSO_{permission_set}_0123456789abcdef"
    arn = f"arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/{role}"
    return as_role(role) | {
        "principal": f"idc/{name}",
        "principal_name": name,
        "kind": "human",
        "identity_arn": arn,
        "permission_set": permission_set,
        "actor": f"idc/{name}",
        "agent": "console",
        "prefix": "198.51.100.0/24",
        "address": "198.51.100.9",
    }


READS = [
    "ec2:DescribeInstances",
    "s3:ListBuckets",
    "logs:GetLogEvents",
    "ecs:DescribeServices",
    "rds:DescribeDBInstances",
]
WRITES = ["ecs:UpdateService", "s3:PutBucketTagging", "logs:PutRetentionPolicy"]


def a_company(days: int = 21, people: int = 8, roles: int = 6, seed: int = 1) -> list[dict[str, Any]]:
    """Events of a company with habits and, now and then, something new."""
    rng = random.Random(seed)
    rows = []
    tail = [f"ec2:DescribeThing{n}" for n in range(200)]
    for day in range(days):
        for person in range(people):
            who = as_person(f"person{person}")
            if (START + timedelta(days=day)).weekday() >= 5:
                continue
            for hour in range(9, 17):
                for _ in range(rng.randint(1, 4)):
                    write = rng.random() < 0.15
                    action = rng.choice(WRITES if write else READS)
                    if rng.random() < 0.01:
                        action, write = rng.choice(tail), False
                    time = START + timedelta(days=day, hours=hour, seconds=rng.randrange(3600))
                    level = "write" if write else "read"
                    rows.append(an_event(**who, action=action, write=write, level=level, event_time=time))
        for role in range(roles):
            who = as_role(f"service{role}-prod-role")
            for hour in range(24):
                for _ in range(rng.randint(2, 5)):
                    time = START + timedelta(days=day, hours=hour, seconds=rng.randrange(3600))
                    bucket = f"bucket:data-{role}"
                    rows.append(an_event(**who, action="s3:GetObject", event_time=time, resources=[bucket]))
    return numbered(rows)


def a_theft(day: int, victim: dict[str, Any] | None = None, hour: int = 14) -> list[dict[str, Any]]:
    """Events of a stolen session: identity changes from a network and country nobody uses."""
    who = (victim or as_person("person3")) | {"prefix": "192.0.2.0/24", "address": "192.0.2.66", "country": "KP"}
    who |= {"asn": 64666, "agent": "aws-cli"}
    start = START + timedelta(days=day, hours=hour)
    steps = [
        ("sts:GetCallerIdentity", False, "read"),
        ("iam:ListUsers", False, "list"),
        ("iam:CreateUser", True, "write"),
        ("iam:CreateAccessKey", True, "write"),
        ("iam:AttachUserPolicy", True, "permissions"),
    ]
    rows = [
        an_event(**who, action=action, write=write, level=level, event_time=start + timedelta(minutes=2 * n))
        for n, (action, write, level) in enumerate(steps)
    ]
    rows[-1]["exposures"] = ["policy:AdministratorAccess"]
    return numbered(rows, prefix="theft")


def numbered(rows: list[dict[str, Any]], prefix: str = "event") -> list[dict[str, Any]]:
    """The rows with event ids of their own."""
    for number, row in enumerate(rows):
        row["event_id"] = f"{prefix}-{number:06d}"
    return rows


def table(rows: Iterable[dict[str, Any]]) -> pa.Table:
    """Event rows as an Arrow table of the event schema."""
    return pa.Table.from_pylist(list(rows), schema=arrow_schema())


def a_trail(folder: Path, rows: Iterable[dict[str, Any]]) -> Path:
    """Write rows as CloudTrail would deliver them: a file a day, its name saying when."""
    by_day: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_day.setdefault(row["event_time"].strftime("%Y%m%d"), []).append(row)
    folder.mkdir(parents=True, exist_ok=True)
    for day, of_day in by_day.items():
        content = json.dumps({"Records": [_record(row) for row in of_day]})
        (folder / f"{day}.json.gz").write_bytes(gzip.compress(content.encode(), mtime=0))
    return folder


def _record(row: dict[str, Any]) -> dict[str, Any]:
    role, account = row["identity_arn"].rpartition("/")[2], row["account"]
    session = row["principal_name"] if row["kind"] == "human" else "i-0123456789abcdef0"
    service, _, name = row["action"].partition(":")
    bucket = next((r.removeprefix("bucket:") for r in row["resources"] if r.startswith("bucket:")), None)
    policy = "arn:aws:iam::aws:policy/AdministratorAccess" if row["exposures"] else None
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": f"AROA{role.upper()}:{session}",
            "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
            "accountId": account,
            "accessKeyId": f"ASIA{role.upper()[:12]}",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": f"AROA{role.upper()}",
                    "arn": row["identity_arn"],
                    "accountId": account,
                    "userName": role,
                },
                "attributes": {"creationDate": row["event_time"].strftime("%Y-%m-%dT00:00:00Z")},
            },
        },
        "eventTime": row["event_time"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": row["region"],
        "sourceIPAddress": row["address"],
        "userAgent": {"console": "console.amazonaws.com", "aws-cli": "aws-cli/2.15.0"}.get(
            row["agent"], "Boto3/1.34.0"
        ),
        "requestParameters": {"bucketName": bucket} if bucket else {"policyArn": policy} if policy else None,
        "responseElements": None,
        "readOnly": not row["write"],
        "eventID": f"00000000-0000-4000-8000-{zlib.crc32(row['event_id'].encode()):012x}",
        "eventType": "AwsApiCall",
        "eventCategory": "Management",
        "recipientAccountId": account,
    }

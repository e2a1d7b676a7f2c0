"""Three weeks of a quiet invented account and one bad day, as CloudTrail delivers them to S3."""

import gzip
import json
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

ACCOUNT = "444455556666"
FIRST = datetime(2026, 1, 5)
BAD = FIRST + timedelta(days=23, hours=11)
STRANGER = "777788889999"
KEY = "ASIALEAVERROLEXXXXXX"
"""Of the session that quentin opened."""
_USUAL = [
    ("s3", "ListBuckets"), ("ec2", "DescribeInstances"), ("logs", "DescribeLogGroups"), ("iam", "GetUser"),
    ("ec2", "DescribeVpcs"),
]  # fmt: skip
_THIEF = {"sourceIPAddress": "203.0.113.99", "userAgent": "python-requests/2.31"}


def write_trail(folder: Path) -> Path:
    """Write its log files below a folder."""
    trail = _Trail()
    for day in range(25):
        _usual_day(trail, FIRST + timedelta(days=day))
    _bad_day(trail)
    for (region, at), records in trail.files.items():
        name = f"{ACCOUNT}_CloudTrail_{region}_{at:%Y%m%dT%H%MZ}_{len(records):016d}.json.gz"
        path = folder / f"AWSLogs/{ACCOUNT}/CloudTrail/{region}/{at:%Y/%m/%d}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(json.dumps({"Records": records}).encode(), mtime=0))
    return folder


class _Trail:
    def __init__(self) -> None:
        self.files: dict[tuple[str, datetime], list[dict[str, Any]]] = {}
        self.random = random.Random(3)
        self._count = 0

    def add(
        self, at: datetime, who: dict[str, Any], action: str, request: Any = None, lag: int = 5, **fields: Any
    ) -> None:
        self._count += 1
        source, _, name = action.partition(":")
        record = {
            "eventVersion": "1.09", "userIdentity": who, "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "eventSource": f"{source}.amazonaws.com", "eventName": name, "awsRegion": "eu-west-1",
            "sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli/2.15.0", "requestParameters": request,
            "responseElements": None, "eventID": str(UUID(int=self._count)), "eventType": "AwsApiCall",
            "managementEvent": True, "recipientAccountId": ACCOUNT, "eventCategory": "Management",
        } | fields  # fmt: skip
        landed = at + timedelta(minutes=lag)
        landed += timedelta(minutes=5 - landed.minute % 5, seconds=-landed.second)
        self.files.setdefault((record["awsRegion"], landed), []).append(record)


def _usual_day(trail: _Trail, day: datetime) -> None:
    for name in ("paula", "quentin", "rosa", "svc-nightly"):
        for _ in range(30):
            at = day + timedelta(hours=8 + trail.random.random() * 9)
            trail.add(at, _user(name), ":".join(trail.random.choice(_USUAL)))
    for minute in range(4):
        at = day + timedelta(hours=9, minutes=minute)
        trail.add(at, _root(), "ec2:DescribeInstances", userAgent="Mozilla/5.0 (X11) Firefox/120.0")


def _bad_day(trail: _Trail) -> None:
    def at(minute: int, second: int = 0) -> datetime:
        return BAD + timedelta(minutes=minute, seconds=second)

    opener = _user("quentin")
    issued = {"credentials": {"accessKeyId": KEY}}
    assumed = {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/leaver-role"}
    trail.add(at(-2), opener, "sts:AssumeRole", assumed, responseElements=issued, sourceIPAddress="203.0.113.99")
    trail.add(
        at(0), _role("leaver-role", at(-2)), "organizations:LeaveOrganization", errorCode="AccessDenied",
        awsRegion="us-east-1", **_THIEF,
    )  # fmt: skip
    paula = _user("paula")
    for number in range(20):
        trail.add(at(1, number), paula, "secretsmanager:CreateSecret", {"name": f"s-{number}"}, **_THIEF)
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{STRANGER}:root"}, "Action": "sts:AssumeRole"}
    policy = {"roleName": "billing", "policyDocument": json.dumps({"Statement": [trust]})}
    admin = {"userName": "helper", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    trail.add(at(2), paula, "cloudtrail:DeleteTrail", {"name": "main"}, **_THIEF)
    trail.add(at(2, 10), paula, "iam:UpdateAssumeRolePolicy", policy, awsRegion="us-east-1", **_THIEF)
    trail.add(at(2, 20), paula, "iam:AttachUserPolicy", admin, awsRegion="us-east-1", **_THIEF)
    for number in range(8):
        trail.add(at(9, number), paula, "secretsmanager:DeleteSecret", {"secretId": f"s-{number}"}, lag=10, **_THIEF)
    for number in range(6):  # delivered after the alert
        note = {"bucketName": f"invented-bucket-{number}", "key": "PAY-US.txt"}
        trail.add(at(20, number), paula, "s3:PutObject", note, lag=30, managementEvent=False, **_THIEF)


def _user(name: str) -> dict[str, Any]:
    return {
        "type": "IAMUser", "principalId": f"AIDA{name.upper():X<17}", "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
        "accountId": ACCOUNT, "accessKeyId": f"AKIA{name.upper():X<16}", "userName": name,
    }  # fmt: skip


def _role(name: str, start: datetime) -> dict[str, Any]:
    role = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    issuer = {"type": "Role", "principalId": "AROALEAVER", "arn": role, "accountId": ACCOUNT, "userName": name}
    attributes = {"creationDate": f"{start:%Y-%m-%dT%H:%M:%SZ}", "mfaAuthenticated": "false"}
    return {
        "type": "AssumedRole", "principalId": "AROALEAVER:x1",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/x1", "accountId": ACCOUNT, "accessKeyId": KEY,
        "sessionContext": {"sessionIssuer": issuer, "attributes": attributes},
    }  # fmt: skip


def _root() -> dict[str, Any]:
    return {"type": "Root", "principalId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT}

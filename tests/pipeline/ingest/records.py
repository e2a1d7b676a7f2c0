"""CloudTrail records and files for tests: name only what matters."""

import gzip
import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

NOW = datetime(2026, 3, 20, tzinfo=UTC)
ACCOUNT = "111122223333"


def a_record(**given: Any) -> dict[str, Any]:
    """One record as CloudTrail writes it."""
    record = {
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDAEXAMPLE000000001",
            "arn": f"arn:aws:iam::{ACCOUNT}:user/alice",
            "accountId": ACCOUNT,
            "accessKeyId": "AKIAEXAMPLE000000001",
            "userName": "alice",
        },
        "eventTime": "2026-03-02T12:00:00Z",
        "eventSource": "iam.amazonaws.com",
        "eventName": "ListUsers",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "aws-cli/2.15.0",
        "requestParameters": None,
        "responseElements": None,
        "requestID": str(uuid.uuid4()),
        "eventID": str(uuid.uuid4()),
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    }
    return {**record, **given}


def envelope(*records: Mapping[str, Any] | bytes) -> bytes:
    """`{"Records": […]}` of records, or of bytes that stand for them."""
    inner = [record if isinstance(record, bytes) else json.dumps(record).encode() for record in records]
    return b'{"Records":[' + b",".join(inner) + b"]}"


def subscription(*records: Mapping[str, Any]) -> bytes:
    """What CloudWatch Logs hands to a subscriber, before it is packed."""
    events = [{"id": str(n), "timestamp": 0, "message": json.dumps(record)} for n, record in enumerate(records)]
    payload = {"messageType": "DATA_MESSAGE", "owner": ACCOUNT, "logGroup": "g", "logStream": "s"}
    return json.dumps({**payload, "subscriptionFilters": ["f"], "logEvents": events}).encode()


def a_name(minute: str = "20260302T1205Z", account: str = ACCOUNT, mark: str = "AbCd1234EfGh5678") -> str:
    """Name of a file in CloudTrail's S3 layout."""
    day = f"{minute[:4]}/{minute[4:6]}/{minute[6:8]}"
    folder = f"AWSLogs/{account}/CloudTrail/us-east-1/{day}"
    return f"{folder}/{account}_CloudTrail_us-east-1_{minute}_{mark}.json.gz"


def write(path: Path, content: bytes, pack: bool | None = None) -> Path:
    """Write a file, packed when its name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    packed = path.suffix == ".gz" if pack is None else pack
    path.write_bytes(gzip.compress(content, 1, mtime=0) if packed else content)
    return path


def write_bucket(folder: Path, files: int, each: int, seed: int = 0) -> list[str]:
    """Write files in the S3 layout over three days; return the event ids."""
    ids: list[str] = []
    for number in range(files):
        day, minute = 2 + number % 3, 5 * (number % 200)
        records = []
        for row in range(each):
            event_id = str(uuid.UUID(int=(seed << 100) + number * 100_000 + row))
            ids.append(event_id)
            time = f"2026-03-{day:02d}T{minute // 60:02d}:{minute % 60:02d}:{row % 60:02d}Z"
            records.append(a_record(eventID=event_id, eventTime=time))
        stamp = f"202603{day:02d}T{minute // 60:02d}{minute % 60:02d}Z"
        write(folder / a_name(stamp, mark=f"{number:016d}"), envelope(*records))
    return ids


def flat(documents: Iterable[bytes]) -> bytes:
    """Documents one after the other."""
    return b"".join(documents)

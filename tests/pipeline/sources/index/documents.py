"""Documents around records, as each maker writes them."""

import json
from typing import Any

from tests.pipeline.ingest.records import ACCOUNT, a_name, a_record
from tests.pipeline.sources.index.played import PlayedEngine, PlayedIndex

DAY = "cloudtrail-2026.03.02"


def an_id(number: int, kind: int = 0) -> str:
    return f"{number:08}-0000-4000-8000-{kind:012}"


def a_numbered(number: int, **given: Any) -> dict[str, Any]:
    """A record of its own id, at a time of its own."""
    return a_record(eventID=an_id(number), eventTime=f"2026-03-02T{number // 60 % 24:02}:{number % 60:02}:00Z", **given)


def ours(record: dict[str, Any], created: str = "", key: str = "") -> dict[str, Any]:
    """As the function writes it."""
    return {
        "@timestamp": record["eventTime"].replace("Z", ".000Z"), "@id": record["eventID"], "@owner": ACCOUNT,
        "event": {
            "id": record["eventID"], "dataset": "aws.cloudtrail",
            "created": created or f"{record['eventTime'][:14]}{int(record['eventTime'][14:16]) + 5:02}:00.000Z",
        },
        "aws": {"s3": {"object": {"key": key}}} if key else {},
        "oddtrail": {"position": 0},
        "@message": json.dumps(record),
    }  # fmt: skip


def stock(message: dict[str, Any] | str, group: str = "trail") -> dict[str, Any]:
    """As the function writes it that the console makes: the record as text, and spread over the document."""
    spread = message if isinstance(message, dict) else {}
    return {
        **spread, "@id": "36000000000000000000000000000000000000000000000000000000",
        "@timestamp": "2026-03-02T12:04:31.000Z", "@owner": ACCOUNT, "@log_group": group,
        "@log_stream": f"{ACCOUNT}_CloudTrail_us-east-1",
        "@message": json.dumps(message) if isinstance(message, dict) else message,
    }  # fmt: skip


def elastic(original: Any, key: str = "") -> dict[str, Any]:
    """As Elastic's integration writes it; None of a record that its pipeline dropped."""
    return {
        "@timestamp": "2026-03-02T12:00:00.000Z", "agent": {"type": "filebeat"},
        "data_stream": {"dataset": "aws.cloudtrail"},
        "event": {
            "dataset": "aws.cloudtrail", "created": "2026-03-19T10:00:00Z", "ingested": "2026-03-19T10:00:01Z",
            **({} if original is None else {"original": original}),
        },
        "aws": {"cloudtrail": {"event_version": "1.09"}, "s3": {"object": {"key": key or a_name()}}},
    }  # fmt: skip


def fill(engine: PlayedEngine, name: str, count: int, shards: int = 1, start: int = 0) -> PlayedIndex:
    """Documents of ours, in an index that is made if it is not there."""
    index = engine.indices.get(name) or engine.index(name, shards)
    for number in range(start, start + count):
        index.put(an_id(number), ours(a_numbered(number)))
    return index


def filled(count: int = 100, shards: int = 1) -> PlayedEngine:
    """An engine with an index of so many documents."""
    engine = PlayedEngine()
    fill(engine, DAY, count, shards)
    return engine


def ids(count: int, start: int = 0) -> set[str]:
    return {an_id(number) for number in range(start, start + count)}

"""Rows of events for tests: name only what matters."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from features.normalise.event import EVENT
from pipeline.stores.parquet.manifest import FileDone
from pipeline.stores.parquet.segments import ORIGIN, STORED, write_events
from pipeline.stores.protocols import Batch, EventStore, Outcome

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ACCOUNT = "111122223333"

_EMPTY: Mapping[str, Any] = {
    "string": "",
    "bool": None,
    "int32": 0,
    "int64": 0,
    "double": None,
    "timestamp": None,
    "strings": [],
    "binary": b"{}",
}


def a_row(**given: Any) -> dict[str, Any]:
    """One event, at noon in ACCOUNT unless said otherwise, delivered five minutes after it happened."""
    row = {column.name: _EMPTY[column.type] for column in EVENT}
    row |= {"event_id": str(uuid.uuid4()), "event_time": NOON, "account": ACCOUNT, "principal": "user/1", ORIGIN: "a"}
    row |= {"shared_event_id": None, "category": "Management", "action": "iam:ListUsers", "write": False}
    row |= given
    row["delivered_at"] = given.get("delivered_at", row["event_time"] + timedelta(minutes=5))
    return row


def a_table(rows: list[dict[str, Any]]) -> pa.Table:
    """Rows as a store's table."""
    return pa.table({name: [row[name] for row in rows] for name in STORED.names}, STORED)


def a_batch(staging: Path, rows: list[dict[str, Any]], digest: str | None = None) -> Batch:
    """Rows as a batch of one file."""
    segments, _ = write_events(a_table(rows), staging)
    done = FileDone(digest or uuid.uuid4().hex, "a", NOON.isoformat(), None, len(rows), 0, "{}", 0)
    return Batch([done], segments)


def put(events: EventStore, *rows: dict[str, Any], digest: str | None = None) -> Outcome:
    """Commit rows as a batch of one file."""
    with events.writing(NOON):
        return events.commit(a_batch(events.staging, list(rows), digest), NOON)

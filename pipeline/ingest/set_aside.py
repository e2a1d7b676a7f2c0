"""What is kept beside the events: records set aside with the reason, and records that are not events.

Original bytes are kept up to a bound, with their full size; account and principal are what the bytes claim.
"""

import re
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from features.times.day import day_number
from features.times.instant import DAY, micros
from pipeline.stores.parquet.arrays import binaries, numbers, texts
from pipeline.stores.parquet.manifest import Segment
from pipeline.stores.parquet.segments import safe_account, write_parquet

KEPT_BYTES = 1 << 20
"""Bytes of a record that are kept. CloudTrail's own bound is 256 KiB."""
_PEEK = 1 << 16

_TYPES: dict[str, pa.DataType] = {
    "file": pa.string(),
    "origin": pa.string(),
    "position": pa.int32(),
    "reason": pa.string(),
    "account": pa.string(),
    "principal": pa.string(),
    "delivered_at": pa.timestamp("us", tz="UTC"),
    "size": pa.int64(),
    "raw": pa.binary(),
}
SCHEMA = pa.schema(_TYPES)
_ACCOUNTS = tuple(re.compile(rb'"%s"\s*:\s*"([0-9]{12})"' % name) for name in (b"recipientAccountId", b"accountId"))
_PRINCIPAL = re.compile(rb'"(?:arn|principalId|invokedBy)"\s*:\s*"([^"\\]{1,256})"')


class Aside(NamedTuple):
    """A record that is not an event."""

    file: str
    """SHA-256 of the file's content, first 16 digits."""
    origin: str
    position: int
    """Index in its file; -1 for the file itself."""
    reason: str
    """Why it was set aside, or the name under which it is counted."""
    account: str
    principal: str
    delivered_at: datetime | None
    size: int
    raw: bytes


def aside(
    raw: Any, *, file: str, origin: str, position: int, reason: str, account: str, delivered_at: datetime | None
) -> Aside:
    """Keep a record; `account` is the file's, used where the record names none."""
    view = memoryview(raw)
    kept = bytes(view[:KEPT_BYTES])
    found = next((match for name in _ACCOUNTS if (match := name.search(kept, 0, _PEEK))), None)
    who = _PRINCIPAL.search(kept, 0, _PEEK)
    return Aside(
        file,
        origin,
        position,
        reason[:500],
        found[1].decode() if found else account,
        who[1].decode("utf-8", "replace") if who else "",
        delivered_at,
        view.nbytes,
        kept,
    )


def write_asides(kind: str, rows: Sequence[Aside], staging: Path, now: datetime) -> list[Segment]:
    """Write the rows of one kind (`set_aside` or `other`), if there are any, as a segment of their latest day."""
    if not rows:
        return []
    day = max((row.delivered_at or now).astimezone(UTC).date() for row in rows)
    accounts = {safe_account(row.account) for row in rows}
    account = accounts.pop() if len(accounts) == 1 else "unknown"
    path = f"{kind}/account={account}/day={day.isoformat()}/{uuid.uuid4().hex}.parquet"
    size = write_parquet(_table(rows), staging / path)
    at = day_number(day) * DAY
    return [Segment(path, kind, account, day.isoformat(), len(rows), size, 0, at, at)]


def _table(rows: Sequence[Aside]) -> pa.Table:
    file, origin, position, reason, account, principal, delivered, size, raw = zip(*rows, strict=True)
    moments = np.array([0 if at is None else micros(at) for at in delivered], np.int64)
    known = np.array([at is not None for at in delivered])
    arrays = [
        *(texts(column) for column in (file, origin)),
        numbers(np.array(position, np.int32), pa.int32()),
        *(texts(column) for column in (reason, account, principal)),
        numbers(moments, _TYPES["delivered_at"], known),
        numbers(np.array(size, np.int64), pa.int64()),
        binaries(raw),
    ]
    return pa.table(arrays, schema=SCHEMA)

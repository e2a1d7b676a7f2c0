"""What a record is that is no call."""

import re
from typing import Final

from features.record.cloudtrail import Record

STORED: Final = frozenset({None, "Management", "Data", "NetworkActivity"})
"""Categories of records that are calls; very old records name none."""
INSIGHT: Final = "AwsCloudTrailInsight"
_DIGEST: Final = (b'"digestStartTime"', b'"digestS3Object"')


def is_call(name: str | None, category: str | None, kind: str | None) -> bool:
    """Whether a record with this eventName, eventCategory and eventType is a call."""
    return bool(name) and category in STORED and kind != INSIGHT


def elsewhere(record: Record, data: bytes) -> str:
    """What a record is that is no call: `=` and a name to count it under, or why it is set aside.

    >>> elsewhere(Record(event_category="Insight"), b""), elsewhere(Record(), b"")
    ('=insight', 'no eventName')
    """
    category = record.event_category
    if category == "Insight" or record.event_type == INSIGHT:
        return "=insight"
    if category == "Aggregated":
        return "=aggregated"
    if category not in STORED:
        return "=category " + re.sub(r"[^A-Za-z0-9_-]", "_", category or "")[:40]
    if any(key in data for key in _DIGEST):
        return "=digest"
    if b'"s3:TestEvent"' in data:
        return "=test event"
    return "no eventName"


def not_json(data: bytes) -> str:
    """The same of a record in which there is no JSON object."""
    if data.strip(b'" \t\r\n').startswith(b"CWL CONTROL MESSAGE"):
        return "=control message"
    return "no JSON object" if data.strip() else "empty"

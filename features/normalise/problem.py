"""Why a record becomes no event: it is faulty and is set aside, or it is of another kind and is counted by name."""

import re
from typing import Final

import msgspec

from features.record.cloudtrail import Record

_CATEGORIES: Final = frozenset({None, "Management", "Data", "NetworkActivity"})
"""Categories of records that are calls; very old records name none."""
_INSIGHT: Final = "AwsCloudTrailInsight"
"""Type of Insights records that name no category."""
_DIGEST: Final = (b'"digestStartTime"', b'"digestS3Object"')
_ODD: Final = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST_CATEGORY: Final = 40


class Fault(msgspec.Struct, frozen=True):
    """A record that should be an event and cannot be one: it is set aside with its bytes."""

    reason: str


class OtherKind(msgspec.Struct, frozen=True):
    """A record that is no call: it is counted by the name of its kind."""

    name: str


Problem = Fault | OtherKind
Problems = dict[int, Problem]
"""Problems of some records, by row."""


def is_call(name: str | None, category: str | None, type_: str | None) -> bool:
    """Whether a record with this eventName, eventCategory and eventType is a call.

    >>> is_call("ListUsers", "Management", "AwsApiCall"), is_call("ListUsers", "Insight", "AwsApiCall")
    (True, False)
    """
    return bool(name) and category in _CATEGORIES and type_ != _INSIGHT


def tell_problem(record: Record, raw: bytes) -> Problem:
    """Tell the problem of a record that is no call.

    >>> tell_problem(Record(event_category="Insight"), b""), tell_problem(Record(), b"")
    (OtherKind(name='insight'), Fault(reason='no eventName'))
    """
    category = record.event_category
    if category == "Insight" or record.event_type == _INSIGHT:
        return OtherKind("insight")
    if category == "Aggregated":
        return OtherKind("aggregated")
    if category not in _CATEGORIES:
        return OtherKind("category " + _ODD.sub("_", category or "")[:_LONGEST_CATEGORY])
    if any(key in raw for key in _DIGEST):
        return OtherKind("digest")
    if b'"s3:TestEvent"' in raw:
        return OtherKind("test event")
    return Fault("no eventName")


def tell_problem_of_text(raw: bytes) -> Problem:
    """Tell the problem of a record in which there is no JSON object.

    >>> tell_problem_of_text(b"CWL CONTROL MESSAGE: Checking health"), tell_problem_of_text(b"text")
    (OtherKind(name='control message'), Fault(reason='no JSON object'))
    """
    if raw.strip(b'" \t\r\n').startswith(b"CWL CONTROL MESSAGE"):
        return OtherKind("control message")
    return Fault("no JSON object" if raw.strip() else "empty")

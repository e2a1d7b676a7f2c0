"""Recognise what a function was invoked with, by its shape: no setting says who sends, and one function serves all.

A sender's wrapping may stand in another's: a queue's message around a topic's notification around a bucket's. What is
not known is never passed over; it is kept with its bytes.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote_plus

import msgspec

from features.record.as_json import as_json
from features.record.container import PACKED as PACKED_TEXT
from features.record.container import is_record
from features.record.repair import DECODE_ERRORS
from pipeline.delivery.allowed import Allowed
from pipeline.delivery.item import (
    Item,
    LogEvents,
    Message,
    Pointer,
    Records,
    S3Object,
    Skipped,
    Spilled,
    Trigger,
    Unusable,
)
from pipeline.delivery.spill import MARK, PACKED, POINTER, SPILLED, read_packed
from pipeline.documents.document import Transport
from pipeline.ingest.inflate import GZIP_MAGIC

_DEEPEST: Final = 8
"""Wrappings within wrappings."""
_LETTER: Final = frozenset({"reason", "at", "origin", "raw"})
_NO_SHAPE: Final = "no shape that is known"


def recognise(event: Any, allowed: Allowed) -> Trigger:
    """Tell what an event is, and what is in it.

    Parameters
    ----------
    event
        As Lambda hands it over: decoded JSON.
    allowed
        What may be read, and who may send.

    Examples
    --------
    >>> recognise({"detail-type": "AWS API Call via CloudTrail", "detail": {"eventName": "A"}}, Allowed()).kind
    'events'
    >>> recognise({"what": "is this?"}, Allowed()).messages[0].items[0].reason
    'no shape that is known'
    """
    given = event.get("Records") if isinstance(event, dict) else None
    records: list[Any] = given if isinstance(given, list) else []
    first = records[0] if records else None
    source = (first.get("eventSource") or first.get("EventSource")) if isinstance(first, dict) else None
    reader = _Reader(allowed)
    if source == "aws:sqs":
        in_order = _text(first, "eventSourceARN").endswith(".fifo")
        return Trigger("sqs", [reader.queued(each) for each in records], in_order)
    if source == "aws:kinesis":
        return Trigger("kinesis", [reader.streamed(each) for each in records], True)
    items = reader.value(event)
    return Trigger(_kind(event, source, items), [Message("", items)])


def _kind(event: Any, source: Any, items: list[Item]) -> str:
    if items and all(isinstance(item, Unusable) and not item.forged for item in items):
        return "unknown"
    if source in ("aws:s3", "aws:sns"):
        return str(source).partition(":")[2]
    if isinstance(event, dict):
        for member, kind in (("awslogs", "logs"), ("detail-type", "events"), (MARK, "replay"), ("raw", "replay")):
            if member in event:
                return kind
        if "requestPayload" in event:
            return "replay"
    return "nothing" if all(isinstance(item, Skipped) for item in items) else "records"


class _Reader:
    """Takes wrappings off."""

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed

    def queued(self, record: Any) -> Message:
        """A message of SQS."""
        name, body = _text(record, "messageId"), _text(record, "body")
        receives = _text(_inner(record, "attributes"), "ApproximateReceiveCount")
        if problem := self._allowed.refuse_arn(_text(record, "eventSourceARN")):
            items: list[Item] = [Unusable(problem, as_json(record), True)]
        else:
            items = self.text(body.encode("utf-8", "replace"), 1)
        return Message(name, items, int(receives) if receives.isdecimal() else 1)

    def streamed(self, record: Any) -> Message:
        """A record of Kinesis."""
        inner = _inner(record, "kinesis")
        problem = self._allowed.refuse_arn(_text(record, "eventSourceARN"))
        if problem:
            items: list[Item] = [Unusable(problem, as_json(record), True)]
        else:
            try:
                items = self.text(base64.b64decode(_text(inner, "data"), validate=True), 1)
            except (binascii.Error, ValueError):
                items = [Unusable("data that is no base64", as_json(record))]
        return Message(_text(inner, "sequenceNumber"), items)

    def text(self, data: bytes, depth: int) -> list[Item]:
        """The bytes of a message."""
        if depth > _DEEPEST:
            return [Unusable(_NO_SHAPE, data)]
        if data.startswith(GZIP_MAGIC):
            return [LogEvents(data)]
        if data.startswith(PACKED_TEXT):
            return self._packed(data, data)
        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            line = data.strip().partition(b"\n")[0]
            return [Records(data, "message")] if is_record(line) else [Unusable(_NO_SHAPE, data)]
        return self.value(value, depth, data)

    def value(self, value: Any, depth: int = 0, data: bytes = b"") -> list[Item]:
        """A decoded message; `data` is it as it came, where it came as text."""
        if value in ({}, []):
            return [Skipped("empty message")]
        if not isinstance(value, dict) or depth > _DEEPEST:
            return [Unusable(_NO_SHAPE, data or as_json(value))]
        if "userIdentity" in value and is_record(raw := data or as_json(value)):
            return [Records(raw, "message")]  # whatever else is in it, no caller makes it look like a wrapping
        for member, read in _SHAPES:
            if member in value and (items := read(self, value, depth, data)) is not None:
                return items
        if is_record(raw := data or as_json(value)):
            return [Records(raw, "message")]
        return [Unusable(_NO_SHAPE, raw)]

    def _packed(self, text: bytes, raw: bytes) -> list[Item]:
        try:
            return [LogEvents(base64.b64decode(text, validate=True))]
        except (binascii.Error, ValueError):
            return [Unusable("a payload that is no base64", raw)]

    def log_events(self, value: Any, depth: int, data: bytes) -> list[Item] | None:
        packed = _inner(value, "awslogs").get("data")
        if not isinstance(packed, str):
            return None
        return self._packed(packed.encode("ascii", "replace"), data or as_json(value))

    def plain_log_events(self, value: Any, depth: int, data: bytes) -> list[Item] | None:
        if value["messageType"] == "CONTROL_MESSAGE":
            return [Skipped("CONTROL_MESSAGE")]
        if value["messageType"] != "DATA_MESSAGE":
            return None
        problem = self._allowed.refuse_account(_text(value, "owner"))
        raw = data or as_json(value)
        if problem:
            return [Unusable(problem, raw, True)]
        group, stream = _text(value, "logGroup"), _text(value, "logStream")
        return [Records(raw, stream or "message", Transport(_text(value, "owner"), group, stream))]

    def listed(self, value: Any, depth: int, data: bytes) -> list[Item] | None:
        """`Records`: of a bucket's or a topic's notification, or of a trail."""
        records = value["Records"]
        if records in (None, []):
            return [Skipped("no records")]
        if not isinstance(records, list):
            return None
        items: list[Item] = []
        for record in records:
            source = record.get("eventSource", record.get("EventSource")) if isinstance(record, dict) else None
            if source == "aws:s3":
                items += self._notified(record)
            elif source == "aws:sns":
                items += self._published(record, depth)
            elif isinstance(record, dict) and is_record(raw := as_json(record)):
                items.append(Records(raw, "message"))
            else:
                items.append(Unusable(_NO_SHAPE, as_json(record)))
        if all(isinstance(item, Records) for item in items):
            return [Records(data or as_json(value), "message")]
        return items

    def _notified(self, record: Any) -> list[Item]:
        """A record of an S3 notification."""
        if not _text(record, "eventName").removeprefix("s3:").startswith("ObjectCreated:"):
            return [Skipped("other object event")]
        s3 = _inner(record, "s3")
        bucket, key = _text(_inner(s3, "bucket"), "name"), unquote_plus(_text(_inner(s3, "object"), "key"))
        arn = _text(_inner(s3, "bucket"), "arn")
        if arn and not (arn.startswith("arn:") and arn.endswith(f":s3:::{bucket}")):
            return [Unusable("its bucket's ARN is another's", as_json(record), True)]
        return self._object(bucket, key, _text(record, "awsRegion"), as_json(record))

    def _object(self, bucket: str, key: str, region: str, raw: bytes) -> list[Item]:
        if not bucket or not key:
            return [Unusable("a notification without bucket or key", raw)]
        problem = self._allowed.refuse_object(bucket, key, region)
        return [Unusable(problem, raw, True)] if problem else [S3Object(bucket, key)]

    def _published(self, record: Any, depth: int) -> list[Item]:
        """A record of a topic that invokes the function."""
        sns = _inner(record, "Sns")
        if problem := self._allowed.refuse_arn(_text(sns, "TopicArn")):
            return [Unusable(problem, as_json(record), True)]
        return self.text(_text(sns, "Message").encode("utf-8", "replace"), depth + 1)

    def notification(self, value: Any, depth: int, data: bytes) -> list[Item] | None:
        """A topic's notification that a queue holds."""
        if value["Type"] in ("SubscriptionConfirmation", "UnsubscribeConfirmation"):
            return [Skipped("SNS confirmation")]
        if value["Type"] != "Notification" or not isinstance(value.get("Message"), str):
            return None
        if problem := self._allowed.refuse_arn(_text(value, "TopicArn")):
            return [Unusable(problem, data or as_json(value), True)]
        return self.text(value["Message"].encode("utf-8", "replace"), depth + 1)

    def test_event(self, value: Any, depth: int, data: bytes) -> list[Item] | None:
        return [Skipped("s3:TestEvent")] if value["Event"] == "s3:TestEvent" else None

    def bus_event(self, value: Any, depth: int, data: bytes) -> list[Item] | None:
        """An event of EventBridge."""
        kind, detail = _text(value, "detail-type"), value.get("detail")
        if not isinstance(detail, dict):
            return None
        raw, of_call = data or as_json(value), kind.endswith(" via CloudTrail")
        if not of_call and value.get("source") != "aws.s3":
            return None
        if problem := self._allowed.refuse_account(_text(value, "account")):
            return [Unusable(problem, raw, True)]
        if of_call:
            return [Records(_member(data, "detail") or as_json(detail), "EventBridge")]
        if kind != "Object Created":
            return [Skipped("other object event")]
        bucket, key = _text(_inner(detail, "bucket"), "name"), _text(_inner(detail, "object"), "key")
        return self._object(bucket, key, _text(value, "region"), raw)

    def trail_notification(self, value: Any, depth: int, data: bytes) -> list[Item] | None:
        """What a trail itself publishes."""
        keys = value["s3ObjectKey"]
        keys = (keys or [""]) if isinstance(keys, list) else [keys]
        bucket, raw = _text(value, "s3Bucket"), data or as_json(value)
        return [item for key in keys for item in self._object(bucket, key if isinstance(key, str) else "", "", raw)]

    def failed_invocation(self, value: Any, depth: int, data: bytes) -> list[Item] | None:
        """What Lambda sends to a destination when it gives an event up."""
        return self.value(value["requestPayload"], depth + 1)

    def letter(self, value: Any, depth: int, data: bytes) -> list[Item] | None:
        """A dead letter that comes back."""
        if not value.keys() >= _LETTER:
            return None
        try:
            raw = base64.b64decode(value["raw"], validate=True)
        except (binascii.Error, ValueError, TypeError):
            return None
        origin = _text(value, "origin")
        if origin.startswith("s3://"):
            bucket, _, key = origin.removeprefix("s3://").partition("/")
            return self._object(bucket, key, "", data or as_json(value))
        if value.get("cut") is True:
            return [Unusable("only its beginning was kept: send the whole of it again", data or as_json(value))]
        if is_record(raw):
            return [Records(raw, origin)]
        items = self.text(raw, depth + 1)
        return [Records(raw, origin)] if any(isinstance(item, Unusable) for item in items) else items

    def own(self, value: Any, depth: int, data: bytes) -> list[Item] | None:
        """A message of ours."""
        if value[MARK] == SPILLED:
            return [Spilled(data or as_json(value))]
        if value[MARK] == POINTER and isinstance(value.get("bucket"), str) and isinstance(value.get("key"), str):
            return [Pointer(value["bucket"], value["key"])]
        if value[MARK] == PACKED:
            try:
                return self.text(read_packed(data or as_json(value)), depth + 1)
            except ValueError:
                return None
        return None


_SHAPES: Final[tuple[tuple[str, Callable[[_Reader, Any, int, bytes], list[Item] | None]], ...]] = (
    ("awslogs", _Reader.log_events),
    (MARK, _Reader.own),
    ("messageType", _Reader.plain_log_events),
    ("Records", _Reader.listed),
    ("Type", _Reader.notification),
    ("Event", _Reader.test_event),
    ("detail-type", _Reader.bus_event),
    ("s3ObjectKey", _Reader.trail_notification),
    ("requestPayload", _Reader.failed_invocation),
    ("raw", _Reader.letter),
)
"""The member that each shape has, and who reads it; None of a reader says that it is another shape after all."""


def _text(holder: Any, name: str) -> str:
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, str) else ""


def _inner(holder: Any, name: str) -> Mapping[str, Any]:
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, dict) else {}


def _member(data: bytes, name: str) -> bytes:
    """A member of an object as it was sent; b"" where it cannot be told."""
    try:
        return bytes(msgspec.json.decode(data, type=dict[str, msgspec.Raw])[name]) if data else b""
    except (*DECODE_ERRORS, KeyError):
        return b""

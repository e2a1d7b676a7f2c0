"""Doors to knock at, with an engine that answers as told and boxes in memory; and what AWS knocks with."""

import base64
import gzip
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus
from uuid import NAMESPACE_OID, uuid5

from pipeline.delivery.allowed import Allowed, Place
from pipeline.delivery.box import BoxPlace
from pipeline.delivery.dead_letter import DeadLetter
from pipeline.delivery.door_sink import DoorSink, Tally
from pipeline.delivery.fetch import GoneError
from pipeline.delivery.gathered import delivery_of, one_file, origin_of_key
from pipeline.delivery.handle import Door
from pipeline.delivery.item import S3Object
from pipeline.documents.document import DocumentMaker, Naming, Transport
from pipeline.ingest.log_file import LogFile
from pipeline.ingest.work import make_engine
from pipeline.search.url import parse_url
from tests.pipeline.search.scripted import Clock, ScriptedEngine
from tests.records import a_record

ACCOUNT = "111122223333"
BUCKET = "the-trail"
_FOLDER = f"AWSLogs/{ACCOUNT}/CloudTrail/eu-west-1/2025/03/03"
KEY = f"{_FOLDER}/{ACCOUNT}_CloudTrail_eu-west-1_20250303T0905Z_aBcD1234efGH5678.json.gz"
ALLOWED = Allowed((Place(BUCKET, "AWSLogs/", "eu-west-1"),), frozenset({ACCOUNT}))
FOREVER = Naming(retention=timedelta(days=10_000))


class MemoryBox:
    """A box in memory."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def put(self, bodies: Sequence[bytes]) -> None:
        self.bodies += bodies

    def read(self) -> Iterator[tuple[str, bytes]]:
        yield from ((str(at), body) for at, body in enumerate(self.bodies))

    def remove(self, names: Iterable[str]) -> None:
        raise NotImplementedError


class MemoryLetters:
    """Dead letters in memory."""

    def __init__(self) -> None:
        self.letters: list[DeadLetter] = []

    def put(self, letters: Sequence[DeadLetter]) -> None:
        self.letters += letters

    def read(self) -> Iterator[tuple[str, DeadLetter]]:
        yield from ((str(at), letter) for at, letter in enumerate(self.letters))

    def remove(self, names: Iterable[str]) -> None:
        raise NotImplementedError


@dataclass
class Notes:
    """A journal to read in."""

    troubles: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)

    def trouble(self, what: str, **about: object) -> None:
        self.troubles.append((what, about))

    def done(self, kind: str, tally: Tally, again: int, seconds: float) -> None:
        self.tallies.append(tally)


class AnOpenDoor(Door):
    """A door whose insides a test looks at."""

    scripted: ScriptedEngine
    letters: MemoryLetters
    spill: MemoryBox | None
    notes: Notes
    clock: Clock

    @property
    def tally(self) -> Tally:
        return self.notes.tallies[-1]

    @property
    def buried(self) -> list[bytes]:
        return [letter.raw for letter in self.letters.letters]


def a_door(
    scripted: Any = None, *, spills: bool = False, objects: Mapping[str, bytes | Exception] | None = None,
    allowed: Allowed = ALLOWED, boxes: tuple[BoxPlace, ...] = (),
) -> AnOpenDoor:  # fmt: skip
    """A door with an engine that answers as told; objects by key."""
    scripted = scripted or ScriptedEngine()
    letters, notes, clock = MemoryLetters(), Notes(), Clock()
    spill = MemoryBox() if spills else None
    sink = DoorSink(parse_url("opensearch+http://localhost"), FOREVER, letters, spill, requests=1)
    sink._opened = (scripted, DocumentMaker(FOREVER))
    sink._connect = lambda: scripted  # type: ignore[method-assign]

    @contextmanager
    def fetch(item: S3Object) -> Iterator[tuple[LogFile, Transport]]:
        content = (objects or {}).get(item.key)
        if content is None:
            raise GoneError(f"{item.key} is not there")
        if isinstance(content, Exception):
            raise content
        transport = Transport(bucket=item.bucket, key=item.key)
        [file] = one_file(content, "").files
        yield file._replace(origin=origin_of_key(item.key), delivery=delivery_of(transport)), transport

    door = AnOpenDoor(make_engine(sink), sink, allowed, notes, boxes, fetch, clock.deadline)
    door.scripted, door.letters, door.spill, door.notes, door.clock = scripted, letters, spill, notes, clock
    return door


_NAMES: dict[str, str] = {}


def an_id(name: str) -> str:
    """The id of the event that a test calls so."""
    found = str(uuid5(NAMESPACE_OID, name))
    _NAMES[found] = name
    return found


def some_records(*names: str, **fields: Any) -> list[dict[str, Any]]:
    """Records of events that a test calls so."""
    return [a_record(**fields, eventID=an_id(name)) for name in names]


def packed_logs(messages: Sequence[str], owner: str = ACCOUNT, kind: str = "DATA_MESSAGE") -> bytes:
    """What a subscription sends."""
    events = [{"id": f"cw-{at}", "timestamp": 1, "message": message} for at, message in enumerate(messages)]
    data = {
        "messageType": kind, "owner": owner, "logGroup": "trail", "logStream": f"{owner}_CloudTrail_eu-west-1",
        "subscriptionFilters": ["all"], "logEvents": events,
    }  # fmt: skip
    return gzip.compress(json.dumps(data).encode(), mtime=0)


def logs_event(records: Sequence[dict[str, Any] | str], **named: Any) -> dict[str, Any]:
    """An invocation by a subscription."""
    messages = [record if isinstance(record, str) else json.dumps(record) for record in records]
    return {"awslogs": {"data": base64.b64encode(packed_logs(messages, **named)).decode()}}


def kinesis_event(*payloads: bytes) -> dict[str, Any]:
    """An invocation by a stream; its sequence numbers are seq-0, seq-1, …"""
    arn = f"arn:aws:kinesis:eu-west-1:{ACCOUNT}:stream/trail"
    return {
        "Records": [
            {
                "eventSource": "aws:kinesis", "eventSourceARN": arn, "eventID": f"shardId-0:{at}",
                "kinesis": {"sequenceNumber": f"seq-{at}", "data": base64.b64encode(payload).decode()},
            }
            for at, payload in enumerate(payloads)
        ]
    }  # fmt: skip


def sqs_event(*bodies: Any, receives: int = 1, account: str = ACCOUNT, queue: str = "trail") -> dict[str, Any]:
    """An invocation by a queue; its messages are called m-0, m-1, …"""
    arn = f"arn:aws:sqs:eu-west-1:{account}:{queue}"
    return {
        "Records": [
            {
                "messageId": f"m-{at}", "eventSource": "aws:sqs", "eventSourceARN": arn,
                "attributes": {"ApproximateReceiveCount": str(receives)},
                "body": body if isinstance(body, str) else json.dumps(body),
            }
            for at, body in enumerate(bodies)
        ]
    }  # fmt: skip


def s3_record(key: str = KEY, bucket: str = BUCKET, event: str = "ObjectCreated:Put", region: str = "eu-west-1") -> Any:
    """A record of a bucket's notification."""
    return {
        "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": region, "eventName": event,
        "s3": {
            "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
            "object": {"key": quote_plus(key, safe="/"), "size": 1_024, "eTag": "d41d8cd98f00b204e9800998ecf8427e"},
        },
    }  # fmt: skip


def s3_event(*keys: str, **named: Any) -> dict[str, Any]:
    """A bucket's notification."""
    return {"Records": [s3_record(key, **named) for key in keys or (KEY,)]}


def sns_wrapped(message: Any, account: str = ACCOUNT) -> dict[str, Any]:
    """A topic's notification as a queue holds it."""
    arn = f"arn:aws:sns:eu-west-1:{account}:trail"
    return {"Type": "Notification", "MessageId": "1", "TopicArn": arn, "Message": json.dumps(message)}


def sns_event(message: Any, account: str = ACCOUNT) -> dict[str, Any]:
    """An invocation by a topic."""
    return {"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": sns_wrapped(message, account)}]}


def bus_object(key: str = KEY, bucket: str = BUCKET, kind: str = "Object Created", region: str = "eu-west-1") -> Any:
    """An event of S3 on EventBridge."""
    detail = {"version": "0", "bucket": {"name": bucket}, "object": {"key": key, "size": 9}, "reason": "PutObject"}
    return {
        "version": "0", "id": "1", "detail-type": kind, "source": "aws.s3", "account": ACCOUNT, "region": region,
        "detail": detail,
    }  # fmt: skip


def bus_call(record: dict[str, Any], account: str = ACCOUNT) -> dict[str, Any]:
    """A call on EventBridge."""
    return {
        "version": "0", "id": "1", "detail-type": "AWS API Call via CloudTrail", "source": "aws.ec2",
        "account": account, "region": "eu-west-1", "detail": record,
    }  # fmt: skip


def a_file(records: Sequence[dict[str, Any]]) -> bytes:
    """An object of a trail."""
    return gzip.compress(json.dumps({"Records": records}).encode(), mtime=0)


def held(door: AnOpenDoor) -> set[str]:
    """Events in the index, as a test calls them."""
    return {_NAMES.get(each, each) for each in door.scripted.held}


def document(door: AnOpenDoor, name: str) -> dict[str, Any]:
    """A document in the index."""
    found: dict[str, Any] = json.loads(door.scripted.held[an_id(name)])
    return found

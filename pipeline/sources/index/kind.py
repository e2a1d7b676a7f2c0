"""What the documents of an index are: where in them the record is, and what they tell of its delivery.

A document is told by where its record lies. What else is in it is not believed, but for what only its maker writes:
the key of the delivering object, and in our own documents the time of delivery.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from features.normalise.normalised import USUAL_DELAY
from features.record.as_json import as_json
from features.record.container import is_record
from features.record.split import may_be_record
from features.times.instant import micros
from pipeline.ingest.delivery import Delivery, origin_of, read_delivery
from pipeline.text.inert import inert

_OURS: Final = "aws.cloudtrail"
"""`event.dataset` of our documents, and of Elastic's."""
_LONGEST_KEY: Final = 1_024
"""Bytes of a key in S3 at most."""
_NAMES: Final = 15
"""Names of fields that are shown of documents that are not known."""


class Taken(NamedTuple):
    """What was taken from a document."""

    texts: Sequence[bytes]
    """Of the record; several where its maker kept several."""
    origin: str
    """Where the delivering file lay; else the log stream it came through, else its index."""
    delivery: Delivery
    log_group: str = ""
    """Which it came through, with whatever else is written there."""


class Kind(NamedTuple):
    """A kind of documents."""

    name: str
    fields: Sequence[str] | None
    """What is fetched of each; None for all of it."""
    take: Callable[[Mapping[str, Any], str], Taken | None]
    """What is taken from a document of an index; None where it is of another kind."""


def find_kind(source: Mapping[str, Any]) -> Kind | None:
    """The kind of a document; None where it holds no record.

    >>> find_kind({"@message": "{}", "@log_group": "trail"}).name
    'log events (@message)'
    >>> find_kind({"event": {"original": "{}"}}).name, find_kind({"message": "GET /"})
    ("Elastic's (event.original)", None)
    """
    if not isinstance(source.get("@message"), str):
        original = look_up(source, "event.original")
        if isinstance(original, str) or (isinstance(original, list) and any(isinstance(one, str) for one in original)):
            return ORIGINAL
        message = source.get("message")
        if isinstance(message, str) and is_record(_bytes(message)):
            return ORIGINAL
        return RECORD if may_be_record(as_json(source)) else None
    if _is_ours(source) and isinstance(source.get("oddtrail"), dict):
        return OURS
    return MESSAGE


def is_dropped(source: Mapping[str, Any]) -> bool:
    """Whether a document was made of a record by Elastic's pipeline, which then dropped it."""
    return look_up(source, "event.dataset") == _OURS or isinstance(look_up(source, "aws.cloudtrail"), dict)


def tell_fields(sources: Iterable[Mapping[str, Any]]) -> str:
    """Names of some documents' fields, bounded and harmless.

    >>> tell_fields([{"agent": {"name": "x"}, "message": "GET /"}])
    'agent.name, message'
    """
    names: dict[str, None] = {}
    for source in sources:
        for name, value in list(source.items())[: 4 * _NAMES]:
            inner = list(value)[:2] if isinstance(value, dict) else []
            names |= dict.fromkeys(inert(f"{name}.{below}", 40) for below in inner) or {inert(name, 40): None}
    shown = list(names)
    more = f" and {len(shown) - _NAMES} more" if len(shown) > _NAMES else ""
    return ", ".join(shown[:_NAMES]) + more if shown else "nothing"


def look_up(source: Mapping[str, Any], name: str) -> Any:
    """A field, be it written as objects within objects or with dots in its name; None where there is none.

    >>> look_up({"event": {"id": 1}}, "event.id"), look_up({"event.id": 1}, "event.id"), look_up({}, "event.id")
    (1, 1, None)
    """
    if "." not in name:
        return source.get(name)
    found: Any = source
    for part in _parts(name):
        if not isinstance(found, dict) or part not in found:
            return source.get(name)
        found = found[part]
    return found


@lru_cache(256)
def _parts(name: str) -> tuple[str, ...]:
    return tuple(name.split("."))


def _take_message(source: Mapping[str, Any], index: str) -> Taken | None:
    """Of a log event: what the stock function writes, and ours."""
    message = source.get("@message")
    if not isinstance(message, str):
        return None
    owner = _text(source, "@owner")
    group, stream = _text(source, "@log_group"), _text(source, "@log_stream")
    if not _is_ours(source):
        return Taken([_bytes(message)], stream or index, Delivery(owner), group)
    key = _text(source, "aws.s3.object.key")
    if key:
        return Taken([_bytes(message)], origin_of(PurePosixPath(key)), read_delivery(key))
    at = _delivered(_text(source, "event.created"), _text(source, "@timestamp"))
    return Taken([_bytes(message)], stream or index, Delivery(owner, "", at))


def _take_original(source: Mapping[str, Any], index: str) -> Taken | None:
    """Of Elastic Agent, Filebeat, or who else ships records as they are."""
    original = look_up(source, "event.original")
    if original is None:
        original = source.get("message")
    texts = [_bytes(one) for one in (original if isinstance(original, list) else [original]) if isinstance(one, str)]
    if not texts:
        return None
    key = _text(source, "aws.s3.object.key") or unquote(_text(source, "log.file.path"))
    if "/" in key or read_delivery(key).at:
        return Taken(texts, origin_of(PurePosixPath(key)), read_delivery(key))
    stream = _text(source, "aws.cloudwatch.log_stream") or _text(source, "awscloudwatch.log_stream")
    return Taken(texts, stream or index, Delivery())


def _take_record(source: Mapping[str, Any], index: str) -> Taken | None:
    """Of a document that is the record."""
    record = {name: value for name, value in source.items() if not name.startswith("@")}
    if "eventTime" not in record and isinstance(source.get("@timestamp"), str):
        record["eventTime"] = source["@timestamp"]  # Logstash's codec for CloudTrail moves it there
    raw = as_json(record)
    return Taken([raw], index, Delivery()) if may_be_record(raw) else None


@lru_cache(4_096)
def _delivered(created: str, called: str) -> datetime | None:
    """When a document of ours says that its record was delivered; None where it only counts on from the call."""
    try:
        at = datetime.fromisoformat(created)
        if at.tzinfo is None or micros(at) - micros(datetime.fromisoformat(called)) == USUAL_DELAY:
            return None
    except (ValueError, OverflowError, TypeError):
        return None
    return at


def _is_ours(source: Mapping[str, Any]) -> bool:
    return bool(look_up(source, "event.dataset") == _OURS)


def _text(source: Mapping[str, Any], name: str) -> str:
    value = look_up(source, name)
    return value if isinstance(value, str) and len(value) <= _LONGEST_KEY else ""


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


_OF_MESSAGE: Final = (
    "@message", "@timestamp", "@owner", "@log_group", "@log_stream", "event.dataset", "event.created",
    "aws.s3.object.key",
)  # fmt: skip
OURS: Final = Kind("oddtrail's (@message)", _OF_MESSAGE, _take_message)
MESSAGE: Final = Kind("log events (@message)", _OF_MESSAGE, _take_message)
ORIGINAL: Final = Kind(
    "Elastic's (event.original)",
    (
        "event.original", "message", "aws.s3.object.key", "log.file.path", "aws.cloudwatch.log_stream",
        "awscloudwatch.log_stream",
    ),
    _take_original,
)  # fmt: skip
RECORD: Final = Kind("records", None, _take_record)

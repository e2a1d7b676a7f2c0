"""Records that somebody made to do harm, or that AWS might send some day, and what is to become of each."""

import json
import uuid
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from tests.pipeline.ingest.records import a_record

Fate = Literal["indexed", "quarantined", "dead", "other"]


class Case(NamedTuple):
    """A record, and where it ends."""

    name: str
    raw: bytes
    fate: Fate
    id: str
    """Its event's id; "" where it has none."""


def _case(name: str, fate: Fate = "indexed", /, **fields: Any) -> Case:
    record = a_record(**fields)
    record = {key: value for key, value in record.items() if value is not ...}
    return Case(name, json.dumps(record).encode("utf-8", "surrogatepass"), fate, record.get("eventID", ""))


def _text(name: str, fate: Fate, text: bytes) -> Case:
    """A record whose request is these bytes."""
    event_id = str(uuid.uuid4())
    raw = json.dumps(a_record(eventID=event_id, requestParameters="@@")).encode().replace(b'"@@"', text)
    return Case(name, raw, fate, event_id)


_CONFLICTS: dict[str, tuple[Any, ...]] = {
    "disableApiTermination": (True, {"value": True}),
    "role": ({"name": "a"}, "a", ["a"]),
    "maxResults": (5, "5", 5.5),
    "filter": ([{"name": "a"}], {"items": [1]}, "a"),
    "force": (False, "false", 0),
    "policy": ({"Version": "1"}, '{"Version":"1"}'),
    "time": ("2026-03-02T00:00:00Z", 1_772_409_600, {"seconds": 1}),
}
"""Fields that real calls give several types."""
_ADDRESSES = (
    "AWS Internal", "ec2.amazonaws.com", "1.2.3.4, 5.6.7.8", "::ffff:203.0.113.9", "fe80::1%eth0", "203.0.113.9\n",
    "999.1.1.1", "0x7f.1", "2001:db8::1", "", " ", "203.0.113.9:443", "[2001:db8::1]:443", "'; DROP", "é" * 300,
)  # fmt: skip
_WRONG: dict[str, tuple[Any, ...]] = {
    "userAgent": ({"a": 1}, 7, ["x"], "x" * 100_000),
    "eventName": ("x" * 40_000, "a\u0000b", "\u202e\x1b[31m", "new\nline"),
    "requestParameters": ("text", [1, 2], 7, True, "x" * 40_000),
    "responseElements": ("text", [[[[]]]], 1e300),
    "additionalEventData": ("x", [{}], {"": ""}, {".": 1}, {"a..b": 1}, {" ": 1}, {"a": {"": {"": 1}}}),
    "resources": ("text", [7], [{"ARN": 7}], [{"ARN": "x" * 40_000}] * 3, [{}] * 3_000),
    "errorMessage": ("x" * 300_000, {"a": 1}, "Limit of total fields [1] has been exceeded"),
    "userIdentity": ({"type": 7}, {"type": "Odd", "arn": {"a": 1}}, {"type": "IAMUser", "userName": "x" * 40_000}),
    "readOnly": ("yes", 1, {}),
    "vpcEndpointId": ({"a": 1}, "x" * 40_000),
    "tlsDetails": ("x", {"tlsVersion": {"a": 1}}),
    "eventVersion": ("9.99", 7, "x" * 9_000),
    "unknownField": ({"a": {"b": 1}}, "x" * 100_000),
}
"""What a field of a record should never be."""


def cases() -> Iterator[Case]:
    """All of them."""
    for field, values in _CONFLICTS.items():
        for value in values:
            yield _case(
                f"conflict {field} {value!r}", requestParameters={field: value}, responseElements={field: value}
            )
    for n in range(300):
        yield _case(f"new paths {n}", requestParameters={f"path{n}x{k}": {f"deep{n}x{k}": k} for k in range(5)})
    yield _case("leaf of 40 kB", requestParameters={"a": "x" * 40_000, "b": "é" * 32_000})
    yield _case("key of 33 kB", requestParameters={"k" * 33_000: "x"})
    yield _case("two megabytes", requestParameters={f"k{n}": "v" * 2_000 for n in range(1_000)})
    yield _case("half a megabyte of quotes", requestParameters={"a": '"' * 500_000})
    yield _text("depth 2,000", "indexed", b'{"a":' * 2_000 + b"1" + b"}" * 2_000)
    yield _text("depth 2,000 of lists", "indexed", b"[" * 2_000 + b"]" * 2_000)
    yield _text("a list of 100,000", "indexed", b"[" + b"1," * 99_999 + b"1]")
    yield _text("100,000 lists", "indexed", b"[" + b"[]," * 99_999 + b"[]]")
    for name, text in {
        "NaN": b'{"a":NaN}', "Infinity": b'{"a":-Infinity}', "1e999": b'{"a":1e999}', "-0": b'{"a":-0.0}',
        "a long number": b'{"a":' + b"9" * 400 + b"}", "surrogate": b'{"a":"\\ud800"}',
        "NUL": b'{"a":"\\u0000","\\u0000":1}', "invalid UTF-8": b'{"a":"\xff\xfe"}',
        "the same key": b'{"a":1,"a":{"b":2},"a":"x"}', "U+2028": '{"a":"\u2028"}'.encode(),
        "dots": b'{"a.b":1,"a":{"b":2},".":3,"..":4,"a.":5,".a":6}',
        "names of ours": b'{"_id":1,"_index":"x","_source":{}}',
        "an action line": b'{"x":"\\n{\\"delete\\":{\\"_index\\":\\"*\\",\\"_id\\":\\"1\\"}}\\n"}',
    }.items():  # fmt: skip
        yield _text(name, "indexed", text)
    for address in _ADDRESSES:
        yield _case(f"address {address[:20]!r}", sourceIPAddress=address)
    for field, values in _WRONG.items():
        for value in values:
            yield _case(f"{field} {str(value)[:20]!r}", **{field: value})
    yield _case("2099", "quarantined", eventTime="2099-01-01T00:00:00Z")
    yield _case("1900", "quarantined", eventTime="1900-01-01T00:00:00Z")
    yield _case("9999", "quarantined", eventTime="9999-12-31T23:59:59Z")
    yield _case("of Seoul's clock", eventTime="2026-03-03T08:00:00+09:00")
    yield _case("without a time", "dead", eventTime=...)
    yield _case("yesterday", "dead", eventTime="yesterday")
    yield _case("one of two accounts", sharedEventID="5" * 36)
    yield _case("the other", sharedEventID="5" * 36, recipientAccountId="999900001111")
    yield _case("network activity", eventCategory="NetworkActivity", eventType="AwsVpceEvent")
    yield _case("an id of 600", eventID="i" * 600)
    yield _case("an id with a slash", eventID="a/../b?c#d%2f")
    yield _case("an id in Hangul", eventID="가" * 40)
    insight = {"eventType": "AwsCloudTrailInsight", "eventCategory": "Insight", "insightDetails": {}, "eventName": ...}
    yield _case("insight", "other", **insight)
    yield Case("not a record", b'{"eventName":', "dead", "")

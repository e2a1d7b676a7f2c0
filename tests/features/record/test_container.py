"""One rule finds records in every wrapping, by what an object is and never by what is in a record."""

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from features.record.container import Contents, is_record, take, take_items
from tests.records import a_record

ONE, TWO = a_record(eventID="e0"), a_record(eventID="e1")
TEXTS = [json.dumps(ONE), json.dumps(TWO)]
PAYLOAD = {
    "messageType": "DATA_MESSAGE", "logEvents": [{"id": "1", "timestamp": 0, "message": text} for text in TEXTS],
}  # fmt: skip


def pack(document: Any) -> str:
    return base64.b64encode(gzip.compress(json.dumps(document).encode())).decode()


def unpack(packed: bytes) -> bytes | None:
    return gzip.decompress(base64.b64decode(packed))


def of(document: Any, opener: Callable[[bytes], bytes | None] = unpack) -> Contents:
    contents = Contents()
    take(json.dumps(document).encode(), contents, opener)
    return contents


def ids(contents: Contents) -> list[str]:
    return [json.loads(bytes(record))["eventID"] for record in contents.records]


WRAPPED: dict[str, Any] = {
    "S3": {"Records": [ONE, TWO]},
    "array": [ONE, TWO],
    "subscription": PAYLOAD,
    "Lambda": {"awslogs": {"data": pack(PAYLOAD)}},
    "Kinesis": {"Records": [{"eventSource": "aws:kinesis", "eventName": "x", "kinesis": {"data": pack(PAYLOAD)}}]},
    "SQS": {"Records": [{"eventSource": "aws:sqs", "body": json.dumps({"Records": [ONE, TWO]})}]},
    "SNS": {"Records": [{"EventSource": "aws:sns", "Sns": {"Message": text}} for text in TEXTS]},
    "SNS in SQS": {"Records": [{"eventSource": "aws:sqs", "body": json.dumps({"Message": text})} for text in TEXTS]},
    "EventBridge": [{"detail-type": "AWS API Call via CloudTrail", "detail": record} for record in (ONE, TWO)],
    "LookupEvents": {"Events": [{"EventName": "x", "CloudTrailEvent": text} for text in TEXTS]},
    "FilterLogEvents": {"events": [{"timestamp": 1, "message": text} for text in TEXTS], "searchedLogStreams": []},
    "Insights": {"results": [[{"field": "@message", "value": text}] for text in TEXTS], "status": "Complete"},
    "Lake": {"QueryStatus": "FINISHED", "QueryResultRows": [[{"eventJson": text}] for text in TEXTS]},
    "Beats": [{"@timestamp": "x", "message": text} for text in TEXTS],
    "Elastic": [{"_index": "ct", "_source": {"event": {"original": text}, "tags": ["a"]}} for text in TEXTS],
    "search": {"hits": {"total": 2, "hits": [{"_source": record} for record in (ONE, TWO)]}},
    "Splunk": [{"preview": False, "result": {"_raw": text}} for text in TEXTS],
    "Datadog": [{"_id": "1", "attributes": record} for record in (ONE, TWO)],
    "CloudWatch": {"messages": [{"@message": text} for text in TEXTS]},
}


@pytest.mark.parametrize("document", WRAPPED.values(), ids=WRAPPED)
def test_records_are_found_whatever_wraps_them(document: Any) -> None:
    contents = of(document)
    assert (ids(contents), contents.broken, contents.other) == (["e0", "e1"], [], {})


ROW = {"eventname": "A", "eventsource": "s", "eventtime": "t", "useridentity": "{type=Root}", "eventid": "e0"}
ROWS: dict[str, Any] = {
    "UNLOAD of Athena": ROW,
    "Lake": {"QueryResultRows": [[{name: value} for name, value in ROW.items()]]},
    "Insights": {"results": [[{"field": name, "value": value} for name, value in ROW.items()]]},
    "Insights, with parts of the caller": {
        "results": [
            [
                {"field": name, "value": value}
                for name, value in {**ROW, "useridentity": None, "userIdentity.type": "Root"}.items() if value
            ]
        ]
    },
}  # fmt: skip


@pytest.mark.parametrize("document", ROWS.values(), ids=ROWS)
def test_a_row_of_a_table_is_the_record_it_was(document: Any) -> None:
    contents = of(document)
    assert [json.loads(bytes(record)) for record in contents.records] == [
        {"eventName": "A", "eventSource": "s", "eventTime": "t", "userIdentity": {"type": "Root"}, "eventID": "e0"}
    ]
    assert contents.broken == []


def test_a_row_with_too_few_columns_says_which_are_missing() -> None:
    contents = of({"QueryResultRows": [[{"eventName": "A"}, {"eventTime": "t"}]] * 2})
    [(reason, _)] = contents.broken
    assert reason.startswith("a table of CloudTrail without eventSource and userIdentity")
    assert contents.records == []


FOREIGN: dict[str, tuple[Any, str]] = {
    "Config": ({"fileVersion": "1.0", "configurationItems": [{"x": ONE}]}, "AWS Config"),
    "GuardDuty": ({"schemaVersion": "2.0", "service": {"action": ONE}, "severity": 5}, "GuardDuty"),
    "OCSF": ({"class_uid": 6003, "metadata": {}, "api": {}}, "OCSF"),
    "S3 notification": ({"Records": [{"eventSource": "aws:s3", "eventName": "x", "s3": {}}]}, "S3 notification"),
    "bulk": ({"index": {"_index": "ct", "_id": "1"}}, "bulk action"),
    "probe": (PAYLOAD | {"messageType": "CONTROL_MESSAGE"}, "control message"),
    "nothing": ({"Records": None}, "no records"),
}


@pytest.mark.parametrize(("document", "name"), FOREIGN.values(), ids=FOREIGN)
def test_what_is_no_trail_is_counted_by_its_name(document: Any, name: str) -> None:
    contents = of(document)
    assert (contents.records, contents.broken, dict(contents.other)) == ([], [], {name: 1})


HOSTILE: dict[str, Any] = {
    "a tag": {"tags": {"logEvents": [{"message": TEXTS[1]}], "Records": [TWO], "message": TEXTS[1]}},
    "a control message": {"messageType": "CONTROL_MESSAGE"},
    "a payload": {"awslogs": {"data": pack(PAYLOAD)}, "data": pack(PAYLOAD)},
    "a whole record": TWO,
}


@pytest.mark.parametrize("request_", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("wrap", [lambda r: {"Records": [r]}, lambda r: r, lambda r: [r], lambda r: {"detail": r}])
def test_nothing_in_a_record_makes_a_wrapping_of_it(request_: Any, wrap: Callable[[Any], Any]) -> None:
    contents = of(wrap(ONE | {"requestParameters": request_}))
    assert (ids(contents), contents.other) == (["e0"], {})


def test_what_somebody_says_in_a_wrapping_of_others_is_no_record() -> None:
    said = {"user_agent": {"original": TEXTS[1]}, "aws": {"cloudtrail": {"request": {"message": TEXTS[1]}}}}
    assert ids(of({"_source": {"event": {"original": TEXTS[0]}, **said}})) == ["e0"]
    asked = [{"field": "userAgent", "value": TEXTS[1]}, {"field": "@message", "value": TEXTS[0]}]
    assert ids(of({"results": [asked]})) == ["e0"]


def test_an_event_that_aws_hands_to_a_function_is_no_call() -> None:
    assert not is_record(json.dumps({"eventSource": "aws:s3", "eventName": "ObjectCreated:Put"}).encode())


def test_what_is_no_object_is_one_piece_however_much_of_it_follows_each_other() -> None:
    contents = of([ONE, *range(100_000), TWO, *range(3)])
    assert ids(contents) == ["e0", "e1"]
    assert [reason for reason, _ in contents.broken] == ["no JSON object"] * 2


def test_tiny_objects_are_one_piece_as_well() -> None:
    contents = of({"Records": [{"a": n % 10} for n in range(50_000)]})
    assert (contents.records, len(contents.broken)) == ([], 1)


def test_the_first_of_a_list_of_records_stands_for_all() -> None:
    contents = Contents()
    items = [json.dumps(record).encode() for record in (ONE, {"note": "x" * 200})]
    take_items(items, contents, unpack, size=sum(map(len, items)))
    assert contents.records == items


def test_a_payload_within_payloads_ends() -> None:
    document: Any = PAYLOAD
    for _ in range(10):
        document = {"message": pack(document)}
    assert ids_or_none(of(document)) is None


def ids_or_none(contents: Contents) -> list[str] | None:
    try:
        return ids(contents)
    except KeyError:
        return None


def test_a_text_that_cannot_be_opened_is_kept_as_the_record_it_stands_for() -> None:
    event = {"timestamp": 1, "message": "H4sIbroken"}
    contents = of({"logEvents": [event]}, lambda _packed: None)
    assert contents.records == [b"H4sIbroken"]

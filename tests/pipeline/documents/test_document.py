"""Documents of events: the seed's own fields, which index, what is bounded, and what is left of a refused one."""

import json
from datetime import UTC, datetime, timedelta
from itertools import chain, islice

import pytest

from benchmarks.recordings import recordings
from pipeline.documents.document import LONGEST_MESSAGE, DocumentMaker, Naming, Transport, repair
from tests.pipeline.documents.making import at, body, documents
from tests.pipeline.ingest.records import ACCOUNT, a_record

ID = "6f6b1c1e-0000-4000-8000-000000000001"


def test_the_transport_is_told():
    transport = Transport("999988887777", "trail", "stream", ["id-0", "id-1"], "bucket", "AWSLogs/k.json.gz")
    first, second, third = (json.loads(each.body) for each in documents(*[a_record()] * 3, transport=transport))
    assert (first["@id"], second["@id"], third["@id"]) == ("id-0", "id-1", third["event"]["id"])
    assert (first["@owner"], first["@log_group"], first["@log_stream"]) == ("999988887777", "trail", "stream")
    assert first["aws"]["s3"] == {"bucket": {"name": "bucket"}, "object": {"key": "AWSLogs/k.json.gz"}}
    assert at(second, "oddtrail.position") == 1


@pytest.mark.parametrize("writes_texts", [False, True])
def test_what_is_remembered_of_other_records_changes_no_document(writes_texts):
    records = [*islice(chain.from_iterable(recordings().values()), 200), *map(_odd, range(60))]
    maker = DocumentMaker(writes_texts=writes_texts)
    alone = [documents(each, maker=DocumentMaker(writes_texts=writes_texts))[0] for each in records]
    for _ in range(2):
        assert [documents(each, maker=maker)[0] for each in records] == alone


def _odd(number):
    """A record that shares much with others, and not all."""
    free = [None, {}, {"a": None}, {"userName": "bob"}, {"password": "x1y2"}, {"a": "b=c"}, "text", {"k": "x" * 9_000}]
    tools = ["aws-cli/2.15.0", "Bearer abcdefgh123456789", ""]
    return a_record(
        eventID=f"e{number}", requestID="r", requestParameters=free[number % 8], responseElements=free[number % 7],
        userAgent=tools[number % 3], sourceIPAddress=["203.0.113.7", "10.0.0.1", "AWS Internal"][number % 3],
        **({"errorCode": "AccessDenied", "errorMessage": "no"} if number % 5 == 0 else {}),
        **({"new": number} if number % 11 == 0 else {}),
    )  # fmt: skip


def test_without_a_transport_the_record_speaks_for_itself():
    record = a_record(eventID=ID)
    document = body(record)
    assert (document["@id"], document["@owner"], document["@timestamp"]) == (ID, ACCOUNT, "2026-03-02T12:00:00.000Z")
    assert document["@message"] == json.dumps(record)
    assert document["event"]["created"] == "2026-03-02T12:05:00.000Z"
    assert document["event"]["ingested"] == "2026-03-03T00:00:00.000Z"
    assert "@log_group" not in document
    assert "s3" not in document["aws"]


def test_the_delivery_is_when_the_file_says():
    delivered = datetime(2026, 3, 2, 12, 9, tzinfo=UTC)
    assert body(a_record(), delivered_at=delivered)["event"]["created"] == "2026-03-02T12:09:00.000Z"


@pytest.mark.parametrize(
    ("time", "index"),
    [
        ("2026-03-02T00:00:00Z", "t-2026.03.02"),
        ("2026-03-02T23:59:59Z", "t-2026.03.02"),
        ("2026-03-02T02:00:00+09:00", "t-2026.03.01"),
        ("2026-03-03T00:10:00Z", "t-2026.03.03"),
        ("2026-03-03T00:20:00Z", "t-quarantine"),
        ("2099-01-01T00:00:00Z", "t-quarantine"),
        ("1970-01-01T00:00:00Z", "t-quarantine"),
        ("2026-01-31T23:59:59Z", "t-quarantine"),
    ],
)
def test_the_index_is_the_day_of_the_event_or_quarantine(time, index):
    maker = DocumentMaker(Naming("t", timedelta(days=30)))
    (document,) = documents(a_record(eventTime=time), maker=maker)
    assert document.index_name == index


def test_the_id_and_the_bytes_are_the_events():
    raw = json.dumps(a_record(eventID=ID, requestParameters={"password": "x1"})).encode()
    (document,) = documents(raw)
    assert (document.id, document.raw) == (ID, raw)
    assert b"\n" not in document.body


def test_what_is_odd_about_a_row_is_told():
    document = body(
        a_record(
            eventSource="ec2.amazonaws.com", eventName="AuthorizeSecurityGroupIngress", readOnly=False,
            requestParameters={
                "groupId": "sg-1",
                "ipPermissions": {"items": [{"ipProtocol": "tcp", "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}]},
            },
        )
    )  # fmt: skip
    assert at(document, "oddtrail.exposures") == ["cidr:0.0.0.0/0"]
    assert "security_group:sg-1" in at(document, "oddtrail.resources")


def test_a_giant_record_is_cut_and_flagged():
    giant = a_record(requestParameters={str(n): "x" * 4_000 for n in range(600)})
    (document,) = documents(giant)
    found = json.loads(document.body)
    assert len(found["@message"]) == LONGEST_MESSAGE
    assert at(found, "oddtrail.flags") == ["unsearchable", "message_cut"]
    assert len(document.body) < 1_200_000


HOSTILE = {
    "deep": '{"a": ' + "[" * 2_000 + "]" * 2_000 + "}",
    "very deep": '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "NaN": '{"a": NaN, "b": Infinity, "c": 1e999}',
    "a long number": '{"a": ' + "7" * 3_000 + "}",
    "half a character": '{"a": "\\ud800", "\\udfff": 1}',
    "NUL": '{"a": "\\u0000", "\\u0000": 1, "a\\u0000b": 2}',
    "a long leaf": json.dumps({"a": "x" * 40_000}),
    "a long name": json.dumps({"k" * 33_000: 1}),
    "many names": json.dumps({f"name{n}": n for n in range(1_500)}),
    "2 MB": json.dumps({str(n): "x" * 4_000 for n in range(500)}),
    "a name twice": '{"a": 1, "a": {"b": 2}}',
    "a name with dots": '{"a.b": 1, "a": {"b": 2}, ".": 3, "..": 4, "a..b": 5, " ": 6}',
    "an empty name": '{"": 1, "a": {"": 2}}',
    "bytes that are no UTF-8": b'{"a": "\xff\xfe"}',
    "a line break": '{\n"a":\n"b"}\n',
}


def hostile(name):
    """A record whose request is hostile, as bytes."""
    free = HOSTILE[name]
    record = json.dumps(a_record(requestParameters="HERE")).encode()
    return record.replace(b'"HERE"', free if isinstance(free, bytes) else free.encode())


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_record_makes_one_line_of_strict_json(name):
    (document,) = documents(hostile(name))
    assert b"\n" not in document.body
    found = json.loads(document.body.decode())
    assert at(found, "oddtrail.principal")
    assert at(found, "event.action") == "ListUsers"
    assert found["@message"]


def test_a_refused_document_loses_free_form_objects_then_all_but_its_record():
    (document,) = documents(a_record(requestParameters={"a": "b"}, resources=[{"ARN": "arn:1"}]))
    first = repair(document, "odd")
    assert first is not None
    found = json.loads(first.body)
    assert "flattened" not in found["aws"]["cloudtrail"]
    assert "resources" not in found["aws"]["cloudtrail"]
    assert at(found, "oddtrail.flags") == ["refused"]
    second = repair(first, "odd")
    assert second is not None
    found = json.loads(second.body)
    assert set(found) == {"@timestamp", "@id", "@owner", "@message", "event", "oddtrail"}
    assert found["@message"] == json.loads(document.body)["@message"]
    assert repair(second, "odd") is None
    assert (first.id, second.id, second.raw) == (document.id, document.id, document.raw)


def test_one_maker_makes_the_same_documents_again_and_in_any_company():
    maker = DocumentMaker()
    some = [
        a_record(),
        a_record(sourceIPAddress="10.0.0.1"),
        a_record(errorCode="AccessDenied"),
        *map(hostile, HOSTILE),
    ]
    together = [each.body for each in documents(*some, maker=maker)]
    assert together == [each.body for each in documents(*some, maker=maker)]
    alone = [json.loads(documents(each)[0].body) for each in some]
    assert [set(json.loads(each)) for each in together] == [set(each) for each in alone]

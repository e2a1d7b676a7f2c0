"""Records are found in any wrapping, and a bad one takes no neighbour with it."""

import json
import time
from collections import Counter

import pytest

from features.record.container import Contents
from features.record.split import split
from tests.records import a_record, raw


def ids(found: Contents) -> list[str]:
    return [json.loads(bytes(record))["eventID"] for record in found.records]


def some(count: int) -> list[bytes]:
    return [raw(a_record(eventID=f"e{number}")) for number in range(count)]


def envelope(*records: bytes) -> bytes:
    return b'{"Records":[' + b",".join(records) + b"]}"


ONE, TWO, THREE = some(3)
ALL = ["e0", "e1", "e2"]
PAYLOAD = {
    "messageType": "DATA_MESSAGE", "owner": "111111111111", "logGroup": "trail", "logStream": "s",
    "logEvents": [{"id": str(n), "timestamp": 0, "message": text.decode()} for n, text in enumerate((ONE, TWO, THREE))],
}  # fmt: skip
LOOKUP = {"Events": [{"EventId": "x", "CloudTrailEvent": text.decode()} for text in (ONE, TWO, THREE)]}
EVENTBRIDGE = {"version": "0", "detail-type": "AWS API Call via CloudTrail", "detail": a_record(eventID="e0")}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (envelope(ONE, TWO, THREE), ALL),
        (json.dumps(json.loads(envelope(ONE, TWO, THREE)), indent=2).encode(), ALL),
        (b"\xef\xbb\xbf" + envelope(ONE, TWO, THREE), ALL),
        (b"[" + b",".join((ONE, TWO, THREE)) + b"]", ALL),
        (b"\n".join((ONE, TWO, THREE)), ALL),
        (b"\r\n".join((ONE, b"", TWO, THREE, b"")), ALL),
        (ONE + TWO + THREE, ALL),
        (ONE, ["e0"]),
        (json.dumps(json.loads(ONE), indent=2).encode(), ["e0"]),
        (envelope(ONE) + envelope(TWO, THREE), ALL),
        (envelope(ONE) + b"\n" + envelope(TWO, THREE), ALL),
        (b"[" + envelope(ONE) + b"," + envelope(TWO, THREE) + b"]", ALL),
        (json.dumps(PAYLOAD).encode(), ALL),
        (json.dumps(PAYLOAD).encode() + json.dumps(PAYLOAD).encode(), ALL + ALL),
        (json.dumps(LOOKUP).encode(), ALL),
        (json.dumps(EVENTBRIDGE).encode(), ["e0"]),
        (json.dumps(EVENTBRIDGE).encode() + b"\n" + TWO, ["e0", "e1"]),
        (b'{"Records":[' + ONE + b'],"Extra":[1,2]}' + TWO, ["e0", "e1"]),
    ],
)  # fmt: skip
def test_every_wrapping_gives_its_records(document: bytes, expected: list[str]) -> None:
    found = split(document)
    assert (ids(found), found.broken, found.other) == (expected, [], Counter())


@pytest.mark.parametrize("document", [b"", b"\n", b"\xef\xbb\xbf", b"{}", b"[]", b'{"Records": []}'])
def test_a_document_without_records_is_empty(document: bytes) -> None:
    assert split(document) == Contents()


def test_a_control_message_is_counted() -> None:
    control = {"messageType": "CONTROL_MESSAGE", "logEvents": [{"message": "CWL CONTROL MESSAGE: Checking health"}]}
    assert split(json.dumps(control).encode()) == Contents(other=Counter({"control message": 1}))


DEEP_LIST, DEEP_OBJECT = b"[" * 2000 + b"]" * 2000, b'{"a":' * 5000 + b"1" + b"}" * 5000
BAD = raw(a_record(eventID="bad"))


@pytest.mark.parametrize(
    "bad",
    [
        BAD.replace(b'"eu-west-1"', b'"\\ud800"'),
        BAD.replace(b'"eu-west-1"', b"NaN"),
        BAD.replace(b'"eu-west-1"', b'"\xff"'),
        BAD.replace(b'"eu-west-1"', b'"\x00"'),
        BAD.replace(b'"requestParameters":{}', b'"requestParameters":' + DEEP_LIST),
        BAD.replace(b'"requestParameters":{}', b'"requestParameters":' + DEEP_OBJECT),
        BAD.replace(b'"eu-west-1"', b'"eu-west-1'),
        BAD.replace(b'{"eventVersion"', b'{"eventVersion'),
        BAD[:-1],
        BAD[:-20],
        BAD + b"}",
        BAD + b"]",
    ],
    ids=["surrogate", "nan", "utf8", "nul", "deep list", "deep object", "quote", "key", "brace", "end", "}", "]"],
)
@pytest.mark.parametrize("lines", [False, True])
def test_a_bad_record_takes_no_neighbour_with_it(bad: bytes, lines: bool) -> None:
    document = b"\n".join((ONE, TWO, bad, THREE)) if lines else envelope(ONE, TWO, bad, THREE)
    found = split(document)
    good = [record for record in map(bytes, found.records) if record in (ONE, TWO, THREE)]
    assert good == [ONE, TWO, THREE]
    assert len(found.records) + len(found.broken) <= 5


@pytest.mark.parametrize("cut", range(1, len(THREE), 37))
def test_complete_records_before_a_truncation_are_kept(cut: int) -> None:
    found = split(envelope(ONE, TWO, THREE)[: -cut - 2])
    assert ids(found) == ["e0", "e1"]
    assert found.broken == [("document ends within a record", THREE[:-cut])]


@pytest.mark.parametrize(
    "document", [b"nonsense", b"\x00\x01\x02\xff", b'"text"', b"12", b"{", b"}", b'{"a', b"]]]", b"[1,2", b"<x>"]
)
def test_what_is_no_document_is_one_broken_piece_or_none(document: bytes) -> None:
    found = split(document)
    assert len(found.broken) <= 1
    assert found.records == []


def test_values_that_are_no_objects_are_broken_pieces_between_good_records() -> None:
    found = split(b"[" + ONE + b',"text",12,' + TWO + b", NaN]")
    assert ids(found) == ["e0", "e1"]
    assert [piece for _, piece in found.broken] == [b'"text",12', b"NaN"]


def test_text_that_looks_like_a_record_stays_text() -> None:
    sneaky = raw(a_record(eventID="e0", requestParameters={"x": '},{"eventVersion":"1.0","eventID":"forged"'}))
    assert len(split(sneaky.replace(b"null", b"NaN") + TWO).records) == 2
    found = split(envelope(sneaky, TWO)[:-2])
    assert ids(found) == ["e0", "e1"]


@pytest.mark.parametrize(
    "document",
    [
        b'{"Records":[' + b'{"eventVersion":"1' * 20_000,
        b'{"a":"' + b'\\"' * 500_000,
        b"[" * 1_000_000,
        b"{" * 1_000_000,
        b'{"Records":[' * 50_000,
        b'"' * 999_999,
        b'[{"a":"' * 100_000,
        (b'{"eventVersion":"1.0","x":"' + b"y" * 100 + b'},\n') * 5_000,
    ],
    ids=["records", "quotes", "arrays", "objects", "envelopes", "strings", "unclosed", "lines"],
)  # fmt: skip
def test_the_scan_is_linear_and_knows_no_depth(document: bytes) -> None:
    start = time.process_time()
    found = split(document)
    assert time.process_time() - start < 10
    assert sum(len(bytes(piece)) for piece in found.records) + sum(len(piece) for _, piece in found.broken) > 0


@pytest.mark.parametrize("tiny", [b"{}", b'{"a":1}', b'{"a": "b", "c": null}'])
def test_many_tiny_objects_are_passed_over_at_once_and_nothing_between_them_is(tiny: bytes) -> None:
    record = b'{"eventID": "1"}'
    named = b'{"eventName":"A"}'
    run = b",".join([tiny] * 5_000)
    found = split(b'{"Records":[' + b",".join([run, record, run, named, record.replace(b"1", b"}")]) + b"," + run)
    assert found.records[:3] == [record, named, b'{"eventID": "}"}']
    assert {reason for reason, _ in found.broken} <= {"no JSON object", "document ends within a record"}
    assert len(found.broken) <= 4

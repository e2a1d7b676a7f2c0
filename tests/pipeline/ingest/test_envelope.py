"""Every wrapping in which records come, whole and damaged."""

import base64
import gzip
import io
import json

import msgspec
import pytest

from features.record import split as split_module
from features.record.container import Contents
from pipeline.ingest import envelope as module
from pipeline.ingest import inflate as inflate_module
from pipeline.ingest.envelope import chunks
from pipeline.ingest.inflate import Limits, Reading, blocks
from tests.pipeline.ingest.records import a_record, envelope, flat, subscription

ONE, TWO, THREE = (a_record(eventName=name) for name in ("One", "Two", "Three"))
CONTROL = json.dumps({"messageType": "CONTROL_MESSAGE", "logEvents": [{"id": "1", "message": "ping"}]}).encode()


def b64(document: bytes) -> bytes:
    return base64.b64encode(gzip.compress(document))


def lines(*records: object) -> bytes:
    return b"\n".join(r if isinstance(r, bytes) else json.dumps(r).encode() for r in records)


def array(*records: object) -> bytes:
    return b"[" + lines(*records).replace(b"\n", b",") + b"]"


def read(data: bytes, limits: Limits | None = None) -> tuple[list[Contents], Reading]:
    reading = Reading()
    limits = limits or Limits()
    return list(chunks(blocks(io.BytesIO(data), reading, limits), reading, limits)), reading


def names(data: bytes) -> list[str]:
    found, reading = read(data)
    assert reading.problem == ""
    return [json.loads(bytes(record))["eventName"] for chunk in found for record in chunk.records]


WHOLE = {
    "records": envelope(ONE, TWO),
    "records, other keys before": b'{"a": [1, {"Records": 1}], "Records": [%s]}' % lines(ONE, TWO).replace(b"\n", b","),
    "pretty": json.dumps({"Records": [ONE, TWO]}, indent=2).encode(),
    "array": json.dumps([ONE, TWO]).encode(),
    "lines": lines(ONE, TWO),
    "lines, with empty ones and returns": lines(ONE, b"", b"\r", TWO, b"") + b"\r\n",
    "lines of envelopes": lines(envelope(ONE), envelope(TWO)),
    "subscription": subscription(ONE, TWO),
    "subscription as Lambda gets it": json.dumps({"awslogs": {"data": b64(subscription(ONE, TWO)).decode()}}).encode(),
    "base64 of a subscription": b64(subscription(ONE, TWO)),
    "lines of base64": lines(b64(subscription(ONE)), b64(subscription(TWO))),
    "lines of subscriptions": lines(subscription(ONE), subscription(TWO)),
    "lines of Lambda events": lines(*[{"awslogs": {"data": b64(subscription(r)).decode()}} for r in (ONE, TWO)]),
    "array of subscriptions": b"[%s]" % subscription(ONE, TWO),
    "byte order mark": b"\xef\xbb\xbf" + envelope(ONE, TWO),
    "byte order mark and lines": b"\xef\xbb\xbf" + lines(ONE, TWO),
    "Firehose: members without a break": gzip.compress(subscription(ONE)) + gzip.compress(subscription(TWO)),
    "members that are documents": gzip.compress(envelope(ONE)) + gzip.compress(envelope(TWO)),
    "one document cut into members": flat(gzip.compress(p) for p in (envelope(ONE, TWO)[:90], envelope(ONE, TWO)[90:])),
    "documents without a break": envelope(ONE) + envelope(TWO),
    "records without a break": lines(ONE) + lines(TWO),
}


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE.keys())
@pytest.mark.parametrize("pack", [False, True])
def test_records_are_found_in_order_whatever_wraps_them(data, pack):
    assert names(gzip.compress(data) if pack and not data.startswith(b"\x1f\x8b") else data) == ["One", "Two"]


@pytest.mark.parametrize(
    ("data", "name"),
    [(b"", "empty file"), (b" \n", "empty file"), (b'{"Records":null}', "no records"), (CONTROL, "control message")],
)
def test_documents_without_records_are_counted_by_name(data, name):
    [chunk], _ = read(data)
    assert (list(chunk.records), dict(chunk.other), list(chunk.broken)) == ([], {name: 1}, [])


@pytest.mark.parametrize("data", [b'{"Records":[]}', b"[]"])
def test_a_list_of_no_records_is_nothing(data):
    [chunk], _ = read(data)
    assert (list(chunk.records), dict(chunk.other), list(chunk.broken)) == ([], {}, [])


def test_a_lone_record_and_an_unknown_object_are_one_record_each():
    assert names(lines(ONE)) == ["One"]
    [chunk], _ = read(b'{"digestStartTime": "x"}')
    assert [bytes(record) for record in chunk.records] == [b'{"digestStartTime": "x"}']


BAD = {
    "NaN": b'{"eventName":"Bad","requestParameters":{"a":NaN}}',
    "lone surrogate": b'{"eventName":"Bad","requestParameters":{"a":"\\ud800"}}',
    "2,000 levels": b'{"eventName":"Bad","requestParameters":' + b'{"a":' * 2000 + b"1" + b"}" * 2000 + b"}",
    "raw NUL": b'{"eventName":"Bad","requestParameters":{"a":"\0"}}',
    "no UTF-8": b'{"eventName":"Bad","requestParameters":{"a":"\xff\xfe"}}',
    "a string of brackets": b'{"eventName":"Bad","requestParameters":{"a":"}]}{[\\"","b":NaN}}',
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize(
    "wrap", [envelope, lines, lambda *r: b"[" + envelope(*r)[12:-2] + b"]"], ids=["records", "lines", "array"]
)
def test_a_bad_record_takes_no_neighbour_and_is_handed_on_whole(bad, wrap):
    [chunk], _ = read(wrap(ONE, bad, TWO))
    first, middle, last = map(bytes, chunk.records)
    assert [json.loads(first)["eventName"], json.loads(last)["eventName"]] == ["One", "Two"]
    assert middle == bad


@pytest.mark.parametrize("wrap", [envelope, array], ids=["records", "array"])
@pytest.mark.parametrize("packed", [False, True])
def test_complete_records_before_a_truncation_are_kept_and_the_rest_is_one_piece(wrap, packed):
    whole = wrap(ONE, TWO, THREE)
    for end in range(len(whole) - 100, len(whole) - 3, 7):
        [chunk], reading = read(gzip.compress(whole[:end])[:-8] if packed else whole[:end])
        assert len(chunk.records) == 2
        assert len(chunk.broken) + bool(reading.problem) == 1, "told once"
        assert (chunk.broken[0][0] == "gzip is truncated") is packed


def test_messages_of_a_subscription_that_is_cut_off_are_kept():
    whole = subscription(ONE, TWO, THREE)
    [chunk], _ = read(whole[:-80])
    assert [json.loads(bytes(r))["eventName"] for r in chunk.records] == ["One", "Two"]
    assert len(chunk.broken) == 1


def test_what_is_no_json_is_one_broken_piece():
    for junk in (
        b"hello world " * 1000,
        "UTF-16 ".encode("utf-16") * 100,
        b"\xff\xfe\xfd" * 1000,
        b"}" * 1000 + b"x",
        b"}" * 9,
        b"\0" * 99,
    ):
        [chunk], _ = read(junk)
        assert list(chunk.records) == []
        assert len(chunk.broken) == 1


def test_keys_that_look_like_a_wrapping_inside_a_record_are_data():
    tricky = a_record(
        eventName="One", requestParameters={"Records": [{"eventName": "Fake"}], "awslogs": {"data": "H4sI"}}
    )
    for data in (lines(tricky, TWO), envelope(tricky, TWO), json.dumps([tricky, TWO]).encode()):
        assert names(data) == ["One", "Two"]


def test_a_payload_within_a_payload_ends():
    data = subscription(ONE)
    for _ in range(20):
        data = b64(data)
    [chunk], _ = read(data)
    assert list(chunk.records) == []


def test_a_file_of_lines_is_read_in_windows(monkeypatch):
    monkeypatch.setattr(module, "_WINDOW", 1 << 20)
    count = 9_000
    found, reading = read(lines(*[a_record(eventName=f"E{n}") for n in range(count)]))
    assert len(found) > 3
    assert [json.loads(r)["eventName"] for chunk in found for r in chunk.records] == [f"E{n}" for n in range(count)]
    assert reading.problem == ""


@pytest.mark.parametrize("tail", [b"]}", b"", b'],"x":1}' + lines(ONE)], ids=["whole", "cut off", "another follows"])
@pytest.mark.parametrize("broken", [False, True])
def test_a_document_longer_than_a_window_is_read_in_windows(tail, broken, monkeypatch):
    monkeypatch.setattr(module, "_WINDOW", 1 << 18)
    monkeypatch.setattr(split_module, "WINDOW", 1 << 18)
    monkeypatch.setattr(split_module, "LONGEST_RECORD", 1 << 17)
    monkeypatch.setattr(inflate_module, "_BLOCK", 1 << 14)
    records = [
        a_record(eventName=f"E{n}", requestParameters={"n": ["},{", {"eventVersion": "x"}]}) for n in range(4_000)
    ]
    data = envelope(*records)[:-2] + tail
    if broken:
        data = data.replace(b'"E2000"', b'"E2000","x":NaN')
    found, reading = read(data)
    assert len(found) > 3
    expected = [f"E{n}" for n in range(4_000)] + (["One"] if b"One" in tail else [])
    assert [json.loads(bytes(r))["eventName"] for chunk in found for r in chunk.records] == expected
    assert reading.problem == ""


def test_blanks_cost_nothing_and_hold_nothing():
    blanks = gzip.compress(b" " * (64 << 20), 1)
    [contents], reading = read(blanks)
    assert (list(contents.records), dict(contents.other), reading.problem) == ([], {"empty file": 1}, "")


@pytest.mark.parametrize("packed", [False, True])
def test_a_list_of_a_million_numbers_is_one_piece(packed):
    data = b'{"Records":[' + b"0," * 1_000_000 + b"0]}"
    found, _ = read(gzip.compress(data) if packed else data)
    assert sum(len(contents.broken) for contents in found) == 1
    assert not any(contents.records for contents in found)


def test_a_message_that_never_ends_is_a_few_pieces():
    data = b'{"logEvents":[{"message":"' + b"a" * (40 << 20)
    found, _ = read(data)
    assert sum(len(contents.broken) for contents in found) <= 2
    assert not any(contents.records for contents in found)


@pytest.mark.parametrize(
    "twice",
    [gzip.compress(envelope(ONE, TWO)), gzip.compress(lines(ONE)) + gzip.compress(lines(TWO))],
    ids=["one member", "two members"],
)
def test_what_is_packed_twice_is_opened_twice(twice):
    assert names(gzip.compress(twice)) == ["One", "Two"]


def test_an_export_of_log_events_has_a_time_before_each_record():
    exported = b"\n".join(b"2026-03-01T09:00:00.000Z " + json.dumps(record).encode() for record in (ONE, TWO))
    assert names(exported) == ["One", "Two"]


@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
def test_a_document_is_text_or_each_record_is_looked_at_by_itself(piece, monkeypatch):
    monkeypatch.setattr(module, "_PIECE", piece)
    whole = json.dumps({"Records": [ONE | {"userAgent": "é\U0001f512"}, TWO]}, ensure_ascii=False).encode()
    [chunk], _ = read(whole)
    assert [type(record) for record in chunk.records] == [msgspec.Raw, msgspec.Raw]
    for broken in (whole.replace("é".encode(), b"\xe9"), whole.replace("é".encode(), b"\xed\xa0\x80")):
        [chunk], _ = read(broken)
        assert [type(record) for record in chunk.records] == [bytes, bytes]


@pytest.mark.parametrize("braces", [0, 18, 19, 200])
@pytest.mark.parametrize("where", ["first", "last", "spread"])
def test_a_long_document_is_none_of_records_by_its_braces_wherever_they_stand(braces, where):
    size = 300_000  # a little more than 18 times 16 KiB
    gap = b"1," * (size // 2 // max(braces, 1)) if where == "spread" else b""
    filled = b"[" + b"".join(b"{}," + gap for _ in range(braces))
    rest = b"1," * ((size - len(filled)) // 2)
    data = filled + rest if where != "last" else b"[" + rest + filled[1:]
    assert len(data) > 1 << 18
    assert module._is_no_trail(data) is (data.count(b"{") * (1 << 14) < len(data))
    assert not module._is_no_trail(data[: 1 << 18])

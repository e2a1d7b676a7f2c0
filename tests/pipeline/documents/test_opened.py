"""Records opened: whatever their bytes are, fields are strict JSON, and the text is what was delivered."""

import json

import pytest

from pipeline.documents.opened import Opener
from tests.pipeline.ingest.records import a_record


def open_(raw):
    return Opener().open(raw)


def test_an_ordinary_record_is_passed_on_as_it_is():
    raw = json.dumps(a_record(requestParameters={"a": 1}), indent=2).encode()
    opened = open_(raw)
    assert opened.text is raw
    assert opened.clean
    assert opened.loose == {"requestParameters": {"a": 1}}
    assert bytes(opened.fields["eventName"]) == b'"ListUsers"'


def test_fields_that_nobody_knows_are_looked_at():
    opened = open_(b'{"eventName": "X", "new": {"deep": [{"apiSecret": "x1y2"}]}}')
    assert b"x1y2" not in opened.text
    assert not opened.clean


@pytest.mark.parametrize(
    "free",
    [
        '{"a": NaN, "b": "kept"}', '{"a": Infinity, "b": "kept"}', '{"a": 1e999, "b": "kept"}',
        '{"a": "\\ud800", "b": "kept"}', '{"a": "\\udc00x", "b": "kept"}', '{"a": "\\q", "b": "kept"}',
        '{"a": ' + "9" * 5_000 + ', "b": "kept"}', '{"a": ' + "[" * 2_000 + "]" * 2_000 + ', "b": "kept"}',
        '{"b": "first", "b": "kept"}', '{"a": "\x01", "b": "kept"}',
    ],
)  # fmt: skip
def test_a_record_that_no_strict_decoder_takes_keeps_what_can_be_read(free):
    raw = f'{{"eventName": "X", "requestParameters": {free}}}'.encode()
    opened = open_(raw)
    assert opened.text == raw
    assert opened.loose["requestParameters"]["b"] == "kept"
    for value in opened.fields.values():
        json.loads(bytes(value))


def test_invalid_utf8_is_read_with_replacement():
    opened = open_(b'{"eventName": "X", "requestParameters": {"a": "\xff", "b": "kept"}}')
    assert opened.loose["requestParameters"]["b"] == "kept"
    assert b"\xff" in opened.text


@pytest.mark.parametrize("raw", [b"", b"null", b"[]", b"[1]", b'"x"', b"nonsense", b"{", b"\xff\xfe"])
def test_what_is_no_record_has_no_fields(raw):
    assert open_(raw).fields == {}

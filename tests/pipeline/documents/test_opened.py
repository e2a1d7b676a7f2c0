"""Records opened: whatever their bytes are, fields are strict JSON, and the text is what was delivered."""

import json

import pytest

from pipeline.documents.opened import Fields, Opener, read_free
from tests.pipeline.ingest.records import a_record


def open_(raw):
    return Opener().open(raw)


def test_an_ordinary_record_is_passed_on_as_it_is():
    raw = json.dumps(a_record(requestParameters={"a": 1}), indent=2).encode()
    opened = open_(raw)
    assert opened.text is raw
    assert opened.clean
    assert read_free(opened.free) == {"requestParameters": {"a": 1}}
    assert bytes(opened.fields.event_name) == b'"ListUsers"'
    assert (opened.fields.event_category, opened.fields.read_only) == ("Management", True)


@pytest.mark.parametrize(
    ("given", "name", "value"),
    [
        ({"eventVersion": 1.11}, "event_version", None),
        ({"readOnly": "true"}, "read_only", None),
        ({"eventCategory": None}, "event_category", None),
        ({"new": {"a": 1}}, "event_type", "AwsApiCall"),
        ({"eventVersion": {}, "apiVersion": "2014-11-06"}, "api_version", "2014-11-06"),
    ],
)
def test_what_is_of_no_known_name_or_kind_leaves_the_others(given, name, value):
    raw = json.dumps(a_record(**given)).encode()
    opened = open_(raw)
    assert opened.text is raw
    assert getattr(opened.fields, name) == value
    assert bytes(opened.fields.event_name) == b'"ListUsers"'


def test_free_form_fields_that_come_again_are_looked_through_again():
    opener = Opener()
    raws = [json.dumps(a_record(responseElements={"password": "x1y2"})).encode() for _ in range(2)]
    for raw in (*raws, *raws):
        assert b"x1y2" not in opener.open(raw).text


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
    assert read_free(opened.free)["requestParameters"]["b"] == "kept"
    assert json.loads(bytes(opened.fields.event_name)) == "X"


def test_invalid_utf8_is_read_with_replacement():
    opened = open_(b'{"eventName": "X", "requestParameters": {"a": "\xff", "b": "kept"}}')
    assert read_free(opened.free)["requestParameters"]["b"] == "kept"
    assert b"\xff" in opened.text


@pytest.mark.parametrize("raw", [b"", b"null", b"[]", b"[1]", b'"x"', b"nonsense", b"{", b"\xff\xfe"])
def test_what_is_no_record_has_no_fields(raw):
    assert open_(raw).fields == Fields()

"""A record is read however odd its free fields are; what changes on the way is defined."""

import json

import msgspec
import pytest

from features.record.cloudtrail import UserIdentity
from features.record.repair import DEEPEST, coerce, read_leniently, repair
from tests.records import a_record, raw

RECORD = raw(a_record(eventID="e0", requestParameters={"x": "ODD"}))


def odd(value: bytes) -> bytes:
    return RECORD.replace(b'"ODD"', value)


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        (b'"\\ud800"', "\ufffd"),
        (b'"\\udc00\\ud800x"', "\ufffd\ufffdx"),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'"a\xff\xfeb"', "a\ufffd\ufffdb"),
        (b'"a\x00b"', "a\x00b"),
        (b'"a\nb"', "a\nb"),
        (b'"\\x41"', "\\x41"),
        (b"NaN", None),
        (b"-Infinity", None),
        (b"1e999", None),
        (b"9" * 5000, None),
        (b"12345678901234567890", 1.2345678901234567e19),
        (b'{"k":1,"k":2}', {"k": 2}),
        (b'"' + b"x" * 100_000 + b'"', "x" * 100_000),
    ],
)
def test_a_free_field_may_hold_anything(written: bytes, becomes: object) -> None:
    record = repair(odd(written))
    assert record is not None
    assert (record.event_id, record.event_name) == ("e0", "DescribeInstances")
    assert json.loads(bytes(record.request_parameters)) == {"x": becomes}
    msgspec.json.decode(record.request_parameters)


@pytest.mark.parametrize("depth", [DEEPEST, 2000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_depth_is_cut_not_refused(depth: int, opening: bytes, closing: bytes) -> None:
    fixed = repair(odd(opening * depth + b"1" + closing * depth))
    assert fixed is not None
    assert fixed.event_id == "e0"
    assert len(bytes(fixed.request_parameters)) < 2500


def test_a_member_that_cannot_be_read_is_left_out() -> None:
    fixed = repair(odd(b"{nonsense}"))
    assert fixed is not None
    assert bytes(fixed.request_parameters) == b""
    assert fixed.event_id == "e0"


def test_of_duplicate_keys_the_last_wins() -> None:
    fixed = repair(RECORD[:-1] + b',"eventName":"StopInstances","x":NaN}')
    assert fixed is not None
    assert fixed.event_name == "StopInstances"


@pytest.mark.parametrize(
    "data", [b"", b"null", b"[]", b'"text"', b"{", RECORD[:-1], RECORD[1:], RECORD + b"}", b"\xff"]
)
def test_what_is_no_whole_object_is_not_read(data: bytes) -> None:
    assert read_leniently(data) is None
    assert repair(data) is None


@pytest.mark.parametrize(
    ("written", "kept", "changed"),
    [
        ({"accountId": 12, "type": "Root"}, {"accountId": "12", "type": "Root"}, True),
        ({"accountId": None, "type": "Root"}, {"type": "Root"}, False),
        ({"accountId": ["1"], "type": "Root"}, {"type": "Root"}, True),
        ({"sessionContext": {"attributes": {"mfaAuthenticated": True}}},
         {"sessionContext": {"attributes": {"mfaAuthenticated": "true"}}}, True),
        ({"sessionContext": "none"}, {"sessionContext": {}}, True),
        ({"sessionContext": {"webIdFederationData": {"attributes": {"a": 1, "b": []}}}},
         {"sessionContext": {"webIdFederationData": {"attributes": {"a": "1"}}}}, True),
        ({"unknown": [1]}, {"unknown": [1]}, False),
    ],
)  # fmt: skip
def test_types_are_made_what_a_struct_asks_for(written: object, kept: object, changed: bool) -> None:
    assert coerce(written, UserIdentity) == (kept, changed)
    msgspec.convert(coerce(written, UserIdentity)[0], UserIdentity)

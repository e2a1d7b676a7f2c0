"""Records decoded together are what each is alone, and what is usual in them is one object."""

import json
from typing import Any

import msgspec
import pytest

from features.record.cloudtrail import Record, decode_record
from features.record.usual import decode_records
from tests.records import a_record

UNUSUAL: list[dict[str, Any]] = [
    {"awsRegion": "mars-1"},
    {"eventSource": "novelty.amazonaws.com", "eventVersion": "2.0"},
    {"eventType": "AwsNovelty", "eventCategory": "Novelty"},
    {"awsRegion": None, "eventVersion": None},
    {"awsRegion": ""},
]


def written(**given: Any) -> bytes:
    return json.dumps(a_record(**given)).encode()


def test_records_are_what_each_is_alone_whatever_stands_among_them() -> None:
    raws = [
        written(),
        *(part for odd in UNUSUAL for part in (written(**odd), written())),
        b'{"awsRegion":"us\\u002dx"}',
    ]
    assert [msgspec.structs.astuple(record) for record in decode_records(raws)] == [
        msgspec.structs.astuple(decode_record(raw)) for raw in raws
    ]
    assert Record.__struct_fields__ == decode_records(raws[:1])[0].__struct_fields__


def test_what_is_usual_is_one_object() -> None:
    one, other, odd, again = decode_records([written(), written(), written(awsRegion="mars-1"), written()])
    for name in ("event_version", "event_type", "aws_region", "event_source"):
        assert getattr(one, name) is getattr(other, name) is getattr(again, name), name
    assert odd.aws_region == "mars-1"


@pytest.mark.parametrize("broken", [b"", b"[]", b'{"awsRegion": 1}', b'{"awsRegion": "eu-west-1"'])
def test_what_is_no_record_is_an_error_as_ever(broken: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_records([written(), broken, written()])


def test_nothing_is_no_record() -> None:
    assert decode_records([]) == []

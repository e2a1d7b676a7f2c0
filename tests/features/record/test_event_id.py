"""Ids of events: UUIDs, looked at all at once; else the hash of the record."""

import json
import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.record.event_id import are_uuids, hash_record, is_uuid, read_corrected_id, read_event_ids

ONE = "3f1c1b8e-0000-4000-8000-00000000000a"


def test_no_ids_are_all_uuids() -> None:
    assert are_uuids([])


@pytest.mark.parametrize(
    "odd",
    [
        None, "", ONE[:-1], ONE + "0", ONE[:-1] + " ", ONE[:-1] + "\n", ONE[:-1] + "é", ONE[:-1] + "٣", "x" * 36,
        ONE.replace("-", ""), ONE[:-2] + "-0", "3f1c1b8e0-000-4000-8000-00000000000a", "-" * 36,
    ],
)  # fmt: skip
def test_one_odd_id_is_seen_among_others(odd: str | None) -> None:
    assert not are_uuids([ONE, odd, ONE])
    assert odd is None or not is_uuid(odd)


def test_two_odd_ids_do_not_make_up_for_each_other() -> None:
    assert not are_uuids([ONE[:-1], ONE + "0"])
    assert not are_uuids([ONE[:20] + "-" + ONE[20:-1], ONE])


@given(st.lists(st.one_of(st.uuids().map(str), st.text(alphabet="0123456789abcdefABCDEF-g \n", max_size=40))))
def test_it_says_what_looking_at_each_says(texts: list[str]) -> None:
    assert are_uuids(texts) == all(is_uuid(text) for text in texts)


def test_upper_case_is_a_uuid() -> None:
    assert are_uuids([str(uuid.uuid4()).upper()])


def test_only_what_is_no_uuid_is_hashed() -> None:
    raws = [b'{"a":1}', b'{"a":2}', b'{"a":3}']
    assert read_event_ids([ONE, ONE, ONE], raws) == ([ONE, ONE, ONE], [])
    ids, hashed = read_event_ids([None, ONE, "chosen"], raws)
    assert (ids, hashed) == ([hash_record(raws[0]), ONE, hash_record(raws[2])], [0, 2])


def test_the_hash_is_that_of_the_canonical_record() -> None:
    record = {"b": [1, {"y": None, "x": 2.5}], "a": "é"}
    ids = {
        hash_record(json.dumps(record).encode()),
        hash_record(json.dumps(record, ensure_ascii=False, indent=3).encode()),
        hash_record(json.dumps(dict(reversed(record.items()))).encode()),
    }
    assert len(ids) == 1
    assert re.fullmatch("sha256:[0-9a-f]{64}", ids.pop())
    assert hash_record(b'{"a":NaN}') == hash_record(b'{ "a" : NaN }') != hash_record(b"{}")


@pytest.mark.parametrize(
    ("addendum", "original"),
    [
        (b'{"reason":"UPDATED_DATA","originalEventID":"first"}', "first"),
        (b'{"reason":"UPDATED_DATA"}', ""),
        (b'{"reason":"SERVICE_OUTAGE","originalEventID":"first"}', ""),
        (b'"UPDATED_DATA"', ""),
        (b"null", ""),
        (b'{"reason":"UPDATED_DATA","originalEventID":"' + b"x" * 500 + b'"}', "x" * 128),
    ],
)
def test_only_an_update_corrects_a_record(addendum: bytes, original: str) -> None:
    assert read_corrected_id(addendum) == original

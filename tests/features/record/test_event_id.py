"""Event ids are UUIDs, looked at all at once."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.record.event_id import are_uuids, is_uuid

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

"""A record that is no event is kept with what its bytes claim, within bounds."""

from typing import Any

import msgspec
import pytest

from pipeline.ingest.set_aside import ASIDE, KEPT_BYTES, Aside, make_aside


def kept(raw: Any, **given: Any) -> Aside:
    values = {"file": "f", "origin": "o", "position": 0, "reason": "r", "account": "", "delivered_at": None} | given
    return make_aside(raw, **values)


def test_its_schema_has_its_fields_in_their_order() -> None:
    assert [column.name for column in ASIDE] == list(Aside._fields)


def test_the_receiving_account_counts_before_the_callers_and_both_before_the_files() -> None:
    caller, receiver = b'"accountId": "111111111111"', b'"recipientAccountId" :"222222222222"'
    assert kept(b"{%s, %s}" % (caller, receiver), account="333333333333").account == "222222222222"
    assert kept(b"{%s}" % caller, account="333333333333").account == "111111111111"
    assert kept(b"{}", account="333333333333").account == "333333333333"
    assert kept(b'{"accountId": "11111111111"}').account == ""


@pytest.mark.parametrize("name", [b"arn", b"principalId", b"invokedBy"])
def test_it_is_of_whoever_it_names_first(name: bytes) -> None:
    assert kept(b'{"%s": "caf\xc3\xa9", "arn": "later"}' % name).principal == "café"
    assert kept(b'{"%s": ""}' % name).principal == ""
    assert kept(b'{"%s": "\xff"}' % name).principal == "\ufffd"


def test_bytes_are_kept_up_to_a_bound_with_their_full_size() -> None:
    whole = b"x" * (KEPT_BYTES + 7)
    assert kept(whole)[-2:] == (KEPT_BYTES + 7, whole[:KEPT_BYTES])
    raw = msgspec.json.decode(b'{"Records": [{"a": 1}]}', type=dict[str, list[msgspec.Raw]])["Records"][0]
    assert kept(raw)[-2:] == (8, b'{"a": 1}')


def test_a_reason_is_bounded_and_far_claims_are_not_looked_for() -> None:
    assert len(kept(b"{}", reason="why " * 1000).reason) == 500
    assert kept(b" " * (1 << 17) + b'"arn": "far"').principal == ""

"""Who sent a record."""

import gc
import weakref
from collections.abc import Callable

import pytest

from features.normalise import caller
from features.normalise.columns import Columns
from features.normalise.sender import Senders
from features.record.cloudtrail import decode_record
from tests.records import a_catalogue, a_record, an_iam_user, raw


def test_a_sender_that_comes_again_is_the_same_object() -> None:
    senders = Senders()
    records = [decode_record(raw(a_record(an_iam_user(name)))) for name in ("ann", "bob", "ann")]
    sent = [
        senders(
            [record.user_identity for record in records],
            [record.source_ip_address for record in records],
            [record.vpc_endpoint_id for record in records],
            [record.user_agent for record in records],
            records,
        )[0]
        for _ in range(2)
    ]
    assert [principal.principal_name for principal, *_ in sent[0]] == ["ann", "bob", "ann"]
    assert sent[0][0] is sent[0][2] is sent[1][0]
    assert senders.memo.misses == 2


def test_an_identity_is_read_once_whatever_agents_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []
    real = caller.read_identity
    monkeypatch.setattr(caller, "read_identity", lambda raw: (read.append(raw), real(raw))[1])
    senders = Senders()
    for identity in (an_iam_user(), {"type": "AWSAccount", "accountId": "anonymous"}):
        records = [decode_record(raw(a_record(identity, userAgent=f"agent/{number}"))) for number in range(5)]
        identities, agents = zip(*((record.user_identity, record.user_agent) for record in records), strict=True)
        senders(identities, ["192.0.2.7"] * 5, [None] * 5, agents, records)
    assert len(read) == 3  # a stranger's once more, with what the record says of it


@pytest.mark.parametrize("make", [Senders, lambda: Columns(a_catalogue())])
def test_what_is_remembered_goes_without_the_collector(make: Callable[[], object]) -> None:
    gc.disable()
    try:
        made = make()
        gone = weakref.ref(made)
        del made
        assert gone() is None
    finally:
        gc.enable()

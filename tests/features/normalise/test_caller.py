"""The caller that an identity names."""

import pytest

from features.normalise.caller import Callers, read_identity
from tests.records import ACCOUNT, a_service, an_assumed_role, an_iam_user, raw


@pytest.mark.parametrize(
    ("written", "repaired"),
    [
        (raw(an_iam_user()), False),
        (raw(an_iam_user() | {"userName": None}), False),
        (raw(an_iam_user() | {"accountId": int(ACCOUNT)}), True),
        (raw(an_iam_user() | {"sessionContext": {"attributes": {"mfaAuthenticated": True}}}), True),
        (b"", False),
        (b"null", False),
        (b"{}", False),
    ],
)
def test_an_identity_is_read_and_told_when_it_was_mended(written: bytes, repaired: bool) -> None:
    found = read_identity(written)
    assert found is not None
    assert found[1] is repaired
    assert found[0].account_id in (ACCOUNT, "")


@pytest.mark.parametrize("written", [b'"root"', b"[]", b"12", b"{", b'{"type":'])
def test_what_is_no_identity_cannot_be_read(written: bytes) -> None:
    assert read_identity(written) is None
    assert Callers(10)(written) is None


def test_callers_are_the_same_from_memory() -> None:
    callers = Callers(2)
    identities = [raw(identity) for identity in (an_iam_user("a"), an_iam_user("b"), an_iam_user("c"), a_service())]
    first = [callers(identity) for identity in identities]
    assert [callers(identity) for identity in identities * 2] == first * 2
    assert len({who.columns.principal for who in first if who is not None}) == 4


def test_only_callers_without_an_account_depend_on_the_record() -> None:
    callers = Callers(10)
    known = [an_iam_user(), an_assumed_role(), a_service()]
    assert [who.contextual for identity in known if (who := callers(raw(identity)))] == [False] * 3
    unknown = [{}, {"type": "Unknown"}, {"type": "AWSAccount", "accountId": ACCOUNT}, {"type": "AWSService"}]
    assert [who.contextual for identity in unknown if (who := callers(raw(identity)))] == [True] * 4

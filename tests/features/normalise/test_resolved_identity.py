"""What an identity is resolved to."""

from typing import Any

import pytest

from features.normalise import resolved_identity
from features.normalise.resolved_identity import IdentityResolver, ResolvedIdentity, read_user_identity
from features.record.cloudtrail import UserIdentity
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
def test_an_identity_is_read_and_told_when_it_was_repaired(written: bytes, repaired: bool) -> None:
    found = read_user_identity(written)
    assert found is not None
    assert found[1] is repaired
    assert found[0].account_id in (ACCOUNT, "")


@pytest.mark.parametrize("written", [b'"root"', b"[]", b"12", b"{", b'{"type":'])
def test_what_is_no_identity_cannot_be_read(written: bytes) -> None:
    assert read_user_identity(written) is None
    assert IdentityResolver(10).resolve(written) is None


def resolved(identity: dict[str, object], source: str = "", account: str = "") -> ResolvedIdentity:
    found = IdentityResolver(10).resolve(raw(identity), source, account)
    assert found is not None
    return found


def test_identities_are_the_same_from_memory() -> None:
    resolver = IdentityResolver(2)
    written = [raw(identity) for identity in (an_iam_user("a"), an_iam_user("b"), an_iam_user("c"), a_service())]
    first = [resolver.resolve(identity) for identity in written]
    assert [resolver.resolve(identity) for identity in written * 2] == first * 2
    assert len({found.principal.principal for found in first if found is not None}) == 4


def test_who_is_behind_a_session_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[UserIdentity] = []
    real = resolved_identity.resolve

    def resolve(identity: UserIdentity, *known: Any) -> object:
        asked.append(identity)
        return real(identity, *known)

    monkeypatch.setattr(resolved_identity, "resolve", resolve)
    resolver = IdentityResolver(10)
    keys = [resolver.resolve(raw(an_assumed_role() | {"accessKeyId": f"ASIA{number}"})) for number in range(5)]
    assert len({found.session for found in keys if found is not None}) == 5
    assert len(asked) == 1


def test_the_account_is_only_ever_one() -> None:
    assert resolved(an_iam_user()).account == ACCOUNT
    assert resolved(an_iam_user(accountId="anonymous")).account == ""
    assert resolved({}).account == ""


def test_the_metadata_service_is_told() -> None:
    assert [resolved(an_assumed_role(ec2RoleDelivery=version)).imds for version in ("1.0", "2.0", "")] == [
        "1.0", "2.0", "",
    ]  # fmt: skip


def test_only_an_identity_without_an_account_depends_on_the_record() -> None:
    known = [an_iam_user(), an_assumed_role(), a_service()]
    assert [resolved(identity).contextual for identity in known] == [False] * 3
    unknown = [{}, {"type": "Unknown"}, {"type": "AWSAccount", "accountId": ACCOUNT}, {"type": "AWSService"}]
    assert [resolved(identity).contextual for identity in unknown] == [True] * 4


def test_a_contextual_identity_is_resolved_by_its_record() -> None:
    service = {"type": "AWSService"}
    assert resolved(service, "kms.amazonaws.com").principal.principal == "svc/kms.amazonaws.com"
    assert resolved({"type": "Unknown"}, "kms.amazonaws.com", ACCOUNT).principal.principal == f"unknown/{ACCOUNT}"

"""The session of a caller: the credential it used."""

from typing import Any

import msgspec
import pytest

from features.call.principal import LONGEST
from features.call.session import Session, read_session
from features.record.cloudtrail import UserIdentity
from features.times.instant import HOUR
from tests.records import NINE, Json, a_root, a_service, an_assumed_role, an_iam_user


def session_of(identity: Json) -> Session:
    return read_session(msgspec.convert(identity, UserIdentity))


def with_attributes(**attributes: Any) -> Json:
    return an_assumed_role(attributes=attributes)


def test_a_session_is_its_key_and_its_start() -> None:
    role = session_of(an_assumed_role())
    assert (role.session, role.session_start) == ("ASIAIOSFODNN7EXAMPLE/2025-03-03T08:00:00Z", NINE - HOUR)
    assert session_of(an_assumed_role() | {"accessKeyId": ""}).session == "/2025-03-03T08:00:00Z"


def test_a_long_lived_key_has_no_start() -> None:
    user = session_of(an_iam_user())
    assert (user.session, user.session_start) == ("AKIAIOSFODNN7EXAMPLE", None)


@pytest.mark.parametrize(
    ("identity", "name"),
    [
        (an_assumed_role("okta-admin", "maria.lopez@example.com"), "maria.lopez@example.com"),
        (an_assumed_role("app", "web") | {"principalId": "AROAAPP"}, "web"),
        (an_assumed_role("app", "x" * 1000), "x" * LONGEST),
        ({"type": "FederatedUser", "principalId": "111111111111:bob"}, "bob"),
        ({"type": "FederatedUser", "arn": "arn:aws:sts::111111111111:federated-user/bob"}, "bob"),
        ({"type": "AWSAccount", "principalId": "AROAFAR:build-7", "accountId": "222222222222"}, "build-7"),
        ({"type": "AWSAccount", "principalId": "AIDAFAR", "accountId": "222222222222"}, ""),
        ({"type": "SAMLUser", "principalId": "Xy+/0=:ana", "userName": "ana"}, ""),
        ({"type": "WebIdentityUser", "principalId": "graph.facebook.com:app:1234"}, ""),
        (an_iam_user(), ""),
        (a_root(), ""),
    ],
)
def test_the_name_of_a_session_is_kept_as_it_was_chosen(identity: Json, name: str) -> None:
    assert session_of(identity).session_name == name


def test_who_uses_no_key_has_no_session() -> None:
    assert session_of(a_root()) == Session()
    assert session_of(a_service()) == Session(invoked_by="ec2.amazonaws.com")


@pytest.mark.parametrize(
    ("written", "mfa"), [("true", True), ("True", True), ("false", False), ("", None), ("perhaps", None)]
)
def test_mfa_is_yes_no_or_not_said(written: str, mfa: bool | None) -> None:
    assert session_of(with_attributes(mfaAuthenticated=written)).mfa is mfa


def test_a_start_that_cannot_be_read_still_tells_sessions_apart() -> None:
    odd = session_of(with_attributes(creationDate="this morning"))
    assert (odd.session, odd.session_start) == ("ASIAIOSFODNN7EXAMPLE/this morning", None)


def test_texts_are_cut() -> None:
    long = "x" * 100_000
    found = session_of(an_assumed_role(attributes={"creationDate": long}) | {"accessKeyId": long, "invokedBy": long})
    assert (len(found.session), len(found.invoked_by)) == (LONGEST + 1 + 40, LONGEST)

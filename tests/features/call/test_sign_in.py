"""What a sign-in says besides its identity."""

import msgspec
import pytest

from features.call.resolve import resolve
from features.call.session import read_session
from features.call.sign_in import add_sign_in, read_second_factor, read_user_name
from features.record.cloudtrail import UserIdentity
from tests.records import ACCOUNT, Json, an_iam_user, an_sso_person, raw

CENTER = {"type": "IdentityCenterUser", "accountId": ACCOUNT, "onBehalfOf": {"userId": "92a7", "identityStoreArn": "s"}}


@pytest.mark.parametrize(
    ("extra", "used"),
    [
        (b'{"MFAUsed" : "Yes"}', True),
        (b'{"MFAUsed":"No"}', False),
        (b'{"MFAUsed":"Perhaps"}', None),
        (b"{}", None),
        (b"null", None),
        (b"", None),
    ],
)
def test_a_second_factor_was_used_or_not_or_nothing_is_said(extra: bytes, used: bool | None) -> None:
    assert read_second_factor(extra) is used


@pytest.mark.parametrize(
    ("extra", "name"),
    [(b'{"UserName":"ana@example.com"}', "ana@example.com"), (b'{"UserName":""}', ""), (b"null", ""), (b"", "")],
)
def test_the_name_of_who_signs_in(extra: bytes, name: str) -> None:
    assert read_user_name(extra) == name


@pytest.mark.parametrize(
    ("identity", "name"), [(CENTER, "eve"), (an_iam_user("ana"), "ana"), (an_sso_person(), "ana@example.com")]
)
def test_only_a_user_of_identity_center_is_given_the_name(identity: Json, name: str) -> None:
    read = msgspec.convert(identity, UserIdentity)
    before, session = resolve(read), read_session(read)
    principal, _ = add_sign_in(before, session, raw({"UserName": "eve"}))
    assert principal == before._replace(principal_name=name)


def test_the_session_is_told_of_the_second_factor() -> None:
    read = msgspec.convert(an_iam_user(), UserIdentity)
    principal, session = resolve(read), read_session(read)
    assert add_sign_in(principal, session, raw({"MFAUsed": "No"})) == (principal, session._replace(mfa=False))
    used = session._replace(mfa=True)
    assert add_sign_in(principal, used, raw({"LoginTo": "https://console.aws.amazon.com"})) == (principal, used)

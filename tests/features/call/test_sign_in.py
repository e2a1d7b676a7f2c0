"""What a sign-in says besides its identity."""

import msgspec
import pytest

from features.call.resolve import resolve
from features.call.session import read_session
from features.call.sign_in import add_sign_in, read_second_factor, read_user_name
from features.record.cloudtrail import UserIdentity
from tests.records import ACCOUNT, Json, a_root, an_iam_user, an_sso_person, raw

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


@pytest.mark.parametrize(
    ("identity", "session", "used", "mfa"),
    [
        (an_iam_user(), None, "No", False),
        (an_iam_user(), None, "Yes", True),
        (an_iam_user(), True, None, True),
        (an_iam_user(), None, None, None),
        (a_root(), None, "No", False),
        (an_sso_person(), False, "No", None),
        (an_sso_person(), False, None, None),
        (an_sso_person(), True, "No", True),
        (an_sso_person(), None, "Yes", True),
        (CENTER, None, "No", None),
    ],
)
def test_only_aws_own_question_for_a_second_factor_may_be_answered_no(
    identity: Json, session: bool | None, used: str | None, mfa: bool | None
) -> None:
    read = msgspec.convert(identity, UserIdentity)
    before = read_session(read)._replace(mfa=session)
    _, after = add_sign_in(resolve(read), before, raw({"MFAUsed": used} if used else {}))
    assert after == before._replace(mfa=mfa)

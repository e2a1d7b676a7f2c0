"""Whether a call gave somebody else a credential."""

import json

import pytest

from features.call.credential import gives_credential, may_give_credential
from tests.records import a_record, an_assumed_role, an_iam_user, event_of

EVE = json.dumps({"type": "IAMUser", "userName": "eve"}).encode()
ROLE = json.dumps({"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/admin/eve"}).encode()


def given(action: str, request: object, caller: bytes = EVE) -> bool:
    return gives_credential(action, json.dumps(request).encode(), caller)


@pytest.mark.parametrize(
    "action",
    [
        "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile", "iam:EnableMFADevice",
        "iam:CreateServiceSpecificCredential", "iam:ResetServiceSpecificCredential", "iam:UploadSSHPublicKey",
        "iam:UploadSigningCertificate", "ds:ResetUserPassword", "transfer:ImportSshPublicKey",
    ],
)  # fmt: skip
def test_a_credential_of_another_user_is_given_and_ones_own_is_not(action: str) -> None:
    assert may_give_credential(action)
    assert given(action, {"userName": "bob"})
    assert not given(action, {"userName": "eve"})
    assert not given(action, {})


def test_a_role_gives_it_to_somebody_else_whatever_its_session_is_called() -> None:
    assert given("iam:CreateAccessKey", {"userName": "eve"}, ROLE)


def test_a_user_that_is_named_by_its_id_is_found() -> None:
    assert given("sso-directory:UpdatePassword", {"userId": "9067"})
    assert given("workmail:ResetPassword", {"organizationId": "m-1", "userId": "bob"})


def test_a_key_that_is_switched_on_is_given_and_one_that_is_switched_off_is_taken_back() -> None:
    assert given("iam:UpdateAccessKey", {"userName": "bob", "accessKeyId": "AKIA", "status": "Active"})
    assert not given("iam:UpdateAccessKey", {"userName": "bob", "accessKeyId": "AKIA", "status": "Inactive"})


@pytest.mark.parametrize("request_", [b"", b"[]", b"null", b'{"userName":', b'"bob"'])
def test_a_request_that_says_nothing_gives_nothing(request_: bytes) -> None:
    assert not gives_credential("iam:CreateAccessKey", request_, EVE)


def test_a_caller_that_cannot_be_read_is_nobody_that_is_named() -> None:
    assert gives_credential("iam:CreateAccessKey", b'{"userName": "bob"}', b'"root"')


def test_the_event_states_it_unless_the_call_failed() -> None:
    call = {
        "eventSource": "iam.amazonaws.com",
        "eventName": "CreateAccessKey",
        "requestParameters": {"userName": "bob"},
    }
    assert event_of(a_record(**call, userIdentity=an_iam_user()))["facts"] == ("credential_given",)
    assert event_of(a_record(**call, userIdentity=an_assumed_role()))["facts"] == ("credential_given",)
    assert event_of(a_record(**call, userIdentity=an_iam_user(), errorCode="AccessDenied"))["facts"] == ()
    of_itself = {**call, "requestParameters": {"userName": an_iam_user()["userName"]}}
    assert event_of(a_record(**of_itself, userIdentity=an_iam_user()))["facts"] == ()

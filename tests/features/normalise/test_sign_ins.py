"""Sign-ins to the console: the second factor, the failure and the name that only their other fields tell."""

from typing import Any

from tests.records import ACCOUNT, a_record, a_root, an_iam_user, event_of


def sign_in(identity: dict[str, Any], result: str, **overrides: Any) -> dict[str, Any]:
    return a_record(
        identity, eventSource="signin.amazonaws.com", eventName="ConsoleLogin", eventType="AwsConsoleSignIn",
        responseElements={"ConsoleLogin": result}, readOnly=..., **overrides,
    )  # fmt: skip


def test_sign_ins_tell_their_second_factor() -> None:
    event = event_of(sign_in(an_iam_user(), "Success", additionalEventData={"MFAUsed": "Yes"}))
    assert (event["facts"], event["mfa"], event["error"]) == (("login_mfa",), True, "")
    event = event_of(sign_in(a_root(), "Success", additionalEventData={"MFAUsed": "No"}))
    assert (event["facts"], event["mfa"], event["kind"]) == (("root", "login_no_mfa"), False, "root")


def test_a_failed_sign_in_has_no_error_code() -> None:
    by_message = sign_in(an_iam_user(), "Failure", errorMessage="Failed authentication")
    for record in (by_message, sign_in(an_iam_user(), "Failure")):
        event = event_of(record)
        assert (event["facts"], event["error"], event["error_code"]) == (("login_failed",), "credential", None)


def test_an_identity_center_sign_in_tells_the_name() -> None:
    identity = {"type": "IdentityCenterUser", "accountId": ACCOUNT, "credentialId": "c",
                "onBehalfOf": {"userId": "92a7", "identityStoreArn": "arn:store"}}  # fmt: skip
    call = {"eventSource": "signin.amazonaws.com", "eventName": "UserAuthentication"}
    event = event_of(a_record(identity, **call, additionalEventData={"UserName": "ana", "CredentialType": "PASSWORD"}))
    assert (event["principal"], event["principal_name"]) == ("idc/arn:store/92a7", "ana")

"""Failures that no error code tells."""

import json
from typing import Any

import pytest

from features.call.error import classify_error
from features.call.failure import SIGN_IN_FAILED, Failure, find_failed_event, find_failed_response, is_about_items
from tests.records import ACCOUNT, a_record, a_service, event_of

CENTER = {"type": "IdentityCenterUser", "accountId": ACCOUNT, "onBehalfOf": {"userId": "92a7", "identityStoreArn": "s"}}


def a_service_event(name: str, details: Any, **fields: Any) -> dict[str, Any]:
    return a_record(
        a_service(), eventName=name, eventType="AwsServiceEvent", requestParameters=None, serviceEventDetails=details,
        **fields,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("response", "found"),
    [
        (b'{"ConsoleLogin":"Failure"}', SIGN_IN_FAILED),
        (b'{"SwitchRole":"FAILURE"}', SIGN_IN_FAILED),
        (b'{"CheckMfa":"Failed"}', SIGN_IN_FAILED),
        (b'{"GetSigninToken": "Denied"}', SIGN_IN_FAILED),
        (b'{"ConsoleLogin":"Success"}', None),
        (b'{"note":"no Failure"}', None),
        (b"null", None),
    ],
)
def test_sign_ins(response: bytes, found: Failure | None) -> None:
    assert find_failed_response(response, b"", signs_in=True) == found


@pytest.mark.parametrize(
    ("response", "found"),
    [
        (b'{"errorCode":"AccessDenied"}', Failure("AccessDenied", None)),
        (b'{"errorCode":"AccessDenied","errorMessage":"no"}', Failure("AccessDenied", "no")),
        (b'{"error":{"message":"no","code":"AccessDeniedException"}}', Failure("AccessDeniedException", "no")),
        (b'{"__type":"com.amazon#ThrottlingException"}', Failure("com.amazon#ThrottlingException", None)),
        (b'{"Error":{"Code":403}}', Failure("403", None)),
        (b'{"errorMessage":"not found"}', Failure(None, "not found")),
        (b'{"failedAccounts":[{"accountId":"1","errorCode":"A"}]}', Failure("A", None)),
        (b'{"name":"error"}', None),
        (b'{"type":"error"}', None),
        (b'{"error":null,"message":"failed"}', None),
        (b'{"arn":"a","errorCode":"A"}', None),
        (b"null", None),
        (b"[]", None),
        (b'["error"]', None),
        (b"{", None),
    ],
)
def test_errors_that_only_the_response_tells(response: bytes, found: Failure | None) -> None:
    assert find_failed_response(response, b'{"accountIds":["1"]}', about_items=True) == found


@pytest.mark.parametrize("name", ["DeleteMembers", "DeleteFlowLogs", "Disable", "BatchDisableStandards", "RunTask"])
def test_calls_that_may_be_about_items(name: str) -> None:
    assert is_about_items(f"novel:{name}")


@pytest.mark.parametrize("action", ["sts:AssumeRole", "ec2:CreateVpc", "dynamodb:UpdateTable2", ""])
def test_calls_about_one_thing_are_not_searched_for_items(action: str) -> None:
    assert not is_about_items(action)
    assert find_failed_response(b'{"failed":[{"id":"a"}]}', b"", about_items=False) is None


@pytest.mark.parametrize(
    ("name", "details", "code"),
    [
        ("CreateAccountResult", {"createAccountStatus": {"state": "FAILED", "failureReason": "EMAIL_ALREADY_EXISTS"}},
         "EMAIL_ALREADY_EXISTS"),
        ("CreateManagedAccount", {"createManagedAccountStatus": {"state": "FAILED", "message": "no OU"}}, None),
        ("SetupLandingZone", {"setupLandingZoneStatus": {"state": "FAILED"}}, "FAILED"),
        ("BackupJobCompleted", {"state": "ABORTED"}, "ABORTED"),
        ("JobStatusChanged", {"status": "Failed", "failureReasons": []}, "Failed"),
        ("Novelty", {"result": {"outcome": "timed_out"}}, "timed_out"),
        ("Novelty", {"Success": False}, "Failed"),
        ("Novelty", {"errorCode": "InternalError"}, "InternalError"),
        ("Novelty", [{"statusCode": 3, "status": "REJECTED", "reasonCode": "Q"}], "Q"),
        ("Novelty", {"status": "Failed", "failureReason": "the bucket does not exist"}, None),
        ("RotationFailed", None, "RotationFailed"),
    ],
)  # fmt: skip
def test_what_failed_of_a_services_own_work(name: str, details: object, code: str | None) -> None:
    failure = find_failed_event(name, json.dumps(details).encode())
    assert failure is not None
    assert failure.code == code
    assert classify_error(*failure)
    assert event_of(a_service_event(name, details))["error"]


@pytest.mark.parametrize(
    ("name", "details"),
    [
        ("CreateAccountResult", {"createAccountStatus": {"state": "SUCCEEDED"}}),
        ("BackupJobCompleted", {"state": "COMPLETED", "errorCode": "0"}),
        ("JobStatusChanged", {"status": "Complete", "tasks": [{"status": "Failed"}]}),
        ("JobStatusChanged", {"tasks": [{"status": "Failed"}, {"status": "Succeeded"}]}),
        ("StateChanged", {"previousState": "FAILED", "state": "ACTIVE"}),
        ("Novelty", {"name": "failed"}),
        ("Novelty", {"success": True}),
        ("RotationSucceeded", None),
        ("Novelty", {}),
    ],
)
def test_what_went_well(name: str, details: object) -> None:
    assert find_failed_event(name, json.dumps(details).encode()) is None
    assert event_of(a_service_event(name, details))["error"] == ""


@pytest.mark.parametrize("name", ["CredentialVerification", "UserAuthentication", "CredentialChallenge"])
@pytest.mark.parametrize(("value", "error"), [("Failure", "credential"), ("Success", "")])
def test_sign_ins_of_identity_center(name: str, value: str, error: str) -> None:
    record = a_record(
        CENTER, eventSource="signin.amazonaws.com", eventName=name, eventType="AwsServiceEvent",
        serviceEventDetails={name: value}, additionalEventData={"CredentialType": "PASSWORD", "UserName": "ana"},
    )  # fmt: skip
    event = event_of(record)
    assert event["error"] == error
    assert event["facts"] == (("login_failed",) if error and name != "CredentialChallenge" else ())


def test_a_failure_is_told_of_a_call_that_is_known_and_reads() -> None:
    assert event_of(a_service_event("DescribeInstances", {"state": "FAILED"}))["error_code"] == "FAILED"


def test_an_error_code_comes_first() -> None:
    assert event_of(a_service_event("Novelty", {"state": "FAILED"}, errorCode="AccessDenied"))["error"] == "denied"

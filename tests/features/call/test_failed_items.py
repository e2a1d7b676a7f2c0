"""Calls that succeed as calls while their items fail."""

from typing import Any

import pytest

from features.call.failed_items import find_failed_items

ONE = {"accountIds": ["1"]}
TWO = {"accountIds": ["1", "2"], "detectorId": "d"}


@pytest.mark.parametrize(
    ("response", "request_", "error"),
    [
        ({"unprocessedAccounts": [{"accountId": "1", "result": "no member"}]}, ONE, (None, "no member")),
        ({"UnprocessedAccounts": [{"AccountId": "1", "ProcessingResult": "x"}]}, ONE, ("Failed", None)),
        ({"unprocessedAccounts": [{"accountId": "1"}, {"accountId": "2"}]}, TWO, ("Failed", None)),
        ({"accounts": [], "failedAccounts": [{"accountId": "1", "errorCode": "ACCESS_DENIED", "errorMessage": "m"}]},
         {"accountIds": ["1"], "resourceTypes": ["EC2", "ECR"]}, ("ACCESS_DENIED", "m")),
        ({"DeleteFlowLogsResponse": {"xmlns": "x", "requestId": "r", "unsuccessful": {"item": {
            "error": {"code": "InvalidFlowLogId.NotFound", "message": "m"}, "resourceId": "fl-1"}}}},
         {"DeleteFlowLogsRequest": {"FlowLogId": {"tag": 1, "content": "fl-1"}}}, ("InvalidFlowLogId.NotFound", "m")),
        ({"unsuccessful": {"items": [{"error": {"code": "A"}, "resourceId": "a"}, {"resourceId": "b"}]}},
         {"FlowLogId": [{"tag": 1, "content": "a"}, {"tag": 2, "content": "b"}]}, ("A", None)),
        ({"tasks": [], "failures": [{"arn": "a", "reason": "MISSING"}]}, {"cluster": "c"}, (None, "MISSING")),
        ({"errors": [{"errorDetail": {"errorCode": "EntityNotFound"}}]}, {}, ("EntityNotFound", None)),
        ({"successful": [], "failed": [{"id": "m", "code": "AccessDenied"}]}, {}, ("AccessDenied", None)),
        ({"failedEntryCount": 1, "failedEntries": [{"targetId": "t", "errorCode": "X"}]}, {"ids": ["t"]}, ("X", None)),
        ({"standardsSubscriptions": [{"standardsArn": "s", "standardsStatus": "FAILED"}]}, {}, ("Failed", None)),
        ({"records": [{"errorCode": "Slow"}, {"errorCode": "Slow"}]}, {}, ("Slow", None)),
        ({"unprocessed": {"1": {"why": "no"}}}, ONE, ("Failed", None)),
        ({"batchItemFailures": [{"itemIdentifier": "i"}]}, {}, ("Failed", None)),
        ({"unsuccessfullyDeletedLaunchTemplateVersionSet": {"item": {"versionNumber": 1}}}, {}, ("Failed", None)),
        ({"requestId": "r", "_return": False}, {}, ("Failed", None)),
        ({"success": False}, {}, ("Failed", None)),
    ],
)  # fmt: skip
def test_a_call_failed_when_all_its_items_did(response: dict[str, Any], request_: object, error: object) -> None:
    assert find_failed_items(response, request_) == error


@pytest.mark.parametrize(
    ("response", "request_"),
    [
        ({}, {}),
        ({"unprocessedAccounts": []}, ONE),
        ({"unsuccessful": ""}, {}),
        ({"unprocessedAccounts": [{"accountId": "1", "result": "no"}]}, TWO),
        ({"accounts": [{"accountId": "2"}], "failedAccounts": [{"accountId": "1"}]}, TWO),
        ({"accounts": [{"accountId": "9"}], "failedAccounts": [{"accountId": "8"}]}, {}),
        ({"tasks": [{"taskArn": "t"}], "failures": [{"arn": "a"}]}, {"cluster": "a"}),
        ({"records": [{"errorCode": "Slow"}, {"sequenceNumber": "1"}]}, {}),
        ({"fleetId": "fleet-1", "errorSet": {"item": {"errorCode": "InsufficientInstanceCapacity"}}}, {}),
        ({"_return": True}, {}),
        ({"failedEntryCount": 0, "failedEntries": []}, {}),
        ({"failoverGroups": [{"name": "f"}]}, {}),
        ({"jobId": "j", "failureReason": ""}, {}),
        ({"instancesSet": {"items": [{"instanceId": "i", "stateReason": {"code": "pending"}}]}}, {}),
    ],
)
def test_a_call_that_did_anything_did_not_fail(response: dict[str, Any], request_: object) -> None:
    assert find_failed_items(response, request_) is None


@pytest.mark.parametrize("response", [{"errors": "x"}, {"failures": 3}, {"failures": [None]}, {"items": {"item": {}}}])
def test_odd_responses_raise_nothing(response: dict[str, Any]) -> None:
    find_failed_items(response, None)
    find_failed_items(response, [[["x"]]])

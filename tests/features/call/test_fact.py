"""What a record states of itself."""

import pytest

from features.call.fact import find_facts, may_state_facts
from features.record.cloudtrail import Record, decode_record
from tests.records import Json, a_record, a_root, an_assumed_role, an_iam_user, an_sso_person, event_of, raw


def stated(action: str, *, failed: bool = False, mfa: bool | None = None, **fields: object) -> tuple[str, ...]:
    return find_facts(action, decode_record(raw(a_record(**fields))), root=False, failed=failed, imds="", mfa=mfa)


@pytest.mark.parametrize(
    ("action", "request_"),
    [
        ("cloudtrail:StopLogging", {}),
        ("guardduty:UpdateDetector", {"enable": False}),
        ("monitoring:DeleteAlarms", None),
    ],
)
def test_what_switches_a_safeguard_off_unless_it_failed(action: str, request_: object) -> None:
    assert may_state_facts(action)
    assert stated(action, requestParameters=request_) == ("logging_off",)
    assert stated(action, requestParameters=request_, failed=True) == ()


def a_call(service: str, name: str, request: object, response: object = None, **fields: object) -> tuple[str, ...]:
    record = a_record(
        eventSource=f"{service}.amazonaws.com", eventName=name, readOnly=False, requestParameters=request,
        responseElements=response, **fields,
    )  # fmt: skip
    facts: tuple[str, ...] = event_of(record)["facts"]
    return facts


@pytest.mark.parametrize(
    ("response", "off"),
    [
        ({"DeleteFlowLogsResponse": {"unsuccessful": {"item": {"error": {"code": "X"}, "resourceId": "fl-1"}}}}, False),
        ({"DeleteFlowLogsResponse": {"unsuccessful": "", "requestId": "r"}}, True),
        ({"DeleteFlowLogsResponse": {"unsuccessful": {"item": {"error": {"code": "X"}, "resourceId": "fl-2"}}}}, False),
        (None, True),
    ],
)
def test_nothing_was_switched_off_where_no_item_was(response: object, off: bool) -> None:
    request_ = {"DeleteFlowLogsRequest": {"FlowLogId": {"tag": 1, "content": "fl-1"}}}
    assert a_call("ec2", "DeleteFlowLogs", request_, response) == (("logging_off",) if off else ())


def test_one_item_of_several_is_enough() -> None:
    accounts = {"detectorId": "d", "accountIds": ["1", "2"]}
    one = [{"accountId": "1", "result": "no member"}]
    assert a_call("guardduty", "DeleteMembers", accounts, {"unprocessedAccounts": one}) == ("logging_off",)
    both = [*one, {"accountId": "2", "result": "no member"}]
    assert a_call("guardduty", "DeleteMembers", accounts, {"unprocessedAccounts": both}) == ()


def test_a_denied_call_switched_nothing_off() -> None:
    assert a_call("cloudtrail", "StopLogging", {"name": "main"}, errorCode="AccessDenied") == ()


def test_ordinary_calls_state_nothing() -> None:
    assert not may_state_facts("ec2:DescribeInstances")
    assert stated("ec2:DescribeInstances") == ()


def test_root_and_the_old_metadata_service_are_stated_of_every_call() -> None:
    assert event_of(a_record(a_root()))["facts"] == ("root",)
    assert event_of(a_record(an_assumed_role(ec2RoleDelivery="1.0")))["facts"] == ("imds_v1",)
    assert event_of(a_record(an_assumed_role(ec2RoleDelivery="2.0")))["facts"] == ()


def test_sign_ins() -> None:
    assert stated("signin:ConsoleLogin", mfa=True) == ("login_mfa",)
    assert stated("signin:ConsoleLogin", mfa=False) == ("login_no_mfa",)
    assert stated("signin:ConsoleLogin", failed=True, mfa=False) == ("login_failed",)
    assert stated("signin:ConsoleLogin") == ()
    assert stated("signin:UserAuthentication", failed=True) == ("login_failed",)
    assert stated("signin:UserAuthentication", mfa=False) == ()
    assert find_facts("signin:ConsoleLogin", Record(), root=True, failed=True, imds="") == ("root", "login_failed")


@pytest.mark.parametrize(
    ("identity", "used", "facts"),
    [
        (an_iam_user(), "No", ("login_no_mfa",)),
        (an_iam_user(), "Yes", ("login_mfa",)),
        (a_root(), "No", ("root", "login_no_mfa")),
        (an_sso_person(), "No", ()),
        (an_assumed_role("OktaOps", "nell@example.org"), "No", ()),
        (an_assumed_role("ops", "nell", attributes={"mfaAuthenticated": "true"}), "No", ("login_mfa",)),
        ({"type": "FederatedUser", "principalId": "1:nell", "arn": "arn:aws:sts::1:federated-user/nell"}, "No", ()),
        ({"type": "SAMLUser", "principalId": "x", "userName": "nell"}, "No", ()),
    ],
)
def test_only_of_those_whom_aws_asks_a_missing_second_factor_says_something(
    identity: Json, used: str, facts: tuple[str, ...]
) -> None:
    record = a_record(
        identity, eventSource="signin.amazonaws.com", eventName="ConsoleLogin", eventType="AwsConsoleSignIn",
        responseElements={"ConsoleLogin": "Success"}, additionalEventData={"MFAUsed": used},
    )  # fmt: skip
    event = event_of(record)
    assert event["facts"] == facts
    assert event["mfa"] is {"login_mfa": True, "login_no_mfa": False}.get(facts[-1] if facts else "")

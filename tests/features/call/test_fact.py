"""What a record states of itself."""

import pytest

from features.call.fact import LOGGING_OFF, find_facts, may_state_facts
from features.record.cloudtrail import Record, decode_record
from tests.records import a_record, a_root, an_assumed_role, event_of, raw


def stated(action: str, *, failed: bool = False, **fields: object) -> tuple[str, ...]:
    return find_facts(action, decode_record(raw(a_record(**fields))), root=False, failed=failed, imds="")


@pytest.mark.parametrize("action", sorted(LOGGING_OFF))
def test_calls_that_switch_logging_off(action: str) -> None:
    assert may_state_facts(action)
    assert stated(action) == ("logging_off",)
    assert stated(action, failed=True) == ()


@pytest.mark.parametrize(
    ("action", "request_", "off"),
    [
        ("cloudtrail:PutEventSelectors", {"eventSelectors": [{"readWriteType": "ReadOnly"}]}, True),
        ("cloudtrail:PutEventSelectors", {"eventSelectors": [{"includeManagementEvents": False}]}, True),
        ("cloudtrail:PutEventSelectors", {"eventSelectors": []}, True),
        ("cloudtrail:PutEventSelectors", {"advancedEventSelectors": [{"fieldSelectors": [
            {"field": "eventName", "notEquals": ["CreateUser"]}]}]}, True),
        ("cloudtrail:PutEventSelectors", {"eventSelectors": [
            {"readWriteType": "All", "includeManagementEvents": True}]}, False),
        ("cloudtrail:UpdateTrail", {"name": "t", "isMultiRegionTrail": False}, True),
        ("cloudtrail:UpdateTrail", {"name": "t", "includeGlobalServiceEvents": False}, True),
        ("cloudtrail:UpdateTrail", {"name": "t", "isMultiRegionTrail": True}, False),
        ("cloudtrail:PutInsightSelectors", {"insightSelectors": []}, True),
        ("guardduty:UpdateDetector", {"detectorId": "d", "enable": False}, True),
        ("guardduty:UpdateDetector", {"detectorId": "d", "enable": True}, False),
        ("s3:PutBucketLogging", {"bucketName": "b", "BucketLoggingStatus": {"xmlns": "x"}}, True),
        ("s3:PutBucketLogging", {"bucketName": "b", "BucketLoggingStatus": {"LoggingEnabled": {}}}, False),
        ("eks:UpdateClusterConfig", {"logging": {"clusterLogging": [{"types": ["api"], "enabled": False}]}}, True),
    ],
)  # fmt: skip
def test_calls_that_do_so_by_their_request(action: str, request_: object, off: bool) -> None:
    assert may_state_facts(action)
    assert stated(action, requestParameters=request_) == (("logging_off",) if off else ())


def test_ordinary_calls_state_nothing() -> None:
    assert not may_state_facts("ec2:DescribeInstances")
    assert stated("ec2:DescribeInstances") == ()


def test_root_and_the_old_metadata_service_are_stated_of_every_call() -> None:
    assert event_of(a_record(a_root()))["facts"] == ("root",)
    assert event_of(a_record(an_assumed_role(ec2RoleDelivery="1.0")))["facts"] == ("imds_v1",)
    assert event_of(a_record(an_assumed_role(ec2RoleDelivery="2.0")))["facts"] == ()


def test_sign_ins() -> None:
    assert stated("signin:ConsoleLogin", additionalEventData={"MFAUsed": "Yes"}) == ("login_mfa",)
    assert stated("signin:ConsoleLogin", additionalEventData={"MFAUsed": "No"}) == ("login_no_mfa",)
    assert stated("signin:ConsoleLogin", failed=True, additionalEventData={"MFAUsed": "No"}) == ("login_failed",)
    assert stated("signin:ConsoleLogin") == ()
    assert find_facts("signin:ConsoleLogin", Record(), root=True, failed=True, imds="") == ("root", "login_failed")

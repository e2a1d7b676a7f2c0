"""What harm calls do is known by what AWS lets them do, and an attempt is told from a deed."""

from typing import Any

import pytest

from models.explain import Reason
from models.facts import FACTS
from pipeline.alerts.harms import HARMS, MOST, find_harms, tells


def a_call(action: str, error: str = "", **named: Any) -> dict[str, Any]:
    return {
        "action": action, "error": error, "resources": [], "exposures": [], "facts": [], "issued_key": "",
        "region": "eu-west-1",
    } | named  # fmt: skip


def kinds(*calls: dict[str, Any], reasons: tuple[Reason, ...] = ()) -> list[str]:
    return [harm.kind for harm in find_harms(reasons, calls)]


def a_reason(dimension: str, value: str, nats: float = 3.0, feature: str = "surprise") -> Reason:
    return Reason(feature, dimension, value, 0.0, 1.0, nats, "…", 1)


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("cloudtrail:StopLogging", "logging_off"),
        ("guardduty:DeleteDetector", "logging_off"),
        ("config:StopConfigurationRecorder", "logging_off"),
        ("securityhub:DisableSecurityHub", "logging_off"),
        ("monitoring:DisableAlarmActions", "logging_off"),
        ("organizations:LeaveOrganization", "organization_left"),
        ("account:CloseAccount", "organization_left"),
        ("kms:ScheduleKeyDeletion", "destroyed"),
        ("backup:DeleteBackupVault", "destroyed"),
        ("rds:DeleteDBSnapshot", "destroyed"),
        ("ec2:DeleteSnapshot", "destroyed"),
        ("dynamodb:DeleteBackup", "destroyed"),
        ("s3:PutBucketLifecycle", "destroyed"),
        ("s3:PutBucketLifecycleConfiguration", "destroyed"),
        ("s3:DeleteObjects", "destroyed"),
        ("iam:CreateAccessKey", "persistence"),
        ("iam:UpdateLoginProfile", "persistence"),
        ("iam:CreateSAMLProvider", "persistence"),
        ("iam:DeactivateMFADevice", "persistence"),
        ("rolesanywhere:CreateTrustAnchor", "persistence"),
        ("iam:PutUserPolicy", "rights"),
        ("iam:AddUserToGroup", "rights"),
        ("ec2:RunInstances", "compute"),
        ("ec2:RequestSpotInstances", "compute"),
        ("ses:VerifyEmailIdentity", "mail"),
        ("ses:SendRawEmail", "mail"),
        ("bedrock:InvokeModelWithResponseStream", "models"),
        ("secretsmanager:BatchGetSecretValue", "secrets"),
        ("ssm:GetParametersByPath", "secrets"),
        ("s3:GetObject", "data"),
        ("ec2:CreateSnapshot", "data"),
        ("ssm:SendCommand", "commands"),
        ("ec2-instance-connect:SendSSHPublicKey", "commands"),
        ("secretsmanager:DeleteSecret", "deleted"),
    ],
)
def test_a_call_is_known_by_what_it_does(action: str, kind: str) -> None:
    assert kinds(a_call(action)) == [kind]


@pytest.mark.parametrize(
    "action", ["ec2:DescribeInstances", "iam:ListUsers", "s3:ListBuckets", "cloudtrail:LookupEvents"]
)
def test_a_look_does_no_harm(action: str) -> None:
    assert kinds(a_call(action)) == []


def test_what_opens_something_is_known_by_what_it_opens() -> None:
    assert kinds(a_call("new:PutSomething", exposures=["principal:*"])) == ["exposed"]
    assert kinds(a_call("new:PutSomething", exposures=["policy:AdministratorAccess"])) == ["admin"]
    assert kinds(a_call("new:Stop", facts=["logging_off"])) == ["logging_off"]


@pytest.mark.parametrize("fact", FACTS)
def test_every_fact_that_is_evidence_is_a_harm(fact: str) -> None:
    [harm] = find_harms([a_reason("fact", fact, feature="facts")], [])
    assert not harm.tried
    assert fact in next(one for one in HARMS if one.name == harm.kind).facts


def test_an_attempt_is_told_from_a_deed_and_comes_after_it() -> None:
    tried, done = a_call("cloudtrail:StopLogging", "denied"), a_call("ec2:RunInstances")
    found = find_harms([], [tried, done])
    assert [(harm.kind, harm.tried) for harm in found] == [("compute", False), ("logging_off", True)]


def test_of_a_harm_what_was_done_is_named_and_not_what_was_only_tried() -> None:
    calls = [
        a_call("iam:CreateAccessKey", "denied", resources=["user:a"]),
        a_call("iam:CreateAccessKey", resources=["user:b"], issued_key="AKIAB"),
        a_call("iam:CreateUser", resources=["user:c"], region=""),
    ]
    [harm] = find_harms([], calls)
    assert (harm.calls, harm.resources, harm.issued_keys) == (2, ("user:b", "user:c"), ("AKIAB",))
    assert (harm.actions, harm.regions) == (("iam:CreateAccessKey", "iam:CreateUser"), ("eu-west-1",))


def test_what_cannot_wait_comes_first() -> None:
    calls = [
        a_call(action) for action in ("s3:GetObject", "ec2:RunInstances", "iam:CreateUser", "cloudtrail:StopLogging")
    ]
    assert kinds(*calls) == ["logging_off", "persistence", "compute", "data"]


def test_a_bulk_is_named_only_so_far() -> None:
    [harm] = find_harms([], [a_call("kms:DisableKey", resources=[f"key:{n}"]) for n in range(500)])
    assert harm.calls == 500
    assert len(harm.resources) == MOST


@pytest.mark.parametrize(
    ("reason", "does"),
    [
        (a_reason("write", "iam:CreateUser"), True),
        (a_reason("prefix", "192.0.2.0/24"), True),
        (a_reason("prefix", "192.0.2.0/24", nats=0.1), False),
        (a_reason("calls", "calls", feature="own_past"), False),
        (a_reason("secrets", "secrets", feature="own_past"), True),
        (a_reason("data_reads", "data_reads", feature="population"), True),
        (a_reason("denied", "denied", feature="own_past"), False),
        (a_reason("fact", "root", feature="facts"), True),
        (a_reason("fact", "root", nats=0.1, feature="facts"), False),
        (a_reason("fact", "logging_off", nats=0.1, feature="facts"), True),
        (a_reason("fact", "logging_off:cloudtrail:StopLogging", nats=0.1, feature="facts"), True),
        (a_reason("fact", "off_host", feature="facts"), False),
    ],
)
def test_only_events_that_are_odd_themselves_may_do_harm(reason: Reason, does: bool) -> None:
    assert tells(reason) is does


def test_to_share_with_an_account_of_the_deployment_does_no_harm():
    call = a_call("s3:PutBucketPolicy", exposures=["account:111122223333"])
    assert kinds(call) == ["exposed"]
    assert find_harms([], [call], {"account:111122223333"}) == ()
    both = a_call("s3:PutBucketPolicy", exposures=["account:111122223333", "principal:*"])
    assert [harm.kind for harm in find_harms([], [both], {"account:111122223333"})] == ["exposed"]

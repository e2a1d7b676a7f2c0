"""The committed attack priors are what the script makes of its public sources, and say what an analyst would."""

import json
from typing import Any

import pytest

from scripts.make_attack_priors import (
    IAM_ACTIONS,
    TARGET,
    TRAILDISCOVER,
    Known,
    build,
    levels_of,
    read_traildiscover,
    render,
)


@pytest.fixture(scope="module")
def known() -> dict[str, Known]:
    with TRAILDISCOVER.open(encoding="utf-8", newline="") as lines:
        return read_traildiscover(lines)


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, str]]:
    services: dict[str, dict[str, str]] = json.loads(IAM_ACTIONS.read_text(encoding="utf-8"))["services"]
    return services


@pytest.fixture(scope="module")
def priors(known: dict[str, Known], services: dict[str, dict[str, str]]) -> dict[str, Any]:
    return build(known, services)


def test_the_committed_file_is_what_the_script_makes(priors: dict[str, Any]) -> None:
    assert TARGET.read_text(encoding="utf-8") == render(priors)


def test_every_source_is_named_with_its_licence(priors: dict[str, Any]) -> None:
    assert priors["version"]
    assert all(source["name"] and source["licence"] and source["url"] for source in priors["sources"])
    assert any("Adan Álvarez" in source["name"] for source in priors["sources"])


def test_everything_that_traildiscover_lists_has_a_tactic(priors: dict[str, Any], known: dict[str, Known]) -> None:
    assert len(known) > 370
    assert all(priors["actions"][action]["tactic"] for action in known)


@pytest.mark.parametrize(
    ("action", "attack_class", "tactic"),
    [
        ("cloudtrail:StopLogging", "evasion", "Defense Evasion"),
        ("cloudtrail:PutEventSelectors", "evasion", "Defense Evasion"),
        ("ec2:DeleteFlowLogs", "evasion", "Defense Evasion"),
        ("config:DeleteConfigurationRecorder", "evasion", "Defense Evasion"),
        ("guardduty:DeleteDetector", "evasion", "Defense Evasion"),
        ("securityhub:DisableSecurityHub", "evasion", "Defense Evasion"),
        ("wafv2:DisassociateWebACL", "evasion", "Defense Evasion"),
        ("route53resolver:DeleteResolverQueryLogConfig", "evasion", "Defense Evasion"),
        ("iam:CreateAccessKey", "identity", "Persistence"),
        ("iam:UpdateAssumeRolePolicy", "identity", "Persistence"),
        ("sso:CreateAccountAssignment", "identity", "Persistence"),
        ("rolesanywhere:CreateTrustAnchor", "identity", "Persistence"),
        ("secretsmanager:BatchGetSecretValue", "credentials", "Credential Access"),
        ("ssm:GetParametersByPath", "credentials", "Credential Access"),
        ("ec2:GetPasswordData", "credentials", "Credential Access"),
        ("redshift:GetClusterCredentials", "credentials", "Credential Access"),
        ("ssm:SendCommand", "execution", "Execution"),
        ("ec2:RunInstances", "execution", "Impact"),
        ("lambda:UpdateFunctionCode", "execution", "Impact"),
        ("bedrock:InvokeModel", "execution", "Impact"),
        ("ec2:ModifySnapshotAttribute", "sharing", "Exfiltration"),
        ("s3:PutBucketPolicy", "sharing", "Exfiltration"),
        ("lambda:AddPermission", "sharing", "Persistence"),
        ("kinesis:PutResourcePolicy", "sharing", "Exfiltration"),
        ("kms:ScheduleKeyDeletion", "impact", "Impact"),
        ("backup:DeleteRecoveryPoint", "impact", "Impact"),
        ("qldb:DeleteLedger", "impact", "Impact"),
        ("ec2:DescribeInstances", "discovery", "Discovery"),
    ],
)
def test_a_call_has_the_class_and_tactic_an_analyst_would_give(
    priors: dict[str, Any], action: str, attack_class: str, tactic: str
) -> None:
    assert (priors["actions"][action]["class"], priors["actions"][action]["tactic"]) == (attack_class, tactic)


def test_harm_weighs_more_than_looking_and_what_everybody_calls_least(priors: dict[str, Any]) -> None:
    q = {action: found.get("q", 0.0) for action, found in priors["actions"].items()}
    assert q["cloudtrail:StopLogging"] > q["kms:ScheduleKeyDeletion"] > q["ses:GetSendQuota"] > q["s3:ListBuckets"]
    assert q["ec2:DescribeInstances"] < priors["level_q"]["list"]


def test_what_every_workload_does_all_day_has_its_levels_q(priors: dict[str, Any]) -> None:
    for action in ("s3:GetObject", "s3:PutObject", "sts:AssumeRole", "kms:Decrypt"):
        assert "q" not in priors["actions"].get(action, {})


def test_q_is_written_only_where_the_level_does_not_say_it(
    priors: dict[str, Any], services: dict[str, dict[str, str]]
) -> None:
    levels = levels_of(services)
    for action, found in priors["actions"].items():
        if "q" in found and action in levels:
            assert found["q"] != priors["level_q"][levels[action]], action


def test_every_q_is_a_probability(priors: dict[str, Any]) -> None:
    for found in priors["actions"].values():
        assert 0 < found.get("q", 0.01) <= 0.03


def test_neither_recordings_nor_campaigns_are_read() -> None:
    folder = TRAILDISCOVER.parent.parent
    sources = [path.read_text(encoding="utf-8") for path in folder.glob("*.py") if path.name != "make_demo_geo.py"]
    assert len(sources) > 2
    assert not any("attacks/" in text or "pipeline.simulate" in text for text in sources)

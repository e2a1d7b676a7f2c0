"""Calls, their levels and where those come from."""

import json
from pathlib import Path

import pytest

from features.call.action import GLOBAL, Action, ActionCatalogue
from tests.records import a_catalogue

DATA = Path(__file__).parents[3] / "pipeline" / "data"
IAM = json.loads((DATA / "iam_actions.json").read_bytes())
CATALOGUE = ActionCatalogue(IAM, json.loads((DATA / "attack_priors.json").read_bytes()))


def call(source: str, name: str, read_only: bool | None = None, catalogue: ActionCatalogue = CATALOGUE) -> Action:
    return catalogue.look_up(f"{source}.amazonaws.com", name, read_only)


@pytest.mark.parametrize(
    ("source", "name", "action", "level", "where"),
    [
        ("iam", "CreateAccessKey", "iam:CreateAccessKey", "permissions", "iam"),
        ("ec2", "DescribeInstances", "ec2:DescribeInstances", "list", "iam"),
        ("ec2", "CreateTags", "ec2:CreateTags", "tagging", "iam"),
        ("sts", "AssumeRole", "sts:AssumeRole", "write", "iam"),
        ("secretsmanager", "GetSecretValue", "secretsmanager:GetSecretValue", "read", "iam"),
        ("lambda", "ListFunctions20150331", "lambda:ListFunctions", "list", "iam"),
        ("lambda", "UpdateFunctionCode20150331v2", "lambda:UpdateFunctionCode", "write", "iam"),
        ("cloudfront", "CreateDistribution2020_05_31", "cloudfront:CreateDistribution", "write", "iam"),
        ("lambda", "Invoke", "lambda:Invoke", "write", "alias"),
        ("monitoring", "DescribeAlarms", "monitoring:DescribeAlarms", "read", "alias"),
        ("email", "SendEmail", "email:SendEmail", "write", "alias"),
        ("tagging", "TagResources", "tagging:TagResources", "tagging", "alias"),
        ("s3", "GetObject", "s3:GetObject", "read", "iam"),
        ("s3", "HeadObject", "s3:HeadObject", "read", "alias"),
        ("s3", "ListObjects", "s3:ListObjects", "list", "alias"),
        ("s3", "ListObjectsV2", "s3:ListObjectsV2", "list", "alias"),
        ("s3", "ListBuckets", "s3:ListBuckets", "list", "alias"),
        ("s3", "GetBucketEncryption", "s3:GetBucketEncryption", "read", "alias"),
        ("s3", "GetBucketCors", "s3:GetBucketCors", "read", "iam"),
        ("s3", "UploadPart", "s3:UploadPart", "write", "alias"),
        ("s3", "DeletePublicAccessBlock", "s3:DeletePublicAccessBlock", "permissions", "alias"),
        ("kms", "Decrypt", "kms:Decrypt", "read", "alias"),
        ("kms", "GenerateDataKeyWithoutPlaintext", "kms:GenerateDataKeyWithoutPlaintext", "read", "alias"),
        ("kms", "ScheduleKeyDeletion", "kms:ScheduleKeyDeletion", "write", "iam"),
        ("apigateway", "GetRestApis", "apigateway:GetRestApis", "read", "alias"),
        ("apigateway", "CreateRestApi", "apigateway:CreateRestApi", "write", "alias"),
        ("signin", "ConsoleLogin", "signin:ConsoleLogin", "write", "alias"),
    ],
)
def test_calls(source: str, name: str, action: str, level: str, where: str) -> None:
    found = call(source, name)
    assert (found.action, found.level, found.level_source, found.known) == (action, level, where, True)
    assert found.write == (level in ("write", "tagging", "permissions"))


@pytest.mark.parametrize(
    ("name", "read_only", "level", "where"),
    [
        ("FrobThing", True, "read", "read_only"),
        ("ListThings", True, "list", "read_only"),
        ("FrobThing", False, "write", "read_only"),
        ("DescribeThing", False, "write", "read_only"),
        ("TagThing", False, "tagging", "read_only"),
        ("PutThingPolicy", False, "permissions", "read_only"),
        ("DescribeThing", None, "read", "verb"),
        ("BatchGetThing", None, "read", "verb"),
        ("ListThings", None, "list", "verb"),
        ("GetawayThing", None, "write", "verb"),
        ("SetupThing", True, "read", "read_only"),
        ("StartThingQuery", True, "read", "read_only"),
        ("RunSearch", True, "read", "read_only"),
        ("GetThing", True, "read", "read_only"),
        ("CreateThing", None, "write", "verb"),
        ("PutThingAcl", None, "permissions", "verb"),
    ],
)
def test_calls_no_table_knows_go_by_read_only_then_by_the_verb(
    name: str, read_only: bool | None, level: str, where: str
) -> None:
    found = call("novelty", name, read_only)
    assert (found.level, found.level_source, found.known) == (level, where, False)


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("DeleteEverything", "write"), ("deleteEverything", "write"), ("delete_everything", "write"),
        ("PutThing", "write"), ("UpdateThing20240101", "write"), ("TerminateAll", "write"), ("StopThing", "write"),
        ("DisableThing", "write"), ("BatchRemoveThings", "write"), ("AdminCreateThing", "write"),
        ("StartThing", "write"), ("UnlockThing", "write"), ("SendThing", "write"), ("Create", "write"),
        ("DELETE", "write"), ("TagThing", "tagging"), ("UntagThing", "tagging"), ("PutThingPolicy", "permissions"),
        ("GrantThing", "permissions"), ("RevokeThingPermission", "permissions"),
    ],
)  # fmt: skip
def test_a_verb_that_plainly_writes_is_believed_before_read_only(name: str, level: str) -> None:
    found = call("novelty", name, True)
    assert (found.level, found.write, found.level_source) == (level, True, "verb")


@pytest.mark.parametrize(
    ("source", "service"),
    [
        ("ec2.amazonaws.com", "ec2"), ("ec2.amazonaws.com.cn", "ec2"), ("catalog.marketplace.amazonaws.com",
        "catalog.marketplace"), ("EC2.amazonaws.com", "ec2"), ("odd", "odd"), ("", ""),
    ],
)  # fmt: skip
def test_services(source: str, service: str) -> None:
    assert CATALOGUE.look_up(source, "X", None).service == service


def test_tactics_are_found_under_either_name() -> None:
    assert call("iam", "CreateAccessKey").tactic == "Persistence"
    assert call("lambda", "Invoke", catalogue=a_catalogue()).tactic == "Execution"
    assert call("cloudtrail", "StopLogging").tactic == "Defense Evasion"
    assert call("ec2", "DescribeAddressesAttribute").tactic == ""


@pytest.mark.parametrize("service", ["iam", "cloudfront", "organizations", "route53", "support", "signin", "waf"])
def test_global_services_have_no_region(service: str) -> None:
    assert service in GLOBAL
    assert call(service, "X").without_region


def test_regional_services_have_one() -> None:
    assert not {"ec2", "sts", "s3", "lambda", "wafv2"} & GLOBAL


def test_names_are_bounded() -> None:
    assert len(CATALOGUE.look_up("s" * 100_000, "n" * 100_000, None).action) <= 257

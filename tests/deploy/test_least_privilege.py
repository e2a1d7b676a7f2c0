"""Least privilege: every statement of every policy of the templates, as it is in every deployment."""

import json
import re
from typing import Any

import pytest
from policy_sentry.querying.actions import get_action_data

from tests.deploy.template import ACCOUNT, CENTRES, REGION, SOURCES, STACKS, Stack, Statement, a_stack

HERE = f"{REGION}:{ACCOUNT}"
WILD = {
    (
        "WriteItsLog",
        f"arn:aws:logs:{HERE}:log-group:FunctionLogs:log-stream:*",
    ): "streams of its one log; Lambda names them",
    (
        "WriteTheTrail",
        f"arn:aws:logs:{HERE}:log-group:TrailLogs:log-stream:*",
    ): "streams of one log; CloudTrail names them",
    ("SpillLargeOnes", "arn:aws:s3:::box/spill/*"): "objects of one prefix of its own bucket, named by their digests",
    (
        "KeepDeadLetters",
        "arn:aws:s3:::box/dead-letters/*",
    ): "objects of one prefix of its own bucket, named by their digests",
    ("ReadTheTrail", "arn:aws:s3:::the-trail/AWSLogs/*"): "objects of the trail's prefix, that come by themselves",
    ("LookAtInterfaces", "*"): "EC2 knows no resource for describing, and what it shows is no secret",
    ("MakeInterfaces", f"arn:aws:ec2:{HERE}:network-interface/*"): "an interface has no name before it is made",
    ("MakeInterfacesInTheSubnets", f"arn:aws:ec2:{HERE}:subnet/*"): "its condition names the subnets",
    ("MakeInterfacesOfTheGroups", f"arn:aws:ec2:{HERE}:security-group/*"): "its condition names the groups",
    ("TheAdministratorSetsUp", f"arn:aws:es:{HERE}:domain/oddtrail/*"): "all of one domain, for who is named",
}
"""Resources with a wildcard that are allowed, by statement, and why."""
ANYBODY = {"FunctionsOfOurAccounts": "aws:PrincipalOrgID, sts:ExternalId and the path of the role bound it"}
"""Statements that allow any principal, and what bounds them."""

STATEMENTS = [(about, statement) for name, about in STACKS for statement in a_stack(name, about).statements()]
ALLOWS = [(about, statement) for about, statement in STATEMENTS if statement.body["Effect"] == "Allow"]
DENIES = [(about, statement) for about, statement in STATEMENTS if statement.body["Effect"] != "Allow"]


def ids(given: list[tuple[str, Statement]]) -> list[str]:
    return [f"{about}-{statement.resource}-{statement.sid}" for about, statement in given]


def resources(statement: Statement) -> list[Any]:
    return statement.list("Resource") if "Resource" in statement.body else []


@pytest.mark.parametrize(("about", "statement"), ALLOWS, ids=ids(ALLOWS))
def test_a_right_is_for_named_actions_on_named_resources(about: str, statement: Statement) -> None:
    body = statement.body
    assert not {"NotAction", "NotResource", "NotPrincipal"} & body.keys()
    for action in statement.list("Action"):
        service, _, name = action.partition(":")
        assert re.fullmatch(r"[A-Za-z]+", name), f"{action} is not one action"
        if service != "sts":
            assert get_action_data(service, name), f"AWS knows no {action}"
    for resource in resources(statement):
        assert resource, "a resource without a name"
        assert "*" not in resource or (statement.sid, resource) in WILD, f"{statement.sid} allows {resource}"


@pytest.mark.parametrize(("about", "statement"), ALLOWS, ids=ids(ALLOWS))
def test_who_is_allowed_is_named_and_a_service_is_bound_to_its_sender(about: str, statement: Statement) -> None:
    principal = statement.body.get("Principal")
    if principal is None:
        return
    if "Service" in principal:
        is_trust = statement.list("Action") == ["sts:AssumeRole"]
        assert is_trust or "aws:SourceArn" in statement.body["Condition"]["ArnEquals"]
        return
    who = principal["AWS"] if isinstance(principal["AWS"], list) else [principal["AWS"]]
    if "*" in who:
        assert statement.sid in ANYBODY
        bounds = statement.body["Condition"]
        assert bounds["StringEquals"].keys() == {"sts:ExternalId", "aws:PrincipalOrgID"}
        assert bounds["ArnLike"] == {"aws:PrincipalArn": "arn:aws:iam::*:role/oddtrail/*"}


@pytest.mark.parametrize(("about", "statement"), DENIES, ids=ids(DENIES))
def test_what_is_not_a_right_is_a_refusal(about: str, statement: Statement) -> None:
    assert statement.body["Effect"] == "Deny"
    assert statement.sid in ("OnlyByTls", "NotFromWithin")


def test_every_wildcard_that_is_allowed_is_there() -> None:
    there = {(statement.sid, resource) for _, statement in ALLOWS for resource in resources(statement)}
    assert set(WILD) <= there
    assert set(ANYBODY) <= {statement.sid for _, statement in ALLOWS}


@pytest.mark.parametrize(("name", "about"), STACKS)
def test_no_managed_policy_of_aws_comes_along(name: str, about: str) -> None:
    for logical, role in a_stack(name, about).of_type("AWS::IAM::Role").items():
        assert role.get("ManagedPolicyArns", []) in ([], ["NetworkPolicy"]), logical


def rights(about: str) -> dict[str, Statement]:
    """What the function's role may, by statement; trust left out."""
    stack = Stack("source-account", **SOURCES[about])
    of_role = ("FunctionRole", "NetworkPolicy")
    return {one.sid: one for one in stack.statements() if one.resource in of_role and "Principal" not in one.body}


ALWAYS = {"WriteItsLog", "SpillAndTakeBack", "SpillLargeOnes", "KeepDeadLetters"}
OF_BUCKET = {"TakeObjectNotices", "ReadTheTrail", "TellMissingFromDenied", "DecryptTheTrail"}


@pytest.mark.parametrize(
    ("about", "more"),
    [
        ("logs", {"BecomeTheWriter"}),
        ("a new log group", {"BecomeTheWriter"}),
        ("bucket", {"BecomeTheWriter"} | OF_BUCKET),
        ("both", {"BecomeTheWriter"} | OF_BUCKET),
        ("another engine", {"ReadTheSecret", "DecryptTheSecret"}),
        ("a parameter", {"ReadTheSecretParameter"}),
    ],
)
def test_the_function_may_only_what_its_path_needs(about: str, more: set[str]) -> None:
    assert rights(about).keys() == ALWAYS | more


def test_the_function_becomes_the_writer_with_the_external_id_only() -> None:
    [role, condition] = (rights("logs")["BecomeTheWriter"].body[member] for member in ("Resource", "Condition"))
    assert role == SOURCES["logs"]["WriterRoleArn"]
    assert condition == {"StringEquals": {"sts:ExternalId": SOURCES["logs"]["ExternalId"]}}


def test_keys_are_used_through_their_service_only() -> None:
    services = {
        "UseTheStacksKey": {"sqs", "s3"},
        "DecryptTheTrail": {"s3"},
        "DecryptTheSecret": {"secretsmanager", "ssm"},
    }
    found = {**rights("everything"), **rights("another engine")}
    for sid, names in services.items():
        via = found[sid].body["Condition"]["StringEquals"]["kms:ViaService"]
        assert set(via if isinstance(via, list) else [via]) == {f"{name}.{REGION}.amazonaws.com" for name in names}


def test_the_function_reads_no_dead_letter_and_deletes_none() -> None:
    for statement in rights("everything").values():
        if any("dead-letters" in resource for resource in resources(statement)):
            assert statement.list("Action") == ["s3:PutObject"]
    assert not any("GivenUp" in resource for one in rights("everything").values() for resource in resources(one))


def test_in_a_vpc_interfaces_are_made_in_the_named_subnets_and_not_by_the_code() -> None:
    found = rights("everything")
    assert found["MakeInterfacesInTheSubnets"].body["Condition"] == {
        "StringEquals": {"ec2:SubnetID": ["subnet-1", "subnet-2"]}
    }
    assert found["MakeInterfacesOfTheGroups"].body["Condition"] == {"StringEquals": {"ec2:SecurityGroupID": ["sg-1"]}}
    deny = found["NotFromWithin"].body
    assert (deny["Effect"], deny["Action"]) == ("Deny", "ec2:*")
    assert deny["Condition"] == {"ArnLike": {"lambda:SourceFunctionArn": f"arn:aws:lambda:{HERE}:function:*"}}


@pytest.mark.parametrize(
    ("about", "who", "organisation"),
    [
        ("this account", ACCOUNT, None),
        ("accounts", ["111122223333", "444455556666"], None),
        ("an organisation", "*", "o-a1b2c3d4e5"),
        ("accounts of an organisation", ["444455556666"], "o-a1b2c3d4e5"),
    ],
)
def test_the_writer_trusts_functions_of_our_accounts(about: str, who: Any, organisation: str | None) -> None:
    stack = Stack("central", **CENTRES[about])
    [trust] = stack.resources["WriterRole"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"AWS": who}
    assert trust["Condition"]["StringEquals"].get("aws:PrincipalOrgID") == organisation
    assert trust["Condition"]["StringEquals"]["sts:ExternalId"] == CENTRES[about]["ExternalId"]


def test_the_functions_role_has_the_path_that_the_writer_trusts() -> None:
    path = a_stack("source-account", "logs").resources["FunctionRole"]["Path"]
    trusted = a_stack("central", "accounts").resources["WriterRole"]["AssumeRolePolicyDocument"]["Statement"][0]
    assert trusted["Condition"]["ArnLike"]["aws:PrincipalArn"] == f"arn:aws:iam::*:role{path}*"
    assert "Path" not in a_stack("source-account", "a new log group").resources["TrailLogsRole"]


def test_the_writer_creates_and_neither_searches_nor_deletes() -> None:
    stack = a_stack("central", "a new domain")
    bodies = [one for one in stack.statements() if one.sid != "TheAdministratorSetsUp"]
    of_role, of_domain, told = (
        {(action, resource) for one in some for action in one.list("Action") for resource in resources(one)}
        for some in (
            [one for one in bodies if one.resource == "WriterRole"],
            [one for one in bodies if one.resource == "Domain"],
            [Statement("told", body) for body in json.loads(stack.outputs["AccessPolicy"])],
        )
    )
    assert of_role == of_domain == told, "the role, its domain, and what is told for a domain that was there"
    domain = f"arn:aws:es:{HERE}:domain/oddtrail"
    assert of_role == {
        ("es:ESHttpPost", f"{domain}/_bulk"),
        ("es:ESHttpPost", f"{domain}/_mget"),
        ("es:ESHttpPost", f"{domain}/_index_template/_simulate_index/cloudtrail-????.??.??"),
        ("es:ESHttpPut", f"{domain}/cloudtrail-????.??.??"),
        ("es:ESHttpPut", f"{domain}/cloudtrail-quarantine"),
        ("es:ESHttpGet", f"{domain}/"),
    }

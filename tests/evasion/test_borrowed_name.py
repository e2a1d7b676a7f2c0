"""A borrowed name: the victim's, but by another issuer, or on a role that the victim never had."""

from tests.evasion.attack import a_call, as_role, at, from_hosting
from tests.evasion.company import Company
from tests.evasion.neighbours import OKTA, PEOPLE, at_the_office, someone, the_deployer

USUAL = ("ec2:DescribeInstances", "logs:GetLogEvents", "ecs:DescribeServices")


def test_the_victims_name_by_another_issuer(company: Company) -> None:
    """Cost: an OpenID provider that the role trusts as well. It buys no habits: the issuer is part of who it is. From
    the office, doing what the role's people do, a further name of theirs is what it looks like.
    """
    account = company.account
    borrowed = someone(account, PEOPLE[0], issuer="login.evil.example")
    verdict = company.judge([a_call(from_hosting(borrowed), action, at(10 + n)) for n, action in enumerate(USUAL)])
    assert {alert.principal_key for alert in verdict.showing} == {
        f"role/{account}/AROAOKTAENGINEERS0001/login.evil.example/{PEOPLE[0]}"
    }
    change = a_call(borrowed, "iam:CreateAccessKey", at(10), requestParameters={"userName": "portal-broker"})
    trust = a_call(borrowed, "iam:UpdateAssumeRolePolicy", at(10, 5), requestParameters={"roleName": "stack-deployer"})
    assert company.judge([change, trust]).found
    quiet = company.judge([a_call(borrowed, action, at(10 + n)) for n, action in enumerate(USUAL)])
    assert not quiet.found
    print("a borrowed name stays hidden at the office while it does only what the role's people do: no gain")


def test_the_victims_source_identity_on_a_role_it_never_had(company: Company) -> None:
    """Cost: none, whoever assumes a role may set one. It buys nothing: the role is the principal, with its own past."""
    account = company.account
    role = f"arn:aws:iam::{account}:role/stack-deployer"
    borrowed = as_role(at_the_office(account), role, "x", role_id="AROASTACKDEPLOYER0001", key="ASIABORROWED00000000",
                       source=PEOPLE[0])  # fmt: skip
    actions = ("sts:GetCallerIdentity", "iam:ListUsers", "secretsmanager:GetSecretValue", "s3:PutBucketPolicy")
    verdict = company.judge([a_call(borrowed, action, at(10 + n)) for n, action in enumerate(actions)])
    assert {alert.principal_key for alert in verdict.showing} == {f"role/{account}/AROASTACKDEPLOYER0001"}


def test_who_sets_the_victims_source_identity_is_in_its_story(company: Company) -> None:
    """Cost: a role that may assume the people's role, and set their names: the session is then the victim's, habits and
    all. The call that set the name is its opener's, and once the one is told the other is.
    """
    account, opener = company.account, the_deployer(company.account)
    set_name = {"roleArn": f"arn:aws:iam::{account}:role/{OKTA}", "roleSessionName": "x", "sourceIdentity": PEOPLE[0]}
    session = someone(account, PEOPLE[0], key="ASIABORROWED00000001")
    calls = [
        a_call(opener, "sts:AssumeRole", at(9, 50), requestParameters=set_name,
               responseElements={"credentials": {"accessKeyId": "ASIABORROWED00000001"}}),
        a_call(session, "secretsmanager:GetSecretValue", at(10), requestParameters={"secretId": "prod/db"}),
        a_call(session, "iam:AttachRolePolicy", at(10, 5), requestParameters={"roleName": "stack-deployer"}),
    ]  # fmt: skip
    verdict = company.judge(calls)
    assert all(map(verdict.names, calls)), verdict.tell()

"""A fresh name for each visit: nobody knows it, and whoever is new is forgiven much.

What a name within a role does is judged by the role, and what an attacker made is in its maker's story.
"""

import pytest

from tests.evasion.attack import Record, a_call, as_role, as_user, at, from_hosting
from tests.evasion.company import Company, Verdict
from tests.evasion.neighbours import PEOPLE, at_the_office, federated, someone

VISIT = ("sts:GetCallerIdentity", "iam:ListUsers", "s3:ListBuckets", "secretsmanager:ListSecrets",
         "secretsmanager:GetSecretValue")  # fmt: skip


def test_a_fresh_source_identity_for_each_call_from_outside(company: Company) -> None:
    """Cost: the identity provider, to have it name somebody new each time. It buys nothing: the network is new to the
    role, whoever comes from there.
    """
    calls = [a_call(from_hosting(someone(company.account, f"guest{n}@corp.example")), action, at(10 + n))
             for n, action in enumerate(VISIT)]  # fmt: skip
    verdict = company.judge(calls)
    assert verdict.names(calls[-1]), verdict.tell()
    known = company.judge([a_call(from_hosting(someone(company.account, PEOPLE[0])), VISIT[-1], at(14))])
    assert best(verdict) > best(known) - 5  # hiding behind fresh names is worth next to nothing


def best(verdict: Verdict) -> float:
    return max(alert.record_score for alert in verdict.showing)


def test_a_fresh_source_identity_for_each_change_from_the_office(company: Company) -> None:
    """Cost: the provider and the office's network, and a change that others make as well: of five, each under a name of
    its own, only the ones that nobody of the role ever makes are told. The first that is told takes the others with it.
    """
    changes = ("iam:CreateUser", "iam:AttachUserPolicy", "iam:CreateAccessKey", "cloudtrail:StopLogging",
               "s3:PutBucketPolicy")  # fmt: skip
    calls = [a_call(someone(company.account, f"temp{n}@corp.example"), action, at(10 + n))
             for n, action in enumerate(changes)]  # fmt: skip
    verdict = company.judge(calls)
    assert all(map(verdict.names, calls)), verdict.tell()


def test_a_fresh_federation_token_for_each_call(company: Company) -> None:
    """Cost: the federating user's key. The name buys nothing, for the caller of GetFederationToken is the principal."""
    calls = [a_call(from_hosting(federated(company.account, f"x{n}", f"ASIAXX{n:010d}")), action, at(10 + n))
             for n, action in enumerate(VISIT)]  # fmt: skip
    verdict = company.judge(calls)
    assert {alert.principal_key for alert in verdict.showing} == {f"user/{company.account}/AIDAPORTALBROKER00001"}


def test_a_fresh_session_name_for_each_call(company: Company) -> None:
    """Cost: none, the caller of AssumeRole chooses it. It buys nothing: the role is the principal."""
    account = company.account
    calls = [
        a_call(as_role(at_the_office(account), f"arn:aws:iam::{account}:role/stack-deployer", f"n{n}",
                       role_id="AROASTACKDEPLOYER0001", key=f"ASIASTACKDEPLOYER{n:03d}X"), action, at(10 + n))
        for n, action in enumerate(("iam:ListUsers", "secretsmanager:GetSecretValue", "s3:PutBucketPolicy"))
    ]  # fmt: skip
    verdict = company.judge(calls)
    assert verdict.names(calls[-1]), verdict.tell()
    assert {alert.principal_key for alert in verdict.showing} == {f"role/{account}/AROASTACKDEPLOYER0001"}


@pytest.mark.parametrize("kind", ["SAMLUser", "WebIdentityUser"])
def test_a_fresh_subject_for_each_role(company: Company, kind: str) -> None:
    """Cost: a provider that says what the attacker wants. The subject is new each time, and so is nothing of the role
    that it takes: that one is judged by what it ever did.
    """
    account = company.account
    entered = []
    for number, action in enumerate(VISIT):
        like = from_hosting(at_the_office(account))
        name = f"subject-{number}"
        provider = f"arn:aws:iam::{account}:saml-provider/okta" if kind == "SAMLUser" else "login.corp.example"
        like["userIdentity"] = {
            "type": kind, "principalId": f"{provider}:{name}", "userName": name, "identityProvider": provider,
        }  # fmt: skip
        assume = "AssumeRoleWithSAML" if kind == "SAMLUser" else "AssumeRoleWithWebIdentity"
        role = f"arn:aws:iam::{account}:role/stack-deployer"
        entered.append(a_call(like, f"sts:{assume}", at(10 + number), requestParameters={"roleArn": role}))
        session = as_role(at_the_office(account), role, name, role_id="AROASTACKDEPLOYER0001", key=f"ASIA{number:016d}")
        entered.append(a_call(from_hosting(session), action, at(10 + number, 1)))
    verdict = company.judge(entered)
    assert verdict.names(entered[-1]), verdict.tell()


def make_user(maker: Record, account: str) -> list[Record]:
    arn = f"arn:aws:iam::{account}:user/helper"
    made = {"user": {"userName": "helper", "userId": "AIDAHELPER0000000001", "arn": arn}}
    key = {"accessKey": {"userName": "helper", "accessKeyId": "AKIAHELPER0000000001", "status": "Active"}}
    policy = {"userName": "helper", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
    return [
        a_call(maker, "iam:CreateUser", at(9), requestParameters={"userName": "helper"}, responseElements=made),
        a_call(maker, "iam:AttachUserPolicy", at(9, 2), requestParameters=policy),
        a_call(maker, "iam:CreateAccessKey", at(9, 4), requestParameters={"userName": "helper"}, responseElements=key),
    ]


def test_a_user_made_for_the_visit(company: Company) -> None:
    """Cost: the right to make users. What the new user reads is what new users read, and told all the same, in the
    story of whoever made it.
    """
    account = company.account
    helper = as_user(at_the_office(account), "helper", user_id="AIDAHELPER0000000001", key="AKIAHELPER0000000001")
    making = make_user(someone(account, PEOPLE[1]), account)
    using = [a_call(helper, action, at(9, 10 + n)) for n, action in enumerate(VISIT)]
    verdict = company.judge([*making, *using])
    assert verdict.names(making[0]), verdict.tell()
    assert verdict.names(using[-1]), verdict.tell()
    made, used = (next(one for one in verdict.showing if calls[-1]["eventID"] in one.event_ids)
                  for calls in (making, using))  # fmt: skip
    assert made.alert_id in used.related
    assert used.alert_id in made.related
    alone = company.judge(using)
    assert not alone.found  # else this test would not need the maker


def test_a_role_made_for_the_visit(company: Company) -> None:
    """Cost: the right to make roles. As a user."""
    account, maker = company.account, someone(company.account, PEOPLE[1])
    arn, trust = f"arn:aws:iam::{account}:role/helper", '{"Statement": [{"Effect": "Allow", "Principal": "*"}]}'
    helper = as_role(at_the_office(account), arn, "s", role_id="AROAHELPER00000000001", key="ASIAHELPER0000000001")
    made = {"role": {"roleName": "helper", "roleId": "AROAHELPER00000000001", "arn": arn}}
    calls = [
        a_call(maker, "iam:CreateRole", at(9), requestParameters={"roleName": "helper", "assumeRolePolicyDocument":
               trust}, responseElements=made),
        a_call(maker, "iam:AttachRolePolicy", at(9, 2), requestParameters={
            "roleName": "helper", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
        a_call(maker, "sts:AssumeRole", at(9, 4), requestParameters={"roleArn": arn, "roleSessionName": "s"},
               responseElements={"credentials": {"accessKeyId": "ASIAHELPER0000000001"}}),
        *(a_call(helper, action, at(9, 10 + n)) for n, action in enumerate(VISIT)),
    ]  # fmt: skip
    verdict = company.judge(calls)
    assert verdict.names(calls[0]), verdict.tell()
    assert verdict.names(calls[-1]), verdict.tell()


def test_a_role_made_by_who_makes_roles_all_day(company: Company) -> None:
    """Cost: a deployer's credentials, and a role that does nothing but what new roles do. The making is usual, so
    nothing of it is told: what stays is a new role's first day, and it is told once it does something that harms.
    """
    account = company.account
    arn = f"arn:aws:iam::{account}:role/helper"
    helper = as_role(at_the_office(account), arn, "s", role_id="AROAHELPER00000000001", key="ASIAHELPER0000000001")
    using = [a_call(helper, action, at(9, 10 + n)) for n, action in enumerate(VISIT)]
    assert not company.judge(using).found
    harm = a_call(helper, "cloudtrail:StopLogging", at(9, 30), requestParameters={"name": "trail"})
    verdict = company.judge([*using, harm])
    assert verdict.names(harm), verdict.tell()
    print("a new role of a maker who always makes them stays hidden while it only reads: 5 reads, no change")

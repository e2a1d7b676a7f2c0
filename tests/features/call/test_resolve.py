"""Every type of userIdentity, in the order of the user guide's table, and who is never merged with whom."""

from collections.abc import Callable
from random import Random
from types import SimpleNamespace
from typing import Any, get_args

import msgspec
import pytest

from features.call.principal import Kind, Rule
from features.call.resolve import is_contextual, pick_lasting_parts, resolve
from features.call.session import read_session
from features.call.verified import VerifiedNames
from features.record.cloudtrail import UserIdentity
from tests.records import ACCOUNT, OTHER, SSO_ROLE, a_root, a_service, an_assumed_role, an_iam_user, an_sso_person

STORE = "arn:aws:identitystore::111111111111:identitystore/d-1234567890"
GITHUB = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
EKS = f"arn:aws:iam::{ACCOUNT}:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC"
GITHUB_HOST = "token.actions.githubusercontent.com"
GUID = "0a1b2c3d-0000-4000-8000-000000000000"
VERIFIED = VerifiedNames(["verified"])
MFA: dict[str, Any] = {"attributes": {"creationDate": "2025-03-03T08:00:00Z", "mfaAuthenticated": "true"}}


def who(identity: dict[str, Any], source: str = "", account: str = ACCOUNT) -> SimpleNamespace:
    read = msgspec.convert(identity, UserIdentity)
    return SimpleNamespace(**resolve(read, source, account, VERIFIED)._asdict(), **read_session(read)._asdict())


def federated(issuer: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "FederatedUser", "principalId": f"{ACCOUNT}:bob", "accountId": ACCOUNT, "accessKeyId": "ASIAFED",
        "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/bob", "sessionContext": {"sessionIssuer": issuer},
    }  # fmt: skip


def on_behalf(**named: Any) -> dict[str, Any]:
    return {"onBehalfOf": {"userId": "92a7-ana", "identityStoreArn": STORE}, "accountId": ACCOUNT} | named


def pipeline(**federation: Any) -> dict[str, Any]:
    return an_assumed_role("deploy", "GitHubActions", webIdFederationData=federation)


USER_ISSUER = {"type": "IAMUser", "principalId": "AIDABOSS", "arn": f"arn:aws:iam::{ACCOUNT}:user/boss",
               "accountId": ACCOUNT, "userName": "boss"}  # fmt: skip
ROOT_ISSUER = {"type": "Root", "principalId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT}

TABLE: list[tuple[str, str, str, str | None, str, dict[str, Any]]] = [
    # rule, kind, identity, actor, name, userIdentity
    ("root", "root", f"root/{ACCOUNT}", None, f"root of {ACCOUNT}", a_root()),
    ("root", "root", f"root/{ACCOUNT}", None, "acme", a_root(userName="acme")),
    ("root", "root", f"root/{ACCOUNT}", None, f"root of {ACCOUNT}", a_root(invokedBy="signin.amazonaws.com")),
    ("root", "root", f"root/{ACCOUNT}", None, f"root of {ACCOUNT}",
     a_root(invokedBy="cloudformation.amazonaws.com", sessionContext=MFA)),
    ("service_as_root", "aws_service", "svc/support.amazonaws.com", None, "support.amazonaws.com",
     a_root(invokedBy="support.amazonaws.com")),
    ("service_as_root", "aws_service", "svc/AWS Internal", None, "AWS Internal", a_root(invokedBy="AWS Internal")),
    ("assumed_root", "root", f"root/{ACCOUNT}/assumed", None, f"root of {ACCOUNT} by AssumeRoot",
     a_root(accessKeyId="ASIAROOT", sessionContext={"assumedRoot": "true"})),
    ("iam_user", "human", f"user/{ACCOUNT}/AIDAANA", None, "ana", an_iam_user("ana")),
    ("iam_user", "human", f"user/{ACCOUNT}/AIDASVC-BACKUP", None, "svc-backup",
     an_iam_user("svc-backup", sessionContext=MFA)),
    ("iam_user_of_a_machine", "workload", f"user/{ACCOUNT}/AIDASVC-BACKUP", None, "svc-backup",
     an_iam_user("svc-backup")),
    ("iam_user_without_id", "anonymous", f"unknown/{ACCOUNT}", None, "unknown user",
     {"type": "IAMUser", "principalId": "", "accountId": ACCOUNT, "userName": "HIDDEN_DUE_TO_SECURITY_REASONS"}),
    ("iam_user_without_id", "anonymous", f"user/{ACCOUNT}/name:nobody", None, "nobody",
     {"type": "IAMUser", "accountId": ACCOUNT, "userName": "nobody"}),
    ("workload_session", "workload", f"role/{ACCOUNT}/AROAAPP", None, "app", an_assumed_role("app")),
    ("workload_session", "workload", f"role/{ACCOUNT}/AROAAPP", None, "app",
     an_assumed_role("app", "botocore-session-1740992400")),
    ("role", "workload", f"role/{ACCOUNT}/AROAAPP", None, "app", an_assumed_role("app", "web")),
    ("email_session", "human", f"role/{ACCOUNT}/AROAREADER", None, "reader",
     an_assumed_role("reader", "ana@example.com")),
    ("mfa_session", "human", f"role/{ACCOUNT}/AROAREADER", None, "reader", an_assumed_role("reader", "ana", **MFA)),
    ("peoples_role", "human", f"role/{ACCOUNT}/AROAOKTA-ADMIN", None, "okta-admin",
     an_assumed_role("okta-admin", "ana")),
    ("runner", "ci", f"role/{ACCOUNT}/AROADEPLOY", None, "deploy", an_assumed_role("deploy", "gitlab-runner-42")),
    ("identity_center", "human", f"role/{ACCOUNT}/AROA{SSO_ROLE.upper()[:16]}", "idc/ana@example.com",
     "ana@example.com", an_sso_person()),
    ("on_behalf_of", "human", f"role/{ACCOUNT}/AROAREDSHIFT", f"idc/{STORE}/92a7-ana", "92a7-ana",
     an_assumed_role("redshift", "x") | on_behalf()),
    ("source_identity", "human", f"role/{ACCOUNT}/AROAOKTA-READER", f"role/{ACCOUNT}/AROAOKTA-READER/ana", "ana",
     an_assumed_role("okta-reader", "whatever", sourceIdentity="ana")),
    ("source_identity", "ci", f"role/{ACCOUNT}/AROASAMLREADER", f"role/{ACCOUNT}/AROASAMLREADER/deploy-bot",
     "deploy-bot", an_assumed_role("SAMLReader", "whatever", sourceIdentity="deploy-bot")),
    ("source_identity", "human", f"role/{ACCOUNT}/AROAAPP", f"role/{ACCOUNT}/AROAAPP/login.example/ana", "ana",
     an_assumed_role("app", "web", sourceIdentity="ana", webIdFederationData={
         "federatedProvider": f"arn:aws:iam::{ACCOUNT}:oidc-provider/login.example", "attributes": {}})),
    ("claimed_identity", "human", f"role/{ACCOUNT}/AROAREADER", None, "reader",
     an_assumed_role("reader", "whatever", sourceIdentity="ana")),
    ("claimed_identity", "ci", f"role/{ACCOUNT}/AROAREADER", None, "reader",
     an_assumed_role("reader", "whatever", sourceIdentity="deploy-bot")),
    ("roles_anywhere", "workload", f"role/{ACCOUNT}/AROARA-ROLE", None, "ra-role",
     an_assumed_role("ra-role", "6a1f3c2b9d4e5f60718293a4b5c6d7e8", sourceIdentity="CN=build-host-1")),
    ("verified_session", "human", f"role/{ACCOUNT}/AROAVERIFIED", f"role/{ACCOUNT}/AROAVERIFIED/ana", "ana",
     an_assumed_role("verified", "ana")),
    ("verified_session", "ci", f"role/{ACCOUNT}/AROAVERIFIED", f"role/{ACCOUNT}/AROAVERIFIED/svc-build", "svc-build",
     an_assumed_role("verified", "svc-build")),
    ("verified_session", "human", f"user/{ACCOUNT}/AIDABROKER", f"user/{ACCOUNT}/AIDABROKER/bob", "bob",
     federated(USER_ISSUER | {"principalId": "AIDABROKER", "userName": "verified"})),
    ("oidc_pipeline", "ci", f"role/{ACCOUNT}/AROADEPLOY", None, "deploy",
     pipeline(federatedProvider=GITHUB, attributes={})),
    ("oidc_pipeline", "ci", f"role/{ACCOUNT}/AROADEPLOY", f"role/{ACCOUNT}/AROADEPLOY/{GITHUB_HOST}/acme/shop",
     "acme/shop",
     pipeline(federatedProvider=GITHUB,
              attributes={"token.actions.githubusercontent.com:sub": "repo:acme/shop:ref:refs/heads/main"})),
    ("web_identity_session", "external", f"role/{ACCOUNT}/AROAAPP", None, "app",
     an_assumed_role("app", "CognitoIdentityCredentials",
                     webIdFederationData={"federatedProvider": "cognito-identity.amazonaws.com",
                                          "attributes": {"cognito-identity.amazonaws.com:sub": f"eu-west-1:{GUID}"}})),
    ("oidc_workload", "workload", f"role/{ACCOUNT}/AROADEPLOY", None, "deploy", pipeline(federatedProvider=EKS)),
    ("service_linked_role", "aws_service", f"role/{ACCOUNT}/AROAAWSSERVICEROLEFO", None, "AWSServiceRoleForAutoScaling",
     an_assumed_role("AWSServiceRoleForAutoScaling", "AutoScaling",
                     arn=f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/autoscaling.amazonaws.com/"
                         "AWSServiceRoleForAutoScaling")),
    ("role", "workload", f"role/{ACCOUNT}/AROADIRECT", None, "direct",
     {"type": "Role", "principalId": "AROADIRECT", "arn": f"arn:aws:iam::{ACCOUNT}:role/a/b/direct",
      "accountId": ACCOUNT}),
    ("federated_user", "human", f"user/{ACCOUNT}/AIDABOSS", None, "boss", federated(USER_ISSUER)),
    ("federated_user", "workload", f"user/{ACCOUNT}/AIDABOSS", None, "svc-broker",
     federated(USER_ISSUER | {"userName": "svc-broker"})),
    ("federated_user", "root", f"root/{ACCOUNT}", None, f"root of {ACCOUNT}", federated(ROOT_ISSUER)),
    ("federated_user", "human", f"fed/{ACCOUNT}", None, f"federated users of {ACCOUNT}", federated({})),
    ("saml_user", "human", "saml/qua_lifier=/ana", None, "ana",
     {"type": "SAMLUser", "principalId": "qua/lifier=:ana", "userName": "ana", "identityProvider": "qua/lifier="}),
    ("saml_user", "human", f"saml/{ACCOUNT}/Okta/ana", None, "ana",
     {"type": "SAMLUser", "principalId": "qualifier=:ana", "userName": "ana",
      "identityProvider": f"arn:aws:iam::{ACCOUNT}:saml-provider/Okta"}),
    ("web_identity_pipeline", "ci", "oidc/token.actions.githubusercontent.com/acme/shop", None, "acme/shop",
     {"type": "WebIdentityUser", "principalId": f"{GITHUB}:sts.amazonaws.com:repo:acme/shop:ref:refs/heads/main",
      "userName": "repo:acme/shop:ref:refs/heads/main", "identityProvider": GITHUB}),
    ("web_identity_workload", "workload",
     "oidc/oidc.eks.eu-west-1.amazonaws.com/id/ABC/system:serviceaccount:shop:api", None,
     "system:serviceaccount:shop:api",
     {"type": "WebIdentityUser", "principalId": f"{EKS}:sts.amazonaws.com:system:serviceaccount:shop:api",
      "userName": "system:serviceaccount:shop:api", "identityProvider": EKS}),
    ("web_identity_user", "external", f"oidc/cognito-identity.amazonaws.com/eu-west-1:{GUID}", None,
     f"eu-west-1:{GUID}",
     {"type": "WebIdentityUser", "identityProvider": "cognito-identity.amazonaws.com", "userName": "eu-west-1:fresh",
      "principalId": f"cognito-identity.amazonaws.com:eu-west-1:{GUID}:eu-west-1:fresh"}),
    ("web_identity_user", "external", "oidc/graph.facebook.com/1234", None, "1234",
     {"type": "WebIdentityUser", "principalId": "graph.facebook.com:app:1234", "userName": "1234",
      "identityProvider": "graph.facebook.com"}),
    ("identity_center_user", "human", f"idc/{STORE}/92a7-ana", None, "92a7-ana",
     on_behalf(type="IdentityCenterUser", credentialId="c")),
    ("identity_center_user", "human", f"idc/{STORE}/92a7-ana", None, "92a7-ana", on_behalf(type="Unknown")),
    ("identity_center_user", "human", f"idc/{ACCOUNT}/92a7", None, "ana",
     {"type": "IdentityCenterUser", "principalId": "92a7", "userName": "ana", "accountId": ACCOUNT}),
    ("other_account", "external", f"xacct/{OTHER}/AROAFAR", None, f"AROAFAR of {OTHER}",
     {"type": "AWSAccount", "principalId": "AROAFAR:session", "accountId": OTHER}),
    ("anonymous", "anonymous", f"anonymous/{ACCOUNT}", None, "anonymous",
     {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}),
    ("aws_service", "aws_service", "svc/ec2.amazonaws.com", None, "ec2.amazonaws.com", a_service()),
    ("directory", "human", f"dir/{ACCOUNT}/ana", None, "ana",
     {"type": "Directory", "userName": "ana", "accountId": ACCOUNT}),
    ("unknown", "anonymous", f"unknown/{ACCOUNT}", None, "ana",
     {"type": "Unknown", "principalId": "92a7", "userName": "ana", "accountId": ACCOUNT}),
    ("unknown", "anonymous", f"unknown/{ACCOUNT}/AXYZ", None, "unknown",
     {"type": "NewType", "principalId": "AXYZ:s", "accountId": ACCOUNT}),
    ("no_identity", "aws_service", "svc/kms.amazonaws.com", None, "kms.amazonaws.com", {}),
    ("no_identity", "aws_service", "svc/rds.amazonaws.com", None, "rds.amazonaws.com",
     {"invokedBy": "rds.amazonaws.com", "accountId": ACCOUNT}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "kind", "identity", "actor", "name", "caller"), TABLE, ids=[f"{row[0]}-{row[2]}" for row in TABLE]
)
def test_the_table(rule: str, kind: str, identity: str, actor: str | None, name: str, caller: dict[str, Any]) -> None:
    found = who(caller, "kms.amazonaws.com")
    assert (found.rule, found.kind, found.identity, found.actor, found.principal_name) == (
        rule, kind, identity, actor, name,
    )  # fmt: skip
    assert found.principal == (actor or identity)


def test_every_rule_and_every_kind_is_tested() -> None:
    by_address = {"unnamed", "service_role_elsewhere"}  # in test_sender.py
    assert {row[0] for row in TABLE} | by_address == set(get_args(Rule))
    assert {row[1] for row in TABLE} == set(get_args(Kind))


def test_a_person_behind_identity_center_is_one_principal_across_accounts_and_permission_sets() -> None:
    other_role = "AWSReservedSSO_ReadOnly_fedcba9876543210"
    assert who(an_sso_person()).principal == who(an_sso_person(account=OTHER, role=other_role)).principal
    assert who(an_sso_person()).identity != who(an_sso_person(account=OTHER)).identity
    assert [who(an_sso_person()).permission_set, who(an_sso_person(role=other_role)).permission_set] == [
        "Developer", "ReadOnly",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:iam::{ACCOUNT}:role/{SSO_ROLE}",
        f"arn:aws:iam::{ACCOUNT}:role/mine/aws-reserved/sso.amazonaws.com/{SSO_ROLE}",
        f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com.evil/{SSO_ROLE}",
        f"arn:aws:iam::{ACCOUNT}:role/a/b/aws-reserved/sso.amazonaws.com/eu-west-1/{SSO_ROLE}",
    ],
)
def test_a_role_that_is_only_named_like_identity_centers_lends_nobodys_history(arn: str) -> None:
    thief = who(an_assumed_role(SSO_ROLE, "ana@example.com", arn=arn))
    assert thief.principal == thief.identity != who(an_sso_person()).principal
    assert thief.permission_set == ""


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_identity_center_is_known_in_every_partition(partition: str) -> None:
    arn = f"arn:{partition}:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/{SSO_ROLE}"
    assert who(an_assumed_role(SSO_ROLE, "ana", arn=arn)).principal == "idc/ana"


@pytest.mark.parametrize("chosen", [{"session": "ana@example.com"}, {"sourceIdentity": "ana@example.com"}])
def test_names_that_a_caller_chooses_never_leave_their_role(chosen: dict[str, str]) -> None:
    here, there = who(an_assumed_role("one", **chosen)), who(an_assumed_role("two", **chosen))
    far = who(an_assumed_role("one", account=OTHER, **chosen))
    assert len({here.principal, there.principal, far.principal, who(an_sso_person()).principal}) == 4
    assert here.principal == here.identity


CHOSEN = {
    "source identity": lambda name: an_assumed_role("shared", "s", sourceIdentity=name),
    "session": lambda name: an_assumed_role("shared", name),
    "session of a role for people": lambda name: an_assumed_role("okta-admin", name),
    "both": lambda name: an_assumed_role("shared", name, sourceIdentity=name),
    "source identity of a caller with a second factor": lambda name: an_assumed_role(
        "okta-admin", "s", sourceIdentity=name, **MFA
    ),
    "federation token": lambda name: federated(USER_ISSUER)
    | {"principalId": f"{ACCOUNT}:{name}", "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/{name}"},
    "federation token of root": lambda name: federated(ROOT_ISSUER)
    | {"principalId": f"{ACCOUNT}:{name}", "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/{name}"},
    "federation token of nobody known": lambda name: federated({})
    | {"principalId": f"{ACCOUNT}:{name}", "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/{name}"},
    "certificate": lambda name: an_assumed_role("ra", "6a1f3c2b9d4e5f60", sourceIdentity=f"CN={name}"),
    "guest of an application": lambda name: {
        "type": "WebIdentityUser", "identityProvider": "cognito-identity.amazonaws.com", "userName": name,
        "principalId": f"cognito-identity.amazonaws.com:eu-west-1:{GUID}:{name}",
    },
    "role of another account": lambda name: {
        "type": "AWSAccount", "accountId": OTHER, "principalId": f"AROAFAR:{name}",
    },
}  # fmt: skip


@pytest.mark.parametrize("made", CHOSEN.values(), ids=CHOSEN)
def test_a_fresh_name_for_each_call_is_no_fresh_principal(made: Callable[[str], dict[str, Any]]) -> None:
    assert len({who(made(name)).principal for name in ("ana@example.com", "fresh-1", "fresh-2")}) == 1


def test_who_an_identity_provider_names_in_a_role_of_its_own_is_told_apart() -> None:
    maria, nora = (
        who(an_assumed_role("okta-admin", name, sourceIdentity=name))
        for name in ("maria@example.com", "nora@example.com")
    )
    assert maria.principal != nora.principal
    assert maria.identity == nora.identity
    far = who(an_assumed_role("okta-admin", "maria@example.com", account=OTHER, sourceIdentity="maria@example.com"))
    assert far.principal != maria.principal


def test_a_subject_is_somebody_else_where_another_issuer_vouches_for_it() -> None:
    subject = "repo:acme/shop:ref:refs/heads/main"
    hosts = (GITHUB_HOST, "gitlab.example", f"{GITHUB_HOST}.example", f"gitlab.example/{GITHUB_HOST}")
    providers = [f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}" for host in hosts]
    in_roles = {
        who(pipeline(federatedProvider=provider, attributes={f"{host}:sub": subject})).principal
        for provider, host in zip(providers, hosts, strict=True)
    }
    assert len(in_roles) == len(hosts)
    asking = {
        who({"type": "WebIdentityUser", "identityProvider": provider, "userName": subject}).principal
        for provider in providers
    }
    assert len(asking) == len(hosts)


def test_a_provider_of_the_same_name_in_another_account_is_another() -> None:
    asking = {"type": "SAMLUser", "userName": "ana"}
    assert (
        len(
            {
                who(asking | {"identityProvider": f"arn:aws:iam::{account}:saml-provider/Okta"}).principal
                for account in (ACCOUNT, OTHER)
            }
        )
        == 2
    )


SESSIONS = [
    "botocore-session-1791964800", "aws-go-sdk-1791964800000000000", "1791964800123456789", "terraform", "gitlab",
    "20261014T080000", "i-0aa11bb22cc33dd44", "0" * 32, "eks-node", "ana@example.com", "web", "AutoScaling",
    "deadbeef01", "0a1b2c3d-0000-4000-8000-000000000000", "GitHubActions", "CN=x", "lambda",
]  # fmt: skip


@pytest.mark.parametrize("role", ["Administrator", "billing-sync", "my-lambda-role", "verified", "deploy"])
@pytest.mark.parametrize("session", SESSIONS)
@pytest.mark.parametrize("source", ["", "ana", "deploy-bot", "CN=host"])
def test_a_second_factor_makes_a_person_whatever_the_session_is_called(session: str, role: str, source: str) -> None:
    assert who(an_assumed_role(role, session, sourceIdentity=source, **MFA)).kind == "human"


def test_an_old_sign_in_to_identity_center_names_its_user() -> None:
    def signing_in(name: str, source: str = "sso.amazonaws.com") -> SimpleNamespace:
        return who({"type": "Unknown", "principalId": ACCOUNT, "accountId": ACCOUNT, "userName": name}, source)

    ana = signing_in("ana@example.com")
    assert (ana.kind, ana.rule, ana.principal_name) == ("human", "identity_center_user", "ana@example.com")
    assert ana.principal == signing_in("ana@example.com", "signin.amazonaws.com").principal
    assert ana.principal != signing_in("bob@example.com").principal
    assert ana.principal != who(an_sso_person("ana@example.com")).principal, "it is only what somebody typed"
    assert signing_in("ana@example.com", "kms.amazonaws.com").kind == "anonymous"
    assert signing_in("HIDDEN_DUE_TO_SECURITY_REASONS").principal == f"unknown/{ACCOUNT}"


def test_sessions_of_a_role_are_one_principal_whatever_they_are_called() -> None:
    names = ["i-0123456789abcdef0", "ana", "ana@example.com", "run-4711", "0" * 32, "x" * 64]
    assert len({who(an_assumed_role("build", name)).principal for name in names}) == 1


def test_a_user_name_that_is_used_again_is_somebody_else() -> None:
    assert who(an_iam_user("ana")).principal != who(an_iam_user("ana", principalId="AIDALATER")).principal


def test_a_role_without_its_issuer_is_named_from_the_session() -> None:
    found = who(an_assumed_role("app", "web") | {"sessionContext": {}})
    assert (found.identity, found.identity_arn, found.identity_name) == (
        f"role/{ACCOUNT}/AROAAPP", f"arn:aws:iam::{ACCOUNT}:role/app", "app",
    )  # fmt: skip


def test_the_identity_shows_the_role_with_its_path() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/teams/shop/app"
    found = who(an_assumed_role("app", arn=arn))
    assert (found.identity_arn, found.identity_name, found.identity_account) == (arn, "app", ACCOUNT)


def test_who_works_for_a_service_is_still_themself() -> None:
    found = who(an_iam_user() | {"invokedBy": "cloudformation.amazonaws.com"})
    assert (found.principal, found.invoked_by) == (f"user/{ACCOUNT}/AIDAANA", "cloudformation.amazonaws.com")


def test_a_function_is_known_by_what_its_credential_was_issued_to() -> None:
    scope = {
        "issuerType": "AWS::Lambda::Function",
        "credentialsIssuedTo": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f",
    }
    assert who(an_assumed_role("shared", "f") | {"inScopeOf": scope}).session_class == "lambda"


def test_names_are_bounded() -> None:
    found, other = (who(an_sso_person("x" * 100_000 + last)) for last in "ab")
    assert found.principal != other.principal, "named alike as far as names are kept, and not the same"
    assert found.session_name == other.session_name
    assert max(len(value) for value in vars(found).values() if isinstance(value, str)) <= 512


@pytest.mark.parametrize("caller", [row[-1] for row in TABLE], ids=[f"{row[0]}-{row[2]}" for row in TABLE])
def test_who_is_behind_a_session_depends_on_nothing_that_a_session_changes(caller: dict[str, Any]) -> None:
    context = caller.get("sessionContext", {})
    attributes = context.get("attributes", {}) | {"creationDate": "2025-03-03T20:00:00Z"}
    later = caller | {"accessKeyId": "ASIALATER", "credentialId": "later"}
    later["sessionContext"] = context | {"attributes": attributes, "ec2RoleDelivery": "2.0"}
    now, then = msgspec.convert(caller, UserIdentity), msgspec.convert(later, UserIdentity)
    assert pick_lasting_parts(now, VERIFIED) == pick_lasting_parts(then, VERIFIED)
    assert resolve(now, "", ACCOUNT, VERIFIED) == resolve(then, "", ACCOUNT, VERIFIED)
    first, second = (read_session(identity).session for identity in (now, then))
    assert first != second == "ASIALATER/2025-03-03T20:00:00Z"


ISSUERS: dict[str, list[str | None]] = {
    "type": ["Role"],
    "userName": ["app", SSO_ROLE, "okta-admin", "verified", None],
    "principalId": ["AROAAPP", "AROAOTHER", None],
    "accountId": [ACCOUNT, OTHER, None],
    "arn": [
        f"arn:aws:iam::{ACCOUNT}:role/app",
        f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/{SSO_ROLE}",
        f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/ec2.amazonaws.com/app",
        None,
    ],
}
NAMES = ["i-0abc12345678def90", "i-1234abcd", "ana@example.com", "bob@example.com", "web", "jenkins", ""]


def an_assumed_role_of_any_kind(choice: Random) -> UserIdentity:
    role, key, name = choice.choice(["app", "other"]), choice.choice(["AROAAPP", "AROAOTHER"]), choice.choice(NAMES)
    issuer = {field: value for field, values in ISSUERS.items() if (value := choice.choice(values)) is not None}
    attributes = {"mfaAuthenticated": choice.choice(["true", "false"])}
    context = {"sessionIssuer": issuer, "attributes": attributes, "sourceIdentity": choice.choice(["", "", "ana"])}
    account = choice.choice([ACCOUNT, OTHER])
    arn = f"arn:aws:sts::{account}:assumed-role/{role}/{name}"
    written = {"type": "AssumedRole", "principalId": f"{key}:{name}", "accountId": account, "arn": arn}
    return msgspec.convert(written | {"sessionContext": context}, UserIdentity)


def test_sessions_with_the_same_lasting_parts_are_the_same_principal() -> None:
    choice, found = Random(5), {}
    for _ in range(20_000):
        identity = an_assumed_role_of_any_kind(choice)
        principal = resolve(identity, "", ACCOUNT, VERIFIED)
        assert found.setdefault(pick_lasting_parts(identity, VERIFIED), principal) == principal
    assert len(set(found.values())) < len(found) < 17_000


@pytest.mark.parametrize("caller", [row[-1] for row in TABLE], ids=[f"{row[0]}-{row[2]}" for row in TABLE])
def test_an_answer_that_depends_on_the_record_is_known_to_do_so(caller: dict[str, Any]) -> None:
    identity = msgspec.convert(caller, UserIdentity)
    here, there = resolve(identity, "kms.amazonaws.com", ACCOUNT), resolve(identity, "ec2.amazonaws.com", OTHER)
    assert is_contextual(identity) or here.principal == there.principal

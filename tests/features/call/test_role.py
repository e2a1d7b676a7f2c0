"""Sessions of roles: what tells a person, a pipeline or a machine. Who is behind them is in test_resolve.py."""

from typing import Any

import msgspec
import pytest

from features.call.principal import Principal
from features.call.role import pick_lasting_parts_of_role, resolve_role
from features.call.verified import NONE_VERIFIED, VerifiedNames
from features.record.cloudtrail import UserIdentity
from tests.records import ACCOUNT, an_assumed_role, an_iam_user, an_sso_person


def read(identity: dict[str, Any]) -> UserIdentity:
    return msgspec.convert(identity, UserIdentity)


def resolved(identity: dict[str, Any], *verified: str) -> Principal:
    return resolve_role(read(identity), ACCOUNT, "aws", VerifiedNames(verified))


@pytest.mark.parametrize("pattern", ["okta-admin", "okta-*", f"arn:aws:iam::{ACCOUNT}:role/okta-admin", "*"])
def test_people_behind_a_role_that_settings_name_are_told_apart(pattern: str) -> None:
    maria, nora = (
        resolved(an_assumed_role("okta-admin", name), pattern) for name in ("maria@x.example", "nora@x.example")
    )
    assert [maria.rule, maria.kind, maria.principal_name] == ["verified_session", "human", "maria@x.example"]
    assert maria.principal != nora.principal
    assert maria.identity == nora.identity


@pytest.mark.parametrize("pattern", ["okta", "okta-admin-*", "arn:aws:iam::222222222222:role/okta-admin", ""])
def test_people_behind_another_role_stay_that_role(pattern: str) -> None:
    names = ("maria@x.example", "nora@x.example")
    assert len({resolved(an_assumed_role("okta-admin", name), pattern).principal for name in names}) == 1


def test_identity_center_names_its_people_whatever_settings_say() -> None:
    assert resolved(an_sso_person(), "*") == resolved(an_sso_person())


@pytest.mark.parametrize(
    ("source_identity", "rule", "kind"),
    [
        ("CN=build-host-1", "roles_anywhere", "workload"),
        ("CN=host.example.com,OU=x", "roles_anywhere", "workload"),
        ("UID=host", "roles_anywhere", "workload"),
        ("ana", "claimed_identity", "human"),
        ("ana=b", "claimed_identity", "human"),
        ("svc-build", "claimed_identity", "ci"),
    ],
)
def test_a_certificate_is_a_machines(source_identity: str, rule: str, kind: str) -> None:
    found = resolved(an_assumed_role("ra-role", "6a1f3c2b9d4e5f60718293a4b5c6d7e8", sourceIdentity=source_identity))
    assert (found.rule, found.kind, found.principal) == (rule, kind, found.identity)


def test_a_session_is_remembered_by_its_name_only_where_the_name_tells_who_it_is() -> None:
    def lasting(name: str, verified: VerifiedNames) -> tuple[str, ...] | None:
        return pick_lasting_parts_of_role(read(an_assumed_role("okta-admin", name)), verified)

    assert lasting("ana", NONE_VERIFIED) == lasting("bob", NONE_VERIFIED) == ("named", "")
    assert lasting("ana", VerifiedNames(["okta-*"])) == ("named", "ana")
    assert pick_lasting_parts_of_role(read(an_sso_person("ana")), NONE_VERIFIED) == ("named", "ana")
    assert pick_lasting_parts_of_role(read(an_iam_user()), NONE_VERIFIED) is None


def test_what_two_issuers_call_alike_is_two_people_of_one_role() -> None:
    def through(issuer: str) -> Principal:
        data = {"federatedProvider": f"arn:aws:iam::111111111111:oidc-provider/{issuer}"} if issuer else {}
        return resolved(an_assumed_role("okta-admin", "x", sourceIdentity="ana", webIdFederationData=data))

    saml, own, other = map(through, ("", "login.example", "login.example.evil"))
    assert len({saml.principal, own.principal, other.principal}) == 3
    assert saml.identity == own.identity == other.identity
    assert {saml.rule, own.rule, other.rule} == {"source_identity"}

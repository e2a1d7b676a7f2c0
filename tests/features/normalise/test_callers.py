"""Who called, as whole records say it: each row is a record with one thing to see in it, and what its columns hold."""

from typing import Any

import pytest

from tests.records import ACCOUNT, OTHER, a_record, a_root, an_assumed_role, an_iam_user, event_of

MFA = {"attributes": {"creationDate": "2026-10-14T06:00:00Z", "mfaAuthenticated": "true"}}
STORE = f"arn:aws:identitystore::{ACCOUNT}:identitystore/d-99aa00bb11"


def columns_of(identity: Any, **named: Any) -> dict[str, Any]:
    return event_of(a_record(userIdentity=identity, **named))


def signed_in(identity: dict[str, Any], used: str) -> dict[str, Any]:
    return columns_of(
        identity, eventSource="signin.amazonaws.com", eventName="ConsoleLogin", eventType="AwsConsoleSignIn",
        additionalEventData={"MobileVersion": "No", "MFAUsed": used}, responseElements={"ConsoleLogin": "Success"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("identity", "used", "mfa"),
    [
        (an_assumed_role("ops", "nell", **MFA), "No", True),
        (an_assumed_role("ops", "nell"), "No", None),  # AWS did not ask
        (an_assumed_role("ops", "nell", attributes={}), "No", None),
        (an_assumed_role("ops", "nell"), "Yes", True),
        (an_iam_user(), "No", False),
        (an_iam_user(), "Yes", True),
        (a_root(), "No", False),
        (a_root(), "Yes", True),
    ],
)
def test_only_who_signs_in_at_aws_is_known_to_have_no_second_factor(
    identity: dict[str, Any], used: str, mfa: bool | None
) -> None:
    assert signed_in(identity, used)["mfa"] is mfa


@pytest.mark.parametrize(
    ("identity", "session"),
    [
        (an_iam_user(accessKeyId="", credentialId="ACCA5QX7EXAMPLE00001"), "ACCA5QX7EXAMPLE00001"),
        (
            {
                "type": "IdentityCenterUser", "accountId": ACCOUNT, "credentialId": "cred-77f0",
                "onBehalfOf": {"userId": "c0ffee11", "identityStoreArn": STORE},
            },
            "cred-77f0",
        ),
        (an_iam_user(credentialId="ACCA5QX7EXAMPLE00001"), "AKIAIOSFODNN7EXAMPLE"),
    ],
)  # fmt: skip
def test_a_credential_without_access_key_is_named_by_its_id(identity: dict[str, Any], session: str) -> None:
    assert columns_of(identity)["session"] == session


def asked_by(qualifier: str) -> str:
    name = "nell.varga@example.org"
    identity = {
        "type": "SAMLUser",
        "principalId": f"{qualifier}:{name}",
        "userName": name,
        "identityProvider": qualifier,
    }
    row = columns_of(identity, eventSource="sts.amazonaws.com", eventName="AssumeRoleWithSAML")
    return str(row["principal"])


def test_a_saml_qualifier_is_told_as_a_whole() -> None:
    one, other = "Xy+/0aBcDeFgHiJkLmNoPqRsTuV=", "Zw9/0aBcDeFgHiJkLmNoPqRsTuV="
    assert asked_by(one) == asked_by(one) != asked_by(other)


def test_a_task_of_assume_root_is_not_the_root_users() -> None:
    for told in ("true", True):
        row = columns_of(a_root(accessKeyId="ASIAROOT", sessionContext={"assumedRoot": told}))
        assert (row["rule"], row["kind"], row["principal"]) == ("assumed_root", "root", f"root/{ACCOUNT}/assumed")
        assert "repaired" not in row["flags"]
    assert columns_of(a_root(sessionContext={"assumedRoot": "false"}))["principal"] == f"root/{ACCOUNT}"


def test_sessions_that_people_open_by_hand_are_told_apart_by_a_column() -> None:
    names = ("maria.lopez@example.com", "nora.berg@example.com")
    rows = [columns_of(an_assumed_role("okta-admin", name)) for name in names]
    assert [row["session_name"] for row in rows] == list(names)
    assert rows[0]["principal"] == rows[1]["principal"], "nobody vouches for the names"


@pytest.mark.parametrize(
    "identity",
    [
        {"type": "AWSAccount", "principalId": "AROAFAR:x", "accountId": OTHER},
        {"type": "AWSAccount", "principalId": "", "accountId": OTHER},
        {"type": "Directory", "userName": "ana", "accountId": ACCOUNT},
        {"type": "Unknown", "principalId": "Anonymous"},
        {"type": "AWSService", "invokedBy": "ec2.amazonaws.com"},
        {"type": "SAMLUser"},
        {"type": "WebIdentityUser"},
        {"type": "FederatedUser"},
        {"type": "IdentityCenterUser"},
        {"type": "AssumedRole"},
        {"type": "Root"},
    ],
)
def test_a_caller_of_whom_little_is_said_is_somebody_all_the_same(identity: dict[str, Any]) -> None:
    row = columns_of(identity)
    assert row["principal"]
    assert row["kind"]
    assert row["identity_type"] == identity["type"]

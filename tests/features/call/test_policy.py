"""Statements of policies, odd ones included."""

from typing import Any

import pytest

from features.call.policy import find_openings, is_policy


@pytest.mark.parametrize(
    "document",
    [
        {"Statement": []},
        {"Statement": [None, 1, "x", {}]},
        {"Statement": {"Effect": None}},
        {"Statement": [{"Effect": "Allow"}]},
        {"Statement": {"Effect": "Allow", "Principal": 1}},
        {"Statement": {"Effect": "Allow", "Action": {"a": 1}, "Resource": None}},
    ],
)
def test_odd_documents_open_nothing(document: dict[str, Any]) -> None:
    assert list(find_openings(document)) == []


@pytest.mark.parametrize(
    ("value", "policy"),
    [
        ({"Statement": []}, True),
        ({"Statement": {}}, True),
        ({"Statement": "x"}, False),
        ({}, False),
        ([], False),
        (None, False),
    ],
)
def test_policies(value: Any, policy: bool) -> None:
    assert is_policy(value) is policy


@pytest.mark.parametrize(
    "condition",
    [
        {"StringNotEquals": {"aws:SourceAccount": "1"}},
        {"StringEqualsIfExists": {"aws:SourceAccount": "1"}},
        {"StringLike": {"aws:PrincipalArn": "*"}},
        {"Bool": {"aws:SecureTransport": "true"}},
        {"StringEquals": "aws:SourceAccount"},
        [],
        None,
        1,
    ],
)
def test_conditions_that_tie_nobody(condition: Any) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Condition": condition}
    assert list(find_openings({"Statement": statement})) == ["principal:*"]


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket"}},
        {"StringEquals": {"AWS:SourceVpce": ["vpce-1"]}},
        {"IpAddress": {"aws:SourceIp": ["192.0.2.0/24"]}},
    ],
)
def test_conditions_that_tie_a_wildcard_to_somebody(condition: Any) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "*", "Condition": condition}
    assert list(find_openings({"Statement": statement})) == []


@pytest.mark.parametrize(
    ("principal", "tokens"),
    [
        ("*", ["principal:*"]),
        ({"AWS": ["111111111111", "*"]}, ["account:111111111111", "principal:*"]),
        ({"AWS": 111111111111}, ["account:111111111111"]),
        ({"AWS": "arn:aws:iam::*:role/deploy"}, ["principal:*"]),
        ({"*": "*"}, ["principal:*"]),
        ({"Federated": "*"}, ["principal:*"]),
        ({"Service": "s3.amazonaws.com"}, []),
        ({"CanonicalUser": "0123abcd"}, ["grantee:0123abcd"]),
        ({"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}, []),
    ],
)
def test_principals(principal: Any, tokens: list[str]) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*"}
    assert list(find_openings({"Statement": [statement]})) == tokens
    lowered = {"statement": [{name.lower(): value for name, value in statement.items()}]}
    assert list(find_openings(lowered)) == tokens


ALLOW = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
DENY = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}
NOT_OURS = {"StringNotEquals": {"aws:PrincipalOrgID": "o-exampleorg"}}


@pytest.mark.parametrize(
    ("denial", "tokens"),
    [
        (DENY | {"Condition": NOT_OURS}, []),
        (DENY | {"Condition": {"StringNotEquals": {"aws:PrincipalAccount": "111111111111"}}}, ["account:111111111111"]),
        (DENY | {"Condition": NOT_OURS, "Principal": {"AWS": "*"}}, []),
        (DENY | {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, ["principal:*"]),
        (DENY | {"Condition": NOT_OURS, "Action": "s3:PutObject"}, ["principal:*"]),
        (DENY | {"Condition": NOT_OURS, "Resource": "arn:aws:s3:::other/*"}, ["principal:*"]),
        (DENY | {"Condition": NOT_OURS, "Principal": {"AWS": "111111111111"}}, ["principal:*"]),
        ({"Effect": "Deny", "NotPrincipal": "*", "Action": "*", "Resource": "*"}, ["principal:*"]),
        (
            {"Effect": "Deny", "Principal": "*", "NotAction": "s3:Put*", "Resource": "*", "Condition": NOT_OURS},
            ["principal:*"],
        ),
    ],
)
def test_a_denial_of_the_same_to_all_but_somebody_narrows(denial: dict[str, Any], tokens: list[str]) -> None:
    assert list(find_openings({"Statement": [ALLOW, denial]})) == tokens
    assert list(find_openings({"Statement": [denial, ALLOW]})) == tokens


def test_a_denial_of_some_calls_leaves_those_that_are_only_not_named() -> None:
    allow = {"Effect": "Allow", "Principal": "*", "NotAction": "s3:Put*", "Resource": "arn:aws:s3:::b/*"}
    assert list(find_openings({"Statement": [allow, DENY | {"Condition": NOT_OURS}]})) == ["principal:*"]
    assert list(find_openings({"Statement": [allow, DENY | {"Action": "*", "Condition": NOT_OURS}]})) == []


def test_of_a_resource_only_what_names_principals_counts() -> None:
    assert (
        list(find_openings({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, of_resource=True)) == []
    )

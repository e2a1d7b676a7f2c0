"""Statements of policies, odd ones included."""

from typing import Any

import pytest

from features.call.policy import account_of, find_openings, is_policy


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


def test_accounts() -> None:
    assert account_of("arn:aws-cn:logs:cn-north-1:222222222222:destination:d") == "222222222222"
    assert [account_of(text) for text in ("", "12", "arn:aws:s3:::b", "x222222222222")] == [""] * 4

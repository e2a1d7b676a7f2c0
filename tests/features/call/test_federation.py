"""Roles that trust a provider that everybody may have an account with."""

from typing import Any

import pytest

from features.call.federation import lets_in_everybody
from features.call.policy import find_openings

GITHUB = "token.actions.githubusercontent.com"
COGNITO = "cognito-identity.amazonaws.com"


@pytest.mark.parametrize(
    ("provider", "condition", "everybody"),
    [
        (GITHUB, None, True),
        (GITHUB, {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}, True),
        (GITHUB, {"StringLike": {f"{GITHUB}:sub": "repo:*"}}, True),
        (GITHUB, {"StringLike": {f"{GITHUB}:sub": ["repo:acme/*", "*"]}}, True),
        (GITHUB, {"StringLike": {f"{GITHUB}:sub": "repo:acme/*:ref:refs/heads/main"}}, False),
        (GITHUB, {"StringEquals": {f"{GITHUB}:sub": "repo:acme/till:ref:refs/heads/main"}}, False),
        (GITHUB, {"StringEquals": {f"{GITHUB}:repository_owner": "acme"}}, False),
        (f"arn:aws:iam::111111111111:oidc-provider/{GITHUB}", {}, True),
        ("app.terraform.io", {"StringLike": {"app.terraform.io:sub": "organization:acme:project:*"}}, False),
        (COGNITO, {"StringEquals": {f"{COGNITO}:aud": "eu-west-1:1"}}, False),
        (COGNITO, {"ForAnyValue:StringLike": {f"{COGNITO}:amr": "authenticated"}}, True),
        (
            COGNITO,
            {
                "StringEquals": {f"{COGNITO}:aud": "eu-west-1:1"},
                "ForAnyValue:StringLike": {f"{COGNITO}:amr": "unauthenticated"},
            },
            True,
        ),
        ("accounts.google.com", {"StringEquals": {"accounts.google.com:aud": "app"}}, False),
        ("arn:aws:iam::111111111111:saml-provider/okta", {}, False),
        ("arn:aws:iam::111111111111:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC", None, False),
        (None, None, False),
    ],
)
def test_providers(provider: Any, condition: Any, everybody: bool) -> None:
    assert lets_in_everybody(provider, condition) is everybody
    trust = {"Effect": "Allow", "Principal": {"Federated": provider}, "Condition": condition}
    assert list(find_openings({"Statement": trust})) == ["principal:*"] * everybody

"""Identity providers that anybody can have an account with, and when a role trusts only some of theirs.

A role that trusts GitHub's tokens and asks for no repository can be assumed from any repository. A provider of a
company's own (SAML, an OIDC issuer of one tenant) vouches for its own people only.
"""

import re
from typing import Any, Final

from features.call.condition import narrow, read_tests

_SHARED: Final = """
    token.actions.githubusercontent.com gitlab.com app.terraform.io agent.buildkite.com oidc.vercel.com
"""
_BY_SUBJECT: Final = frozenset(_SHARED.split())
"""Providers whose audience everybody may set: their subject has to be asked for."""
_CONSUMER: Final = """
    accounts.google.com graph.facebook.com www.amazon.com cognito-identity.amazonaws.com appleid.apple.com
"""
_BY_AUDIENCE: Final = frozenset(_CONSUMER.split())
"""Providers whose audience is one application."""
_AUDIENCES: Final = frozenset({"aud", "app_id", "azp", "oaud"})
_OF_ONE: Final = re.compile(r"[\w-]+:[^:/*?]+[:/]", re.ASCII)
"""The begin of a subject that names an owner: `repo:acme/…`, `organization:acme:…`."""


def lets_in_everybody(provider: Any, condition: Any) -> bool:
    """Whether a statement that trusts an identity provider lets in whoever has an account there.

    >>> github = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"
    >>> lets_in_everybody(github, {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}})
    True
    >>> lets_in_everybody(github, {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/*"}})
    False
    """
    host = str(provider).lower().rpartition("oidc-provider/")[2].strip("/")
    if host not in _BY_SUBJECT and host not in _BY_AUDIENCE:
        return False
    if host == "cognito-identity.amazonaws.com" and any(
        test.key == f"{host}:amr" and "unauthenticated" in test.values for test in read_tests(condition)
    ):
        return True  # Cognito's guests

    def names_some(key: str, pattern: str) -> bool:
        claim = key.removeprefix(f"{host}:")
        if claim == key or (claim in _AUDIENCES if host in _BY_SUBJECT else claim not in _AUDIENCES | {"sub"}):
            return False
        return not {"*", "?"} & set(pattern) or _OF_ONE.match(pattern) is not None

    return narrow(condition, names_some) is None

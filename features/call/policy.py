"""What a policy document opens: whom its statements allow, and whether they allow everything.

Only statements that allow count. A wildcard principal that a condition ties to an account, an organization, a network
or a calling service is not everybody; it is opened to the accounts that such a condition names.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from features.call.account import is_account

_ARN_ACCOUNT = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:(\d{12}):", re.ASCII)
_KEYS: Final = """
    aws:principalaccount aws:principalarn aws:principalorgid aws:principalorgpaths aws:sourceaccount aws:sourcearn
    aws:sourceip aws:sourceorgid aws:sourceowner aws:sourcevpc aws:sourcevpce aws:userid aws:vpcsourceip
    kms:calleraccount kms:viaservice lambda:sourcefunctionarn s3:dataaccesspointaccount sns:endpoint
"""
_TYING: Final = frozenset(_KEYS.split())
"""Condition keys that tie a wildcard to somebody."""
_MOST: Final = 1_000
"""Statements, and values of each, that are looked at."""


def account_of(text: str) -> str:
    """Take the account from an ARN, or from a text that is one; "" for others.

    >>> account_of("arn:aws:iam::222222222222:root"), account_of("222222222222"), account_of("*")
    ('222222222222', '222222222222', '')
    """
    if is_account(text):
        return text
    match = _ARN_ACCOUNT.match(text)
    return match[1] if match else ""


def is_policy(value: Any) -> bool:
    """Whether a JSON value is a policy document."""
    return isinstance(value, dict) and isinstance(value.get("Statement"), list | dict)


def find_openings(document: dict[str, Any]) -> Iterator[str]:
    """Find the tokens of what a policy document opens: `account:…`, `principal:*`, `policy:*`.

    >>> list(find_openings({"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:GetObject"}}))
    ['principal:*']
    >>> list(find_openings({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}))
    ['policy:*']
    """
    for statement in _as_list(document.get("Statement")):
        if not isinstance(statement, dict) or str(statement.get("Effect")).lower() != "allow":
            continue
        if "Principal" not in statement and "NotPrincipal" not in statement:
            if _is_everything(statement):
                yield "policy:*"
            continue
        principals = list(_find_principals(statement.get("Principal")))
        yield from (f"account:{account}" for text in principals if (account := account_of(text)))
        if "NotPrincipal" in statement or "*" in principals:
            ties = list(_find_ties(statement.get("Condition")))
            yield from (f"account:{account}" for _, value in ties if (account := account_of(value)))
            if not ties:
                yield "principal:*"


def _is_everything(statement: dict[str, Any]) -> bool:
    """Whether a statement allows every action on every resource."""
    actions = {text for text in _as_list(statement.get("Action")) if isinstance(text, str)}
    every_action = not actions.isdisjoint({"*", "*:*"}) or "NotAction" in statement
    return every_action and ("*" in _as_list(statement.get("Resource")) or "NotResource" in statement)


def _find_principals(value: Any) -> Iterator[str]:
    """Find whom a statement names; services and identity providers are not somebody outside by themselves."""
    if isinstance(value, dict):
        value = value.get("AWS")
    return (text for text in _as_list(value) if isinstance(text, str))


def _find_ties(condition: Any) -> Iterator[tuple[str, str]]:
    """Find keys and values of a condition that tie a wildcard to somebody."""
    for operator, tests in condition.items() if isinstance(condition, dict) else ():
        if not isinstance(tests, dict) or "not" in str(operator).lower() or str(operator).lower().endswith("ifexists"):
            continue
        for key, values in tests.items():
            if str(key).lower() in _TYING:
                for value in _as_list(values):
                    if isinstance(value, str) and value not in ("*", "0.0.0.0/0", "::/0"):
                        yield str(key), value


def _as_list(value: Any) -> list[Any]:
    """Take what may be one item or a list of items as a list."""
    if value is None:
        return []
    return value[:_MOST] if isinstance(value, list) else [value]

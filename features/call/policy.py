"""What a policy document opens: whom its statements allow, and whether they allow everything.

Only statements that allow count. A wildcard principal that a condition ties to an account, an organization, a network
or AWS's services is not everybody; it is opened to the accounts that such a condition names. So it is where another
statement denies the same to all but somebody.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from features.call.condition import Narrowed, narrow, spare
from features.call.federation import lets_in_everybody
from features.call.grantee import EVERYBODY, account_of, as_text, is_everybody, name_grantee, organization_of

_MOST: Final = 1_000
"""Statements, and values of each, that are looked at."""


class _Statement(NamedTuple):
    """A statement, its members' names in lower case."""

    members: dict[str, Any]

    def take(self, name: str) -> list[Any]:
        """A member as a list."""
        return _as_list(self.members.get(name))

    def scope(self, name: str) -> list[Any]:
        """What a statement is about; everything where it tells only what it is not about."""
        return ["*"] if f"not{name}" in self.members else self.take(name)

    def effect(self) -> str:
        return str(self.members.get("effect")).lower()

    def names_principals(self) -> bool:
        return "principal" in self.members or "notprincipal" in self.members


def is_policy(value: Any) -> bool:
    """Whether a JSON value is a policy document."""
    return isinstance(value, dict) and isinstance(value.get("Statement", value.get("statement")), list | dict)


def find_openings(document: dict[str, Any], of_resource: bool = False) -> Iterator[str]:
    """Find the tokens of what a policy document opens: `account:…`, `org:…`, `grantee:…`, `principal:*`, `policy:*`.

    With `of_resource` only statements that name principals count.

    >>> list(find_openings({"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:GetObject"}}))
    ['principal:*']
    >>> list(find_openings({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}))
    ['policy:*']
    """
    statements = [
        _Statement({str(name).lower(): value for name, value in statement.items()})
        for statement in _as_list(document.get("Statement", document.get("statement")))
        if isinstance(statement, dict)
    ]
    denials = [each for each in statements if each.effect() == "deny" and _is_about_everybody(each)]
    for statement in statements:
        if statement.effect() != "allow":
            continue
        if statement.names_principals():
            yield from _find_allowed(statement, denials)
        elif not of_resource and _is_everything(statement):
            yield "policy:*"


def _find_allowed(statement: _Statement, denials: list[_Statement]) -> Iterator[str]:
    """Find whom a statement lets in."""
    everybody = "notprincipal" in statement.members
    for kind, text in _find_principals(statement.members.get("principal")):
        if kind == "federated":
            everybody = everybody or lets_in_everybody(text, statement.members.get("condition")) or text == "*"
        elif is_everybody(text):
            everybody = True
        elif kind == "canonicaluser":
            yield name_grantee(text)
        elif kind != "service" and (organization := organization_of(text)):
            yield f"org:{organization}"
        elif kind != "service" and (account := account_of(text)):
            yield f"account:{account}"
    if everybody:
        federated = all(kind == "federated" for kind, _ in _find_principals(statement.members.get("principal")))
        narrowed = None if federated and "notprincipal" not in statement.members else _narrow(statement, denials)
        if narrowed is None:
            yield EVERYBODY
        else:
            yield from (f"account:{account}" for account in narrowed.accounts)


def _narrow(statement: _Statement, denials: list[_Statement]) -> Narrowed | None:
    """Tell whom its condition, or a denial of the same, leaves of everybody whom a statement allows."""
    narrowed = narrow(statement.members.get("condition"))
    if narrowed is None:
        for denial in denials:
            if all(_covers(denial.take(name), statement.scope(name)) for name in ("action", "resource")):
                narrowed = spare(denial.members.get("condition"))
                if narrowed is not None:
                    break
    return narrowed


def _is_about_everybody(statement: _Statement) -> bool:
    return "notprincipal" not in statement.members and any(
        text == "*" for _, text in _find_principals(statement.members.get("principal"))
    )


def _covers(denied: list[Any], allowed: list[Any]) -> bool:
    """Whether all that is allowed is also denied; only a wildcard at the end counts."""
    patterns = [as_text(value).lower() for value in denied]
    return bool(patterns or not allowed) and all(
        any(text == pattern or (pattern.endswith("*") and text.startswith(pattern[:-1])) for pattern in patterns)
        for text in (as_text(value).lower() for value in allowed)
    )


def _is_everything(statement: _Statement) -> bool:
    """Whether a statement allows every action on every resource."""
    every_action = "notaction" in statement.members or _has_everything(statement.take("action"))
    return every_action and ("notresource" in statement.members or _has_everything(statement.take("resource")))


def _has_everything(values: list[Any]) -> bool:
    return any(isinstance(text, str) and "*" in text and set(text) <= set("*:") for text in values)


def _find_principals(value: Any) -> Iterator[tuple[str, str]]:
    """Find whom a statement names, each with its kind: aws, service, federated, canonicaluser."""
    by_kind = value if isinstance(value, dict) else {"aws": value}
    for kind, named in by_kind.items():
        yield from ((str(kind).lower(), as_text(text)) for text in _as_list(named))


def _as_list(value: Any) -> list[Any]:
    """Take what may be one item or a list of items as a list."""
    if value is None:
        return []
    return value[:_MOST] if isinstance(value, list) else [value]

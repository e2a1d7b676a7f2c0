"""Whether the condition of a statement narrows everybody to somebody, evaluated as IAM does.

All tests of a condition must hold; of a test's values one is enough, so that one wide value makes a test wide. A test
that also holds where its key is absent (`…IfExists`, `ForAllValues:`) narrows nobody, unless `Null` asks for the key.
What excludes a few (`…Not…`), and keys whose value the caller chooses (tags, user agent, referer), narrow nobody.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from features.call.account import is_account
from features.call.grantee import account_of, as_text
from features.call.network import find_wide, is_network

_MOST: Final = 1_000
"""Tests, and values of each, that are looked at."""
_WILD: Final = re.compile(r"[*?]")
_VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")
_ACCOUNT_PART: Final = re.compile(r"\d{12}\*?", re.ASCII)
_LIKE: Final = frozenset({"stringlike", "arnlike", "arnequals"})
"""Operators for which * and ? are wildcards."""
_EQUAL: Final = frozenset({"stringequals", "stringequalsignorecase"}) | _LIKE
_DIFFER: Final = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequals",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "notipaddress": "ipaddress",
}


class ConditionTest(NamedTuple):
    """One test of a condition, operator and key in lower case."""

    operator: str
    """Without `ForAnyValue:` and `IfExists`."""
    key: str
    values: list[str]
    holds_without_key: bool


class Narrowed(NamedTuple):
    """Whom a condition leaves of everybody."""

    accounts: tuple[str, ...]
    """That it names; none for an organization, a network or a service."""


def narrow(condition: Any, more: Callable[[str, str], bool] | None = None) -> Narrowed | None:
    """Tell whom a condition leaves of everybody; None when anybody can meet it.

    `more` tells of other keys whether a value binds somebody: an identity provider has its own.

    >>> narrow({"StringEquals": {"aws:SourceAccount": "222222222222"}})
    Narrowed(accounts=('222222222222',))
    >>> narrow({"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "0.0.0.0/0"]}}) is None
    True
    """
    tests = list(read_tests(condition))
    asked = {test.key for test in tests if test.operator == "null" and _means(test, "false")}
    binding = [
        test
        for test in tests
        if (not test.holds_without_key or test.key in asked) and binds(test.operator, test.key, test.values, more)
    ]
    return Narrowed(tuple(_name_accounts(binding))) if binding else None


def spare(condition: Any) -> Narrowed | None:
    """Tell whom the condition of a denial spares, when it denies everybody else; None when others are spared too.

    >>> spare({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}), spare({"Bool": {"aws:SecureTransport": "false"}})
    (Narrowed(accounts=()), None)
    """
    sparing = []
    for test in read_tests(condition):
        operator = _DIFFER.get(test.operator, "")
        if operator and binds(operator, test.key, test.values, None):
            sparing.append(test)
        elif not (test.operator == "bool" and test.key in _OF_SERVICES and _means(test, "false")):
            return None
    return Narrowed(tuple(_name_accounts(sparing)))


def read_tests(condition: Any) -> Iterator[ConditionTest]:
    """Read the tests of a condition."""
    left = _MOST
    for operator, by_key in condition.items() if isinstance(condition, dict) else ():
        set_operator, _, name = str(operator).lower().rpartition(":")
        holds_without_key = name.endswith("ifexists") or set_operator == "forallvalues"
        for key, values in by_key.items() if isinstance(by_key, dict) else ():
            listed = values[:_MOST] if isinstance(values, list) else [values]
            yield ConditionTest(
                name.removesuffix("ifexists"), str(key).lower(), list(map(as_text, listed)), holds_without_key
            )
            left -= 1
            if not left:
                return


def binds(operator: str, key: str, values: list[str], more: Callable[[str, str], bool] | None) -> bool:
    """Whether only somebody known can meet a test, whichever of its values is met.

    >>> binds("stringlike", "aws:principalarn", ["arn:aws:iam::*:role/*"], None)
    False
    """
    if operator == "bool":
        return key in _SWITCHES and values == ["true"]
    if key == "aws:sourceip":
        return _binds_network(operator, values)
    rule = _RULES.get(key)
    if operator not in _EQUAL or (rule is None and more is None):
        return False
    return all(_binds_value(operator, key, value, rule, more) for value in values)


def _binds_value(
    operator: str,
    key: str,
    value: str,
    rule: Callable[[str], bool] | None,
    more: Callable[[str, str], bool] | None,
) -> bool:
    pattern = _VARIABLE.sub(_fill_in, value if operator in _LIKE else _WILD.sub("-", value))
    return rule(pattern) if rule else more is not None and more(key, pattern)


def _fill_in(variable: re.Match[str]) -> str:
    """What stands for a variable: the resource is ours, what the caller brings may be anything."""
    name = variable[1].lower()
    return "-" if name.startswith("aws:resource") or name in ("*", "?", "$") else "*"


def _binds_network(operator: str, values: list[str]) -> bool:
    if operator == "ipaddress":
        return not find_wide(values)
    heads = [_WILD.split(value)[0] for value in values]
    if operator not in _LIKE:
        return operator in _EQUAL
    return operator == "stringlike" and all(is_network(head) or head.count(".") > 1 for head in heads)


def _is_exact(pattern: str) -> bool:
    return not _WILD.search(pattern)


def _names_organization(pattern: str) -> bool:
    return _is_exact(pattern.partition("/")[0])


def _names_owner(pattern: str) -> bool:
    """Whether an ARN is of one account, or of one bucket: buckets' names are unique."""
    parts = pattern.split(":", 5)
    if _is_exact(pattern) or any(_ACCOUNT_PART.fullmatch(part) for part in parts):
        return True
    return len(parts) == 6 and parts[2] == "s3" and bool(parts[5]) and _is_exact(parts[5].partition("/")[0])


def _names_caller(pattern: str) -> bool:
    """Whether an aws:userid is of one user or role, whatever its session is called."""
    return _is_exact(pattern.partition(":")[0])


def _names_mailbox(pattern: str) -> bool:
    """Whether an endpoint is of one domain or account."""
    return _names_owner(pattern) or _is_exact(pattern.rpartition("@")[2])


def _names_service(pattern: str) -> bool:
    return pattern.endswith((".amazonaws.com", ".amazonaws.com.cn"))


_KEYS: Final[dict[Callable[[str], bool], str]] = {
    _is_exact: """
        aws:principalaccount aws:sourceaccount aws:sourceowner aws:sourcevpc aws:sourcevpce aws:vpceaccount
        aws:ec2instancesourcevpc kms:calleraccount s3:dataaccesspointaccount aws:principalorgid aws:sourceorgid
        aws:vpceorgid vpc-lattice-svcs:sourcevpc vpc-lattice-svcs:sourcevpcowneraccount
        vpc-lattice-svcs:principalorgid
    """,
    _names_organization: "aws:principalorgpaths aws:sourceorgpaths aws:vpceorgpaths",
    _names_owner: """
        aws:principalarn aws:sourcearn aws:sourcevpcarn ec2:sourceinstancearn lambda:sourcefunctionarn
        s3:dataaccesspointarn elasticfilesystem:accesspointarn
    """,
    _names_caller: "aws:userid",
    _names_mailbox: "sns:endpoint",
    _names_service: "aws:principalservicename aws:principalservicenameslist",
}
_RULES: Final = {key: rule for rule, keys in _KEYS.items() for key in keys.split()}
"""Keys that tell who calls or from where, and when a pattern of theirs is of somebody known.

Not among them: `aws:VpcSourceIp` (anybody can have a network with the same addresses), `kms:ViaService` and
`aws:CalledVia` (anybody can call by a service), `aws:ResourceAccount` (always ours), `sts:ExternalId` (the caller
chooses it).
"""
_OF_SERVICES: Final = frozenset({"aws:principalisawsservice", "aws:viaawsservice"})
_SWITCHES: Final = frozenset({"aws:principalisawsservice", "elasticfilesystem:accessedviamounttarget"})
"""True only for AWS's own services, and for hosts in networks where a file system is mounted."""


def _means(test: ConditionTest, value: str) -> bool:
    return [text.lower() for text in test.values] == [value]


def _name_accounts(tests: list[ConditionTest]) -> Iterator[str]:
    for test in tests:
        for value in test.values:
            parts = (part.rstrip("*") for part in value.split(":", 5))
            if account := account_of(value) or next(filter(is_account, parts), ""):
                yield account

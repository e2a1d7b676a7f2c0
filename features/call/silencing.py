"""Whether a call switches a safeguard off: less is recorded or watched, or less that is destroyed can be brought back.

The table of `features/call/silencing_table.py` says which calls do so, most of them only with such a request. A request
that replaces a whole configuration counts where it says in so many words that something is off; what it does not
mention counts only where the call is about nothing else.
"""

from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

from features.call.action_alias import IAM_PREFIXES
from features.call.document import fold_key, read_document, walk_members
from features.call.silencing_table import PROTECTION, WATCHING
from features.call.trail_selector import leaves_out

_Members: TypeAlias = list[tuple[tuple[str, ...], str]]
"""Members of a request that hold no others: where they lie, and their value as folded text, "" for none."""


class Check(NamedTuple):
    """A check of a request's members."""

    operator: str
    """`=` is, `~` contains, `!` is not there or empty, `?` is there and not empty."""
    path: tuple[str, ...]
    """Names of members, in this order, the last of which is the member's own; `*` is any."""
    values: tuple[str, ...] = ()


Row: TypeAlias = tuple[tuple[Check, ...], ...]
"""Checks any group of which holds as a whole; no group for a call that always switches something off."""


def switches_off(action: str, request: bytes) -> bool:
    """Whether a call that succeeded switched a safeguard off.

    Parameters
    ----------
    action
        `service:EventName`.
    request
        JSON of requestParameters.

    Examples
    --------
    >>> switches_off("guardduty:UpdateDetector", b'{"features": [{"name": "EKS_AUDIT_LOGS", "status": "DISABLED"}]}')
    True
    >>> switches_off("guardduty:UpdateDetector", b'{"features": [{"name": "EKS_AUDIT_LOGS", "status": "ENABLED"}]}')
    False
    """
    row = SWITCHES.get(_find_key(action))
    if not row:
        return row is not None
    document = read_document(request)
    if not isinstance(document, dict) or document.get("omitted") is True:  # longer than CloudTrail keeps
        return False
    if any(check.operator == "@" and leaves_out(document) for group in row for check in group):
        return True
    members = [(path, _fold_value(value)) for path, value in walk_members(document)]
    return any(all(_holds(check, members) for check in group) for group in row)


def may_switch_off(action: str) -> bool:
    """Whether a call can switch a safeguard off.

    >>> may_switch_off("monitoring:DeleteAlarms"), may_switch_off("ec2:DescribeFlowLogs")
    (True, False)
    """
    return _find_key(action) in SWITCHES


def parse_table(table: str) -> dict[str, Row]:
    """Parse the lines of a table; its format is told in `features/call/silencing_table.py`.

    >>> parse_table("eks:UpdateClusterConfig clusterLogging.enabled=false")
    {'eks:updateclusterconfig': ((Check(operator='=', path=('clusterlogging', 'enabled'), values=('false',)),),)}
    >>> parse_table("waf,wafv2:DeleteLoggingConfiguration")
    {'waf:deleteloggingconfiguration': (), 'wafv2:deleteloggingconfiguration': ()}
    """
    rows: dict[str, Row] = {}
    for line in table.splitlines():
        calls, *groups = line.partition("#")[0].split() or [""]
        services, _, names = calls.partition(":")
        row = tuple(tuple(map(_parse_check, group.split("+"))) for group in groups)
        for service in filter(None, services.split(",")):
            for name in names.split(","):
                key = f"{service}:{name}".lower()
                rows[key] = rows.get(key, ()) + row
    return rows


def _parse_check(text: str) -> Check:
    if text[0] in "!?@":
        return Check(text[0], _fold_path(text[1:]))
    operator = "~" if "~" in text else "="
    path, _, value = text.partition(operator)
    return Check(operator, _fold_path(path), tuple(value.lower().split("|")))


def _fold_path(path: str) -> tuple[str, ...]:
    return tuple(fold_key(name) for name in path.split("."))


def _fold_value(value: Any) -> str:
    """Fold a value: JSON's and everybody's spellings of false and of nothing are one."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip().lower()


def _holds(check: Check, members: _Members) -> bool:
    if check.operator in "!?":
        there = any(value and _lies_in(check.path, path) for path, value in members)
        return there is (check.operator == "?")
    found = (value for path, value in members if path and _ends_in(check.path, path))
    if check.operator == "=":
        return any(value in check.values for value in found)
    return any(part in value for value in found for part in check.values)


def _ends_in(wanted: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Whether a member is the one that is wanted: its own name is, and the others lead to it."""
    return wanted[-1] in (path[-1], "*") and _lies_in(wanted[:-1], path[:-1])


def _lies_in(wanted: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Whether all of some names lead to a member, in this order."""
    names = iter(path)
    return all(name in names for name in wanted)


@lru_cache(4_096)
def _find_key(action: str) -> str:
    """Find a call's key in the table, which has IAM's prefixes."""
    service, _, name = action.lower().partition(":")
    return f"{IAM_PREFIXES.get(service, service)}:{name}"


SWITCHES: Final = parse_table(WATCHING + PROTECTION)
"""Calls that switch a safeguard off, by lower-case `service:eventname`, and when."""

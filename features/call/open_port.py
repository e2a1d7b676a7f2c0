"""Whether a call opened a port to the internet that nobody means to leave open: administration, files, databases.

What serves the web is opened to everybody all the time. Ports are those that AWS calls high risk (Security Hub,
EC2.19), and those of stores and of machines' own administration that Prowler's checks of security groups name.
"""

from collections.abc import Iterator
from typing import Any, Final

from features.call.document import fold_key, read_document
from features.call.network import find_wide

PORTS: Final = (
    20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 1521, 2375, 2376, 2483, 3000, 3306, 3389, 4333, 5000, 5432,
    5500, 5601, 5985, 5986, 6379, 7199, 8080, 8088, 8888, 9092, 9160, 9200, 9300, 10250, 11211, 27017, 27018,
)  # fmt: skip
"""Ports, ascending."""
_OPENING: Final = frozenset({
    "ec2:AuthorizeSecurityGroupIngress", "ec2:ModifySecurityGroupRules", "ec2:CreateNetworkAclEntry",
    "ec2:ReplaceNetworkAclEntry", "lightsail:OpenInstancePublicPorts", "lightsail:PutInstancePublicPorts",
})  # fmt: skip
"""Calls that open ports to networks."""
_NO_PORTS: Final = frozenset({"icmp", "icmpv6", "1", "58"})
"""Protocols whose ports are none."""
_OF_RULE: Final = frozenset({"fromport", "toport", "portrange", "ipprotocol", "aclprotocol"})
"""Members, by folded name, one of which is in each rule."""
_EVERY: Final = (0, 65_535)
_MOST: Final = 20_000
"""Members of a request that are looked at: more than a group's rules can be, with all that stands in each."""


def may_open_port(action: str) -> bool:
    """Whether a call opens ports to networks.

    >>> may_open_port("ec2:AuthorizeSecurityGroupIngress"), may_open_port("ec2:AuthorizeSecurityGroupEgress")
    (True, False)
    """
    return action in _OPENING


def opens_port(action: str, request: bytes) -> bool:
    """Whether a call that succeeded opened one of `PORTS` to a large part of the internet.

    Parameters
    ----------
    action
        `service:EventName`.
    request
        JSON of requestParameters.

    Examples
    --------
    >>> rule = b'{"ipProtocol": "tcp", "fromPort": %d, "toPort": %d, "cidrIp": "0.0.0.0/0"}'
    >>> opens_port("ec2:AuthorizeSecurityGroupIngress", rule % (22, 22))
    True
    >>> opens_port("ec2:AuthorizeSecurityGroupIngress", rule % (443, 443))
    False
    """
    if action not in _OPENING:
        return False
    return any(_opens(rule) for rule in _find_rules(read_document(request)))


def _find_rules(document: Any) -> Iterator[dict[str, Any]]:
    """Objects of a request that say which ports they are about, with folded names."""
    left = [document]
    for _ in range(_MOST):
        if not left:
            return
        value = left.pop()
        if isinstance(value, list):
            left += value
        elif isinstance(value, dict):
            members = {fold_key(name): inner for name, inner in value.items()}
            if members.keys() & _OF_RULE:
                yield members
            left += value.values()


def _opens(rule: dict[str, Any]) -> bool:
    """Whether a rule lets a large part of the internet in at one of the ports."""
    if _tells(rule, "egress", "true") or _tells(rule, "ruleaction", "deny"):
        return False
    first, last = _read_ports(rule)
    if not any(first <= port <= last for port in PORTS):
        return False
    return bool(find_wide(_list_texts(rule))) or _is_open_by_default(rule)


def _tells(rule: dict[str, Any], name: str, value: str) -> bool:
    return str(rule.get(name, "")).lower() == value


def _read_ports(rule: dict[str, Any]) -> tuple[int, int]:
    """First and last port of a rule; all where it names none."""
    protocol = str(next((rule[name] for name in ("ipprotocol", "aclprotocol", "protocol") if name in rule), "")).lower()
    if protocol in _NO_PORTS:
        return 1, 0
    inner = rule.get("portrange")
    named = {fold_key(name): value for name, value in inner.items()} if isinstance(inner, dict) else {}
    first, last = (
        _read_port(next((each for each in (rule.get(f"{name}port"), named.get(name)) if each is not None), None))
        for name in ("from", "to")
    )
    if protocol == "-1" or (first is None and last is None) or -1 in (first, last):
        return _EVERY
    return (first if first is not None else 0, last if last is not None else first or 0)


def _read_port(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _list_texts(rule: dict[str, Any]) -> Iterator[str]:
    """Texts anywhere in a rule, but in no rule within it: each is looked at once, however rules are nested."""
    left = list(rule.values())
    for _ in range(_MOST):
        if not left:
            return
        one = left.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, list):
            left += one
        elif isinstance(one, dict) and not _OF_RULE.intersection(map(fold_key, one)):
            left += one.values()


def _is_open_by_default(rule: dict[str, Any]) -> bool:
    """Whether a rule of Lightsail's, which is open to everybody where it names nobody."""
    return not rule.keys() & {"cidrs", "ipv6cidrs", "cidrlistaliases"} and rule.keys() <= {
        "fromport", "toport", "protocol"
    }  # fmt: skip

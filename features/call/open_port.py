"""Whether a call opened a port to the internet that nobody means to leave open: administration, files, databases.

What serves the web is opened to everybody all the time, and a network ACL opens nothing by itself. Ports are those of
such services in AWS's own check (Security Hub, EC2.19) and in Prowler's checks of security groups, and of the like.
A rule that is changed does not say whether it is one of a way in: there, all ports at once are none.
"""

from typing import Any, Final, NamedTuple

from features.call.document import fold_key, read_document
from features.call.network import find_wide

PORTS: Final = (
    20, 21, 22, 23, 135, 139, 389, 445, 636, 1433, 1434, 1521, 2049, 2375, 2376, 2379, 2483, 3306, 3389, 4333, 5432,
    5500, 5601, 5900, 5985, 5986, 6379, 6443, 7199, 9042, 9092, 9160, 9200, 9300, 10250, 11211, 27017, 27018,
)  # fmt: skip
"""Ports, ascending."""
_CHANGE: Final = "ec2:ModifySecurityGroupRules"
_OF_LIGHTSAIL: Final = frozenset({"lightsail:OpenInstancePublicPorts", "lightsail:PutInstancePublicPorts"})
"""Calls whose rules are open to everybody where they name nobody."""
_OPENING: Final = _OF_LIGHTSAIL | {"ec2:AuthorizeSecurityGroupIngress", _CHANGE}
_OF_RULE: Final = frozenset({"fromport", "toport", "ipprotocol"})
"""Members, by folded name, one of which is in each rule."""
_NETWORKS: Final = frozenset({"cidrip", "cidripv4", "cidripv6", "cidrs", "ipv6cidrs"})
_NAMED: Final = _NETWORKS | {"cidrlistaliases"}
_EVERY: Final = frozenset({"-1", "all"})
_WITH_PORTS: Final = frozenset({"tcp", "udp", "6", "17", ""})
_MOST: Final = 20_000
"""Values of a request that are looked at: more than a group's rules can have."""


class _Rule(NamedTuple):
    members: dict[str, Any]
    """By folded name."""
    networks: list[str]


def may_open_port(action: str) -> bool:
    """Whether a call opens ports to networks.

    >>> may_open_port("ec2:AuthorizeSecurityGroupIngress"), may_open_port("ec2:AuthorizeSecurityGroupEgress")
    (True, False)
    """
    return action in _OPENING


def opens_port(action: str, request: bytes) -> bool:
    """Whether a call that succeeded opened some of `PORTS` to a large part of the internet.

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
    every = action != _CHANGE
    rules = [rule for rule in _find_rules(read_document(request)) if _reaches_port(rule.members, every)]
    if action in _OF_LIGHTSAIL and any(not any(map(rule.members.get, _NAMED)) for rule in rules):
        return True
    return bool(find_wide(network for rule in rules for network in rule.networks))


def _find_rules(document: Any) -> list[_Rule]:
    """The rules of a request, each with the networks in it that no rule within it has."""
    rules = list[_Rule]()
    left: list[tuple[Any, _Rule | None]] = [(document, None)]
    for _ in range(_MOST):
        if not left:
            break
        value, rule = left.pop()
        if isinstance(value, list):
            left += ((each, rule) for each in value)
        elif isinstance(value, dict):
            members = {fold_key(name): inner for name, inner in value.items()}
            if members.keys() & _OF_RULE:
                rule = _Rule(members, [])
                rules.append(rule)
            if rule is not None:
                rule.networks.extend(text for name in _NETWORKS & members.keys() for text in _list_texts(members[name]))
            left += ((each, rule) for each in members.values())
    return rules


def _list_texts(value: Any) -> list[str]:
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]


def _reaches_port(rule: dict[str, Any], every: bool) -> bool:
    """Whether a rule is about one of the ports; `every` where a rule about all of them is."""
    named = rule.get("ipprotocol", rule.get("protocol"))
    protocol = str(named).lower() if isinstance(named, str | int) else ""
    if protocol in _EVERY:
        return every
    if protocol not in _WITH_PORTS:
        return False
    first, last = _read_port(rule.get("fromport")), _read_port(rule.get("toport"))
    if first is None or first < 0:
        return every
    return any(first <= port <= (first if last is None else last) for port in PORTS)


def _read_port(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None

"""Peer groups from structure: people by permission set, roles by the template of their name, the rest by kind.

Roles stamped out for every product (`checkout-prod-api-role`, `search-prod-api-role`) share a template. While a group
of roles has fewer than `ENOUGH` members, its rarest remaining name word becomes a wildcard, always leaving one word.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

ENOUGH = 8
"""Members a group of roles should have before its template stops widening. Set by hand on the prototype; +.04 at a
large company, where 254 groups became 77."""
ROUNDS = 6
"""Words that become wildcards at most. Set by hand on the prototype; not measured alone."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NOISE = re.compile(r"^(?:\d+|[0-9A-F]{6,}|[A-Z0-9]{10,})$")

Stratum = Literal["person", "role", "user", "root", "other"]
"""The coarse kind an attacker picks from: people behind single sign-on, roles, users, root, the rest."""


@dataclass(frozen=True, slots=True)
class Member:
    """What structure says of a principal."""

    principal: str
    kind: str
    identity_type: str
    name: str
    """Role or user name, without path."""
    permission_set: str
    account: str


def find_stratum(member: Member) -> Stratum:
    """Coarse kind of a principal.

    >>> find_stratum(Member("idc/ann", "human", "AssumedRole", "AWSReservedSSO_Dev_1", "Dev", "1"))
    'person'
    """
    if member.kind == "root":
        return "root"
    if member.kind == "human" and member.identity_type != "IAMUser":
        return "person"
    if member.identity_type in ("IAMUser", "FederatedUser"):
        return "user"
    if member.identity_type in ("AssumedRole", "Role", "WebIdentityUser", "SAMLUser", "AWSAccount"):
        return "role"
    return "other"


def split_words(name: str) -> tuple[str, ...]:
    """Words of a role's name; generated suffixes and numbers become `*`.

    >>> split_words("checkout-prod-apiRole-1A2B3C4D5E6F")
    ('checkout', 'prod', 'api', 'role', '*')
    """
    out: list[str] = []
    for part in re.split(r"[^0-9A-Za-z]+", name):
        if not part:
            continue
        pieces = ["*"] if _NOISE.match(part) and any(map(str.isdigit, part)) else _WORD.findall(part) or [part]
        for piece in pieces:
            word = "*" if piece.isdigit() else piece.lower()
            if word != "*" or not out or out[-1] != "*":
                out.append(word)
    return tuple(out) or ("*",)


def widen_templates(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Template of each name after widening groups that are too small.

    >>> names = [f"{product}-prod-worker" for product in ("cart", "search", "mail", "pay", "ship", "tax", "ads", "geo")]
    >>> widen_templates(names)["cart-prod-worker"]
    ('*', 'prod', 'worker')
    """
    current = {name: split_words(name) for name in set(names)}
    frequency = Counter(word for parts in current.values() for word in set(parts) if word != "*")
    for _ in range(ROUNDS):
        sizes = Counter(current.values())
        widened = {name: widen(parts, frequency) for name, parts in current.items() if sizes[parts] < ENOUGH}
        if not any(current[name] != parts for name, parts in widened.items()):
            break
        current.update(widened)
    return current


def widen(parts: tuple[str, ...], frequency: Mapping[str, int]) -> tuple[str, ...]:
    """Make the rarest word of a template a wildcard, unless it is the last.

    >>> widen(("cart", "prod", "worker"), {"cart": 1, "prod": 4, "worker": 4})
    ('*', 'prod', 'worker')
    """
    fixed = [(frequency[word], position) for position, word in enumerate(parts) if word != "*"]
    if len(fixed) < 2:
        return parts
    _, rarest = min(fixed)
    return (*parts[:rarest], "*", *parts[rarest + 1 :])


def group_peers(members: Iterable[Member]) -> dict[str, str]:
    """Name of the peer group of each principal.

    Examples
    --------
    >>> ann = Member("idc/ann", "human", "AssumedRole", "AWSReservedSSO_Dev_1", "Dev", "1")
    >>> group_peers([ann])
    {'idc/ann': 'person:Dev'}
    """
    everyone = list(members)
    by_template = {
        kind: widen_templates(m.name for m in everyone if find_stratum(m) == "role" and m.kind == kind)
        for kind in {member.kind for member in everyone}
    }
    return {
        member.principal: name_group(
            member, by_template[member.kind][member.name] if find_stratum(member) == "role" else ()
        )
        for member in everyone
    }


def name_group(member: Member, template: tuple[str, ...]) -> str:
    """Name of the peer group of a member; `template` is that of a role's name.

    >>> name_group(Member("role/1/AROA1", "workload", "Role", "cart-worker", "", "1"), ("*", "worker"))
    'role:workload:*-worker'
    """
    layer = find_stratum(member)
    if layer == "person":
        return f"person:{member.permission_set or member.name}"
    if layer == "role":
        return f"role:{member.kind}:{'-'.join(template)}"
    return f"{layer}:{member.kind}"

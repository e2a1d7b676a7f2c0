"""Kin: whose name a principal is, what it answers to, and whose hands made it.

Who has no history is forgiven much, for all that it does on its first days is a first. So a fresh name for each visit
would be forgiven each time: a name within a role is judged by the role, whose other names are its peers and whose
history is theirs. And what makes a user or a role and what is made of it are one story: each standing bears the marks
of its kin (`models.standing.Standing.traces`), by which maker and made, opener and opened, and fresh names of one role
find each other. A mark is a number made of what was named, so that it is the same whichever of the two came first.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from features.call.principal import last_part
from models.groups import Member

NAMED: Final = ("resource:role", "resource:source_identity", "resource:user")
"""Dimensions whose values are names of principals: who touches one for the first time may have made it, or took it."""


def find_household(principal: str) -> str:
    """The role or user within which a principal is one name of several; "" for who is a role or user itself.

    >>> find_household("role/111111111111/AROA1/ann@example.com"), find_household("role/111111111111/AROA1")
    ('role/111111111111/AROA1', '')
    >>> find_household("idc/ann@example.com")
    ''
    """
    parts = principal.split("/", 3)
    return "/".join(parts[:3]) if len(parts) == 4 and parts[0] in ("role", "user") else ""


@lru_cache(maxsize=65_536)
def mark(text: str) -> int:
    """The mark of what is named so; never the code of a token.

    >>> mark("user/helper") == mark("user/helper"), mark("user/helper") > 1 << 48
    (True, True)
    """
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).digest()
    return (1 << 48) + int.from_bytes(digest, "big")


def mark_named(dimension: str, value: str) -> int:
    """The mark of a role or user that a call names; `dimension` is one of `NAMED`.

    Of an ARN that is what follows its path. Accounts are left out, for some calls name none.

    >>> mark_named("resource:user", "helper") == mark("user/helper")
    True
    >>> mark_named("resource:role", "arn:aws:iam::111111111111:role/app/web") == mark("role/web")
    True
    """
    return mark(f"{dimension.partition(':')[2]}/{last_part(value)}")


def forgive(young: Collection[str], everyone: Iterable[str]) -> set[str]:
    """Of principals in their first days, those to whom it counts: names of a role that is known are none.

    Examples
    --------
    >>> sorted(forgive({"role/1/A/ann", "role/1/B/bob", "idc/cy"}, ["role/1/A/di", "role/1/A/ann", "role/1/B/bob"]))
    ['idc/cy', 'role/1/B/bob']
    """
    if not any(find_household(principal) for principal in young):
        return set(young)
    settled = {find_household(principal) or principal for principal in everyone if principal not in young}
    return {principal for principal in young if find_household(principal) not in settled}


def mark_kin(
    members: Mapping[str, Member], code: Callable[[str], int], young: Collection[str]
) -> dict[int, frozenset[int]]:
    """Marks of each principal, by its code: what it answers to, and for a fresh name of a role, the role.

    Parameters
    ----------
    members
        Everybody, by principal.
    code
        Code of a principal.
    young
        Who is in its first days.
    """
    out: dict[int, frozenset[int]] = {}
    for principal, member in members.items():
        kind = principal.partition("/")[0]
        if kind not in ("role", "user"):
            continue
        marks = {mark(f"{kind}/{member.name}")}
        if household := find_household(principal):
            marks.add(mark(f"source_identity/{last_part(principal)}"))
            if principal in young:
                marks.add(mark(household))
        out[code(principal)] = frozenset(marks)
    return out

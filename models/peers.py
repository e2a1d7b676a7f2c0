"""Which peer group a newcomer joins: the one that most of the members it resembles are in."""

from collections import Counter
from collections.abc import Callable, Iterable

from models.groups import Member, find_stratum, name_group
from models.templates import Templates


class Peers:
    """Members by what structure says of them, as more come.

    Parameters
    ----------
    members
        That are there.
    group
        Code of the peer group that each of them, by principal, was put in.

    Examples
    --------
    >>> ann = Member("idc/ann", "human", "AssumedRole", "AWSReservedSSO_Dev_1", "Dev", "1")
    >>> bob = Member("idc/bob", "human", "AssumedRole", "AWSReservedSSO_Dev_1", "Dev", "1")
    >>> Peers([ann], lambda principal: 4).find(bob)
    ('person:Dev', 4)
    """

    def __init__(self, members: Iterable[Member], group: Callable[[str], int]) -> None:
        everyone = list(members)
        roles: dict[str, set[str]] = {}
        for member in everyone:
            if find_stratum(member) == "role":
                roles.setdefault(member.kind, set()).add(member.name)
        self._templates = {kind: Templates(names) for kind, names in roles.items()}
        self._named: dict[tuple[str, str], Counter[int]] = {}
        """Groups of the roles of a kind and name."""
        self._alike: dict[str, Counter[int]] = {}
        """Groups of all whom structure calls peers."""
        for member in everyone:
            self.join(member, group(member.principal))

    def find(self, member: Member) -> tuple[str, int | None]:
        """What structure calls the group of a newcomer, and the code of the group that most of its members are in, of
        several as large the one that was there first; none where it has no members."""
        if find_stratum(member) == "role":
            self._add_name(member)
        name = self._name(member)
        alike = self._alike.get(name)
        return name, max(alike, key=lambda code: (alike[code], -code)) if alike else None

    def join(self, member: Member, group: int) -> None:
        """Put a member in a group; `find` was asked of it, or it was there at once."""
        self._alike.setdefault(self._name(member), Counter())[group] += 1
        if find_stratum(member) == "role":
            self._named.setdefault((member.kind, member.name), Counter())[group] += 1

    def _name(self, member: Member) -> str:
        is_role = find_stratum(member) == "role"
        return name_group(member, self._templates[member.kind].of(member.name) if is_role else ())

    def _add_name(self, member: Member) -> None:
        """Let a role's name be known, and the groups of those whose templates it moves go with them."""
        for name, before, after in self._templates.setdefault(member.kind, Templates(())).add(member.name):
            moved = self._named.get((member.kind, name))
            if moved:
                left = self._alike[name_group(member, before)]
                left.subtract(moved)
                self._alike[name_group(member, before)] = +left
                self._alike.setdefault(name_group(member, after), Counter()).update(moved)

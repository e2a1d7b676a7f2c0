"""By whose credentials what is odd was done, and who handed them out.

A thief who takes a role with a stolen session, or makes a key for somebody else, has another principal from then on. So
what is odd of the one and of the other is one break-in where the credential of the one was handed out to that of the
other, or to one that was handed out to it. Both ends have to be odd, by these very credentials: a hub that opens
sessions everywhere, every day, joins nothing that others do in its spokes, nor what its other sessions lead to.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from models.standing import Standing


@dataclass(frozen=True, slots=True)
class Hands:
    """Credentials, and who handed them out, as far as that is known at a tick."""

    keys: frozenset[str] = frozenset()
    """Access keys with which a standing's values were shown first, and its principal, for callers without a key."""
    handed_by: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By access key, the keys to which it was handed out, or the principal where that used none; also the ones before
    those. Of these `keys`, and of whichever others were asked for."""
    by_opener: Standing | None = None
    """The standing by the habits of the person who opened odd sessions as well (`models.openers`), where one did."""
    told_by: int = 0
    """The tick by which it is told who opened a session of them that is young, where it is not yet; else 0."""

    def are_linked(self, others: frozenset[str]) -> bool:
        """Whether one of the credentials was handed out to one of the others, or the other way round.

        Examples
        --------
        >>> hands = Hands(frozenset({"ASIA2", "role/1/B"}), {"ASIA2": frozenset({"AKIA1"})})
        >>> hands.are_linked(frozenset({"AKIA1"})), hands.are_linked(frozenset({"ASIA2"}))
        (True, False)
        """
        return any(self.handed_by.get(key, frozenset()) & others for key in self.keys) or any(
            self.handed_by.get(key, frozenset()) & self.keys for key in others
        )


FindHands: TypeAlias = Callable[[Standing, frozenset[str]], Hands]
"""Finds the credentials of a standing, and who handed out those and some others, as of its tick."""


def find_no_hands(standing: Standing, others: frozenset[str]) -> Hands:
    """What to call where no events are there to ask."""
    return Hands()

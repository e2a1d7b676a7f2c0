"""Alerts of one break-in: what was raised lately, and which standings belong to it.

Who shows the same hands, stands for the same change, or goes on with a key that another handed out, is in the same
story as an alert that was raised before; so is whoever it made or took, and another fresh name of its role. What
belongs to a break-in that was raised uses no budget again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from models.budget import FLOOR_NATS
from models.hands import FindHands, Hands
from models.standing import Key, Standing

OPEN_DAYS: Final = 2
"""Days that an alert is open for others of its break-in: its own and the one after, which is open for late
deliveries. A definition."""
MOST_JOINED: Final = 4
"""Alerts of one break-in, beside its first, that use up no budget. Set by hand; not measured."""


@dataclass(slots=True)
class Case:
    """What was decided of one principal's day so far."""

    revision: int = 0
    score: float = float("-inf")
    """Record score of the last revision."""
    raised: bool = False
    tactics: frozenset[str] = frozenset()
    traces: frozenset[int] = frozenset()
    keys: frozenset[str] = frozenset()
    """Credentials with which what is odd was done (`models.hands`)."""
    sharing: frozenset[int] = frozenset()
    """Principals that share the changes it stands for."""
    raised_on: int = 0
    """The desk's day it was raised on."""
    first: "Case | None" = field(default=None, repr=False)
    """Of the break-in it joined: the one that used the budget."""
    joined: int = 0
    """Alerts that were raised without budget, for this one was raised before."""
    by_week: bool = False
    """It was raised by what its week adds up to."""
    by: str = ""
    """The detector that raised it by itself."""


class BreakIns:
    """What was raised lately: what others may belong to.

    Examples
    --------
    >>> BreakIns().find_first([]) is None
    True
    """

    def __init__(self) -> None:
        self._open: dict[Key, Case] = {}

    def start_day(self, day: int) -> None:
        """Close what was raised too long ago."""
        self._open = {key: case for key, case in self._open.items() if day - case.raised_on <= OPEN_DAYS}

    def add(self, key: Key, case: Case) -> None:
        """Add what is raised."""
        self._open[key] = case

    def find_hands(self, standing: Standing, find_hands: FindHands, *, is_raised: bool) -> Hands:
        """The credentials of a standing, and who handed out those and its neighbours'; none where nobody will ask."""
        near = self._list_near(standing).values()
        others = frozenset(key for case in near for key in case.keys)
        return find_hands(standing, others) if near or is_raised else Hands()

    def find_joined(self, standing: Standing, hands: Hands) -> frozenset[Key]:
        """Raised ledgers beside it that show the same hands, stand for the same change, or are of one chain of keys."""
        return frozenset(
            key
            for key, case in self._list_near(standing).items()
            if case.traces & standing.traces
            or standing.principal in case.sharing
            or key[1] in standing.sharing
            or hands.are_linked(case.keys)
        )

    def find_makers(self, standing: Standing) -> frozenset[Key]:
        """Raised ledgers of whoever made or took the standing's principal, or of another fresh name of its role.

        Who has no history is judged by its maker's: no evidence of its own is too little, and no cut holds it back. Of
        who has one, it has to be odd by itself.
        """
        if standing.evidence < FLOOR_NATS and not (standing.young and standing.evidence > 0):
            return frozenset()
        return frozenset(key for key, case in self._list_near(standing).items() if case.traces & standing.kin)

    def find_first(self, joins: Iterable[Key]) -> Case | None:
        """Of the break-ins that something joins, the one that it may join without using the budget."""
        firsts = (self._open[key].first or self._open[key] for key in sorted(joins))
        return next((one for one in firsts if one.joined < MOST_JOINED), None)

    def _list_near(self, standing: Standing) -> dict[Key, Case]:
        """Raised ledgers of others, of the same day or one beside it."""
        near = ((key, case) for key, case in self._open.items() if abs(key[0] - standing.day) <= 1)
        return {key: case for key, case in near if key[1] != standing.principal}

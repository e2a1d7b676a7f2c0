"""Which hours a detector raises by itself: a share of the budget that it was given, never more.

A detector that is given a share raises a principal's day whose hour is as strange to it as the share's rate asks of the
days before, whatever the evidence adds up to. Nothing is given unless somebody does: what a share would find, a
backtest tells.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Final, NamedTuple

import numpy as np

from models.detectors.scored import Scored
from models.history import History

WITHOUT_BUDGET: Final = 1.0
"""Alerts a day that a share is of, where there is no budget. A definition."""


class Strange(NamedTuple):
    """An hour that a detector finds strange enough, once it is closed; the earliest first, then the strangest."""

    tick: int
    less: float
    """The raw score, negated: the largest of a tick stands first."""
    principal: int
    by: str
    score: float
    """Record score."""


@dataclass(slots=True)
class Alone:
    """Detectors that may raise by themselves.

    Parameters
    ----------
    shares
        Of the budget, within (0, 1), by detector.
    budget
        Alerts a day; none where there is no ceiling.

    Examples
    --------
    >>> Alone({"forest": 0.2}, 5.0).has_room("forest")
    False
    """

    shares: Mapping[str, float]
    budget: float | None
    _cuts: dict[str, float] = field(default_factory=dict)
    _left: dict[str, int] = field(default_factory=dict)

    def start_day(self, history: History, burst: float) -> None:
        """Set the day's cuts from the days before it.

        Parameters
        ----------
        burst
            Alerts of the day at most, as days of a share.
        """
        rates = {name: share * (self.budget or WITHOUT_BUDGET) for name, share in self.shares.items()}
        self._cuts = {name: history.quantile(rate, of=name) for name, rate in rates.items()}
        self._left = {name: ceil(rate * burst - 1e-9) for name, rate in rates.items()}

    def find(self, scored: Scored, day: int) -> list[Strange]:
        """The hours of a day that are strange enough, in order."""
        if not len(scored):
            return []
        found = []
        for name, cut in self._cuts.items():
            raw = scored.raw[name]
            for row in np.flatnonzero((raw > 0) & (raw >= cut) & (scored.hours.day == day)).tolist():
                tick, principal = int(scored.hours.tick[row]), int(scored.hours.principal[row])
                found.append(Strange(tick, -float(raw[row]), principal, name, float(scored.record[name][row])))
        return sorted(found)

    def has_room(self, name: str) -> bool:
        """Whether a detector may raise one more today."""
        return self._left.get(name, 0) > 0

    def take(self, name: str) -> None:
        """Count one that a detector raised."""
        self._left[name] -= 1

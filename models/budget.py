"""Why a principal's day is not raised: a floor of evidence, the budget's cuts, and the room that is left in it.

A cut is the trailing quantile at which the deployment reached as many principal-days a day as a share of the budget
asks. Room is what the days so far were granted, less what was raised: a ceiling over the whole period, with a part kept
for the strongest, and one over each day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from models.calibration import Calibration
from models.history import ACT_NATS, History
from models.standing import Standing

FLOOR_NATS: Final = 4.0
"""Nats of evidence an alert needs: quiet days raise nothing. Set by hand; not measured."""
OVERSHOOT: Final = 1.25
"""Alerts over the whole period at most, as a multiple of those asked for, critical lane included. A promise, and the
bound that the benchmark holds everybody to."""
ORDINARY_OVERSHOOT: Final = 1.0
"""The same for the ordinary lane, so that decoys or busy days cannot use up what is kept for the strongest. Set by
hand; not measured."""
CREDIT_DAYS, ORDINARY_CREDIT_DAYS = 1.75, 1.0
"""Days of budget a desk starts with, so that an early attack finds room; within `OVERSHOOT` after a week. Set by hand;
not measured."""
STRONG_SHARE: Final = 0.25
"""Share of the budget's rate at which a sum is strong enough for the critical lane, from whatever families. Set by
hand; not measured."""
BURST_DAYS: Final = 3
"""Alerts in one day at most, as days of budget. Set by hand; not measured."""
CRITICAL_PER_DAY: Final = 0.1
"""Principal-days a day at which the largest family alone reaches the critical lane: it finds 6 where the sum finds 35
others. Set by hand; not measured."""
ACTS_SHARE: Final = 0.25
"""Share of the budget's rate at which days with a critical act are raised, ranked among themselves; in ordinary room,
so that they never use up what is kept for the strongest. Set by hand; not measured."""
WEEK_SHARE: Final = 0.1
"""Share of the budget's rate at which the sum of a week is raised that no day of it is raised by. Set by hand; not
measured."""
RAISE_FROM: Final = 75.0
"""Record score that raises where there is no budget: one false alert a day. A definition."""

Held = Literal["evidence", "score", "others", "budget"]
"""Why a standing is not raised: too little evidence, too low a score where there is no budget, rarer days than the
budget has room for are usual, or the budget is used up."""


@dataclass(slots=True)
class _Cuts:
    """Nats from which on something may be raised today."""

    sum: float = float("inf")
    strong: float = float("inf")
    """Of the critical lane, whatever the families."""
    critical: float = float("inf")
    """Of the critical lane, by the largest family."""
    acts: float = float("inf")
    """With a critical act."""
    week: float = float("inf")

    @classmethod
    def of(cls, history: History, per_day: float) -> "_Cuts":
        """A day's, from the days before it."""
        return cls(
            sum=history.quantile(per_day),
            strong=history.quantile(STRONG_SHARE * per_day),
            critical=history.quantile(min(CRITICAL_PER_DAY, per_day), of="largest"),
            acts=history.quantile(ACTS_SHARE * per_day, of="acts"),
            week=history.quantile(WEEK_SHARE * per_day, of="week"),
        )


class Budget:
    """What may be raised, and what of it was.

    Parameters
    ----------
    per_day
        Alerts a day for the deployment; none means no ceiling: what scores `RAISE_FROM` is raised.
    days, raised
        Days that began before this one's first, and alerts that were raised on them.

    Examples
    --------
    >>> history = History()
    >>> budget = Budget(2.0)
    >>> budget.start_day(history, history.calibration(), history.calibration("week"))
    >>> for _ in range(4):
    ...     budget.spend()
    >>> budget.days, budget.raised, budget.has_room()
    (1, 4, False)
    """

    def __init__(self, per_day: float | None, days: int = 0, raised: int = 0) -> None:
        self.per_day, self.days, self.raised = per_day, days, raised
        self._today = 0
        self.cuts = _Cuts()
        self._calibration: Calibration | None = None
        self._of_weeks: Calibration | None = None

    def start_day(self, history: History, calibration: Calibration, of_weeks: Calibration) -> None:
        """Set the day's cuts from the days before it, and grant it its alerts."""
        self.days, self._today = self.days + 1, 0
        if self.per_day is not None:
            self.cuts = _Cuts.of(history, self.per_day)
        self._calibration, self._of_weeks = calibration, of_weeks

    def score(self, standings: Sequence[Standing]) -> npt.NDArray[np.float64]:
        """Record scores."""
        assert self._calibration is not None, "no day has begun"
        return self._calibration.score(np.array([standing.total for standing in standings]))

    def score_week(self, week: Standing) -> float:
        """Record score of what a week adds up to."""
        assert self._of_weeks is not None, "no day has begun"
        return float(self._of_weeks.score(np.array([week.total]))[0])

    def hold_back(self, standing: Standing, score: float) -> Held | None:
        """Why a standing is not raised; none where it is."""
        if standing.evidence < FLOOR_NATS:
            return "evidence"
        if self.per_day is None:
            return None if score >= RAISE_FROM else "score"
        critical = standing.total >= self.cuts.strong or max(standing.families.values()) >= self.cuts.critical
        act = standing.acts >= ACT_NATS and standing.total >= self.cuts.acts
        if standing.total < self.cuts.sum and not critical and not act:
            return "others"
        return None if self.has_room(critical=critical) else "budget"

    def hold_back_week(self, week: Standing) -> Held | None:
        """Why the sum of a week is not raised; none where it is."""
        if week.evidence < FLOOR_NATS:
            return "evidence"
        if self.per_day is None:
            return None if self.score_week(week) >= RAISE_FROM else "score"
        if week.total < self.cuts.week:
            return "others"
        return None if self.has_room() else "budget"

    def has_room(self, *, critical: bool = False) -> bool:
        """Whether one more may be raised now."""
        if self.per_day is None:
            return True
        overshoot, credit = (OVERSHOOT, CREDIT_DAYS) if critical else (ORDINARY_OVERSHOOT, ORDINARY_CREDIT_DAYS)
        most = self.per_day * max(overshoot * self.days, self.days + credit)
        return self.raised < floor(most + 1e-9) and self._today < BURST_DAYS * self.per_day

    def spend(self) -> None:
        """Count one that is raised."""
        self.raised += 1
        self._today += 1

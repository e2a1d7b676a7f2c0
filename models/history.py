"""What days added up to when they were judged by a model that never saw them: all that calibration may read."""

from dataclasses import dataclass, field

import numpy as np

from models.baseline import Floats
from models.calibration import DAYS, Calibration

DETECTORS = ("surprise", "exposure", "own_past", "population", "facts", "forest")
"""Detectors with a record score of their own."""


@dataclass(slots=True)
class DayRecord:
    """The largest standings of one day's principal-days, shape (n,) each."""

    day: int
    principal_days: int
    """Principals active on the day, with evidence or without."""
    total: Floats
    largest: Floats
    """Largest single family."""
    detectors: dict[str, Floats] = field(default_factory=dict)


@dataclass(slots=True)
class History:
    """Trailing day records, oldest first."""

    days: list[DayRecord] = field(default_factory=list)

    def add(self, record: DayRecord) -> None:
        """Append a day and forget those no calibration will read."""
        self.days = [*(kept for kept in self.days if kept.day > record.day - DAYS), record]

    def quantile(self, per_day: float, of: str = "total") -> float:
        """The value that `per_day` principal-days a day reached; −∞ when fewer than that had any evidence.

        Examples
        --------
        >>> history = History()
        >>> history.add(DayRecord(1, 3, np.array([5.0, 9.0, 2.0]), np.array([5.0, 9.0, 2.0])))
        >>> history.quantile(1.0)
        9.0
        """
        values = self._values(of)
        rank = int(per_day * len(self.days))
        if not self.days or rank > len(values) or rank < 1:
            return float("-inf") if self.days and rank > len(values) else float("inf")
        return float(np.sort(values)[::-1][rank - 1])

    def calibration(self, of: str = "total") -> Calibration:
        """Calibration of the sum, of the largest family or of a detector."""
        principal_days = sum(record.principal_days for record in self.days)
        return Calibration.fit(self._values(of), principal_days, max(len(self.days), 1))

    def _values(self, of: str) -> Floats:
        values = [getattr(r, of) if of in ("total", "largest") else r.detectors.get(of, np.empty(0)) for r in self.days]
        return np.concatenate(values) if values else np.empty(0)

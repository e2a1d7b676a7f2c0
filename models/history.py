"""What days added up to when they were judged by a model that never saw them: all that calibration may read."""

from dataclasses import dataclass, field

import numpy as np

from models.baseline import Bools, Floats
from models.calibration import DAYS, Calibration

_OF_SUMS = ("total", "largest", "acts", "week")
SUSPECT_RATE = 0.1
"""Principal-days a day: what is rarer is kept out of later calibrations, as an attack or what looks like one. Set by
hand; a week of attacks would teach the score that attacks are usual."""
ACT_NATS = 1.5
"""Nats from which what blinds, opens or hands over control is a critical act: less is somebody's habit. Set by hand;
not measured."""
MOST_SUSPECTS = 2
"""Suspects a day that are left out; more at once are a change of the deployment, and must be learnt. Set by hand; with
as many given back as chance brings, 75 is reached 1.2 to 1.4 times a day without attacks
(benchmarks/results/quiet.md)."""


def find_suspects(totals: Floats, calibration: Calibration) -> Bools:
    """Which of a day's sums calibration should not read, shape (n,).

    >>> calibration = Calibration.fit(np.arange(100.0), 200, 14)
    >>> find_suspects(np.array([1.0, 500.0, 2.0]), calibration).tolist()
    [False, True, False]
    """
    out = np.zeros(len(totals), dtype=bool)
    strongest = np.argsort(-totals, kind="stable")[:MOST_SUSPECTS]
    out[strongest] = calibration.rate(totals[strongest]) <= SUSPECT_RATE
    return out


@dataclass(slots=True)
class Maxima:
    """The largest raw score of each of a day's principal-days, by one detector; arrays of one length."""

    score: Floats
    suspect: Bools
    """Which reached `SUSPECT_RATE` when judged."""


@dataclass(slots=True)
class DayRecord:
    """The largest standing of each of a day's principal-days that had any evidence; arrays of one length."""

    day: int
    principal_days: int
    """Principals active on the day, with evidence or without."""
    total: Floats
    largest: Floats
    """Largest single family."""
    suspect: Bools
    """Which reached `SUSPECT_RATE` when judged: hardly any is clean, so calibration leaves them out."""
    detectors: dict[str, Maxima]
    """By detectors that were fitted before the day, of the principal-days in which they saw anything."""
    acts: Floats
    """Nats of critical acts."""
    week: Floats
    """The sum with what was still untold of the days before (`models.week`)."""


@dataclass(slots=True)
class History:
    """Trailing day records, oldest first."""

    days: list[DayRecord] = field(default_factory=list)

    def add(self, record: DayRecord) -> None:
        """Append a day and forget those no calibration will read."""
        self.days = [*(kept for kept in self.days if kept.day > record.day - DAYS), record]

    def quantile(self, per_day: float, of: str = "total") -> float:
        """The value that `per_day` principal-days a day reached; −∞ when fewer had any evidence, ∞ without history."""
        values = np.sort(self._values(of))[::-1]
        rank = int(per_day * len(self.days))
        if not self.days or rank < 1:
            return float("inf")
        return float(values[rank - 1]) if rank <= len(values) else float("-inf")

    def calibration(self, of: str = "total") -> Calibration:
        """Calibration of the sum, of the largest family or of a detector, to what is most likely clean."""
        principal_days = sum(record.principal_days for record in self.days)
        values = self._values(of)
        if values.size:
            values = values[~self._left_out(of)]
        return Calibration.fit(values, principal_days, max(len(self.days), 1))

    def _left_out(self, of: str) -> Bools:
        """Suspects beyond those that chance brings: of what is rarer than `SUSPECT_RATE`, so many a day are clean.

        The weakest are taken for the clean ones. Without them, a deployment that nobody attacks would lose its own
        tail, and score 75 twice as often as it should.
        """
        judges_sums = of in _OF_SUMS
        out = np.concatenate([r.suspect if judges_sums else r.detectors[of].suspect for r in self._days(of)])
        where = np.flatnonzero(out)
        weakest = np.argsort(self._values("total" if judges_sums else of)[where], kind="stable")
        out[where[weakest[: round(SUSPECT_RATE * len(self.days))]]] = False
        return out

    def _days(self, of: str) -> list[DayRecord]:
        """Days that know what is asked for."""
        return [record for record in self.days if of in _OF_SUMS or of in record.detectors]

    def _values(self, of: str) -> Floats:
        days = self._days(of)
        if of == "acts":
            values = [np.where(record.acts >= ACT_NATS, record.total, -np.inf) for record in days]
            return np.concatenate(values) if values else np.empty(0)
        values = [getattr(record, of) if of in _OF_SUMS else record.detectors[of].score for record in days]
        return np.concatenate(values) if values else np.empty(0)

"""From a sum of evidence to a rate, and from a rate to the record score.

λ(T) is how many principal-days a day reach T by chance in this deployment. Inside the data it is the trailing
empirical rate; beyond, a generalised Pareto tail (Pickands, "Statistical inference using extreme order statistics",
Annals of Statistics 3, 1975) with moments after Hosking & Wallis, Technometrics 29, 1987. A shipped prior stands in
where a deployment is too small to show its own tail.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from models.baseline import Floats

DAYS: Final = 14
"""Days back a calibration looks. Set by hand on the prototype; a cut at their quantile realised 5.0 to 5.6 alerts for 5
asked."""
TAIL: Final = 50
"""Largest principal-days the tail is fitted to, of the third that are largest. Set by hand; not measured."""
TAIL_PART: Final = 3
"""One in so many values may belong to the tail. Set by hand; not measured."""
FEWEST_TAIL: Final = 10
"""Principal-days that a tail needs; with fewer the shipped prior stands in. Set by hand; not measured."""
KNOTS: Final = 24
"""Ranks at which the rate inside the data is kept, evenly in their logarithm. Set by hand; not measured."""
PLOTTING: Final = 0.35
"""Ranks: plotting position of probability-weighted moments, Hosking & Wallis, Technometrics 29, 1987."""
MOST_SHAPE: Final = 0.3
"""Bound of the tail's shape, no unit; below 0 the score would saturate. Set by hand; not measured."""
PRIOR_PRINCIPAL_DAYS: Final = 60.0
"""Principal-days the shipped prior is worth. Set by hand; not measured."""
PRIOR_LEVEL, PRIOR_SCALE = 0.05, 3.5
"""Shipped prior: share of principal-days with a sum above 0, and the scale of its tail in nats. Set by hand; not
measured."""
SCORE_LOG_RATE = np.array([-1.0, 0.0, 1.0, 2.0, 3.0])
SCORE = np.array([90.0, 75.0, 50.0, 25.0, 0.0])
"""Record score at these rates, log10 of principal-days a day. A definition: the native jobs' severities begin at 25, 50
and 75."""
SCORE_BEYOND = 0.3
"""Power of the rate with which the score nears 100 beyond the last. A definition; it never saturates."""


def score_rate(rate: Floats) -> Floats:
    """Record score, 0 to 100, of a rate a day: 100 a day give 25, 10 give 50, 1 gives 75, 0.1 gives 90; no saturation.

    Examples
    --------
    >>> score_rate(np.array([10.0, 1.0, 0.1])).tolist()
    [50.0, 75.0, 90.0]
    """
    log_rate = np.log10(np.maximum(rate, 1e-300))
    inside = np.interp(log_rate, SCORE_LOG_RATE, SCORE)
    out: Floats = np.where(log_rate < -1, 100 - 10 * 10 ** (SCORE_BEYOND * (log_rate + 1)), inside)
    return out


@dataclass(frozen=True, slots=True)
class Calibration:
    """Rates of sums of evidence, fitted to the prequential sums of trailing days."""

    knots: Floats
    """Sums of evidence, ascending, shape (k,)."""
    log_rates: Floats
    """ln λ at the knots, descending."""
    threshold: float
    tail_rate: float
    """λ at the threshold."""
    shape: float
    scale: float
    principal_days: float
    days: float

    @classmethod
    def fit(cls, sums: Floats, principal_days: int, days: float) -> Self:
        """Fit to the largest sum of each principal-day.

        Parameters
        ----------
        sums
            One value a principal-day that had any evidence, shape (n,); the other principal-days count as −∞.
        principal_days
            How many principal-days there were.
        days
            Days they cover.

        Examples
        --------
        >>> fitted = Calibration.fit(np.random.default_rng(0).exponential(2.0, 2000), 3000, 14)
        >>> rate = fitted.rate(np.array([2.0, 8.0, 40.0]))
        >>> bool((np.diff(rate) < 0).all())
        True
        """
        values = np.sort(np.asarray(sums, dtype=float))[::-1]
        count = min(TAIL, len(values) // TAIL_PART)
        if count >= FEWEST_TAIL:
            threshold = float(values[count])
            exceed = values[:count] - threshold
            shape, scale = _tail(exceed)
            ranks = np.unique(np.geomspace(count, len(values) - 1, KNOTS).astype(int))
            knots, log_rates = values[ranks][::-1], np.log(ranks / days)[::-1]
            keep = np.concatenate([[True], np.diff(knots) > 1e-9])
            return cls(knots[keep], log_rates[keep], threshold, count / days, shape, scale, float(principal_days), days)
        empty = np.empty(0)
        return cls(empty, empty, 0.0, 0.0, 0.0, 1.0, float(principal_days), days)

    def rate(self, sums: Floats) -> Floats:
        """Principal-days a day that reach each sum by chance; falls strictly with the sum."""
        sums = np.asarray(sums, dtype=float)
        daily = max(self.principal_days / max(self.days, 1e-9), 1.0)
        prior = daily * np.where(
            sums > 0,
            PRIOR_LEVEL * np.exp(-sums / PRIOR_SCALE),
            PRIOR_LEVEL + (1 - PRIOR_LEVEL) * (1 - np.exp(np.minimum(sums, 0.0) / PRIOR_SCALE)),
        )
        if not len(self.knots):
            return prior
        over = np.maximum(sums - self.threshold, 0.0) / self.scale
        tail = self.tail_rate * (np.exp(-over) if self.shape < 1e-6 else (1 + self.shape * over) ** (-1 / self.shape))
        most = max(np.log(daily), float(self.log_rates[0]))
        below = self.knots[0] - sums
        inside = np.exp(np.interp(sums, self.knots, self.log_rates))
        # below every value seen, λ climbs towards all principal-days
        inside = np.where(below > 0, np.exp(most - (most - self.log_rates[0]) * np.exp(-below)), inside)
        own = np.where(sums > self.threshold, tail, inside)
        weight = self.principal_days / (self.principal_days + PRIOR_PRINCIPAL_DAYS)
        out: Floats = weight * own + (1 - weight) * prior
        return out

    def score(self, sums: Floats) -> Floats:
        """Record score of each sum; higher is stranger."""
        return score_rate(self.rate(sums))


def _tail(exceed: Floats) -> tuple[float, float]:
    """Shape and scale of a generalised Pareto by probability-weighted moments; shape within [0, `MOST_SHAPE`]."""
    ascending = np.sort(exceed)
    n = len(ascending)
    mean = float(ascending.mean())
    weighted = float((ascending * (n - np.arange(1, n + 1) + PLOTTING) / n).mean())
    shape = 2 - mean / max(mean - 2 * weighted, 1e-9)
    shape = float(np.clip(shape, 0.0, MOST_SHAPE))
    return shape, max(mean * (1 - shape), 1e-6)

"""Population: each measure of an hour against its group in that hour of the week.

    o = −ln P(X ≥ ln(1 + measure)),  X normal;  raw = the largest of clip(o − 3, 0, 20) + ¼ of the rest

Measures are correlated, as places are, so the rest counts a quarter. An hour in which the group hardly ever works is a
measure too.
"""

from typing import Self

import numpy as np
from scipy.special import log_ndtr

from models.baseline import Floats
from models.counts import QUIET_NATS
from models.detectors.base import Past, Why
from models.detectors.hours import COLUMNS, COUNTS, WEEK, Hours, check_hours
from models.detectors.timetable import Timetable, Usual

MOST_NATS = 20.0
"""Nats of one measure at most. Set by hand; not measured."""
CLOCK_MOST_NATS = 5.0
"""Nats of the hour of the week at most. Set by hand; not measured."""
REST = 0.25
"""Share that counts of all measures but the largest, as for places. Set by hand; not measured."""


class Population:
    """Nats of measures above what the group shows in that hour of the week.

    Examples
    --------
    >>> Population().score(Hours.none()).shape
    (0,)
    """

    name = "population"
    by_tick = False

    def __init__(self) -> None:
        self.timetable_ = Timetable()

    def fit(self, past: Past) -> Self:
        """Take what was learnt day by day."""
        self.timetable_ = past.timetable
        return self

    def score(self, hours: Hours) -> Floats:
        """Nats, shape (n,)."""
        nats = self._weigh(check_hours(hours), self.timetable_.usual(hours))
        largest = nats.max(axis=1, initial=0.0)
        out: Floats = largest + REST * (nats.sum(axis=1) - largest)
        return out

    def explain(self, hours: Hours) -> Why:
        """The nats of each measure; of the hour of the week, typical is the share of the group's hours it has."""
        usual = self.timetable_.usual(check_hours(hours))
        return Why(self._weigh(hours, usual), np.hstack([np.expm1(usual.mean), usual.share[:, None]]))

    def _weigh(self, hours: Hours, usual: Usual) -> Floats:
        nats = np.zeros((len(hours), len(COLUMNS)))
        if not len(self.timetable_.key):
            return nats
        above = (np.log1p(hours.values[:, :COUNTS]) - usual.mean) / usual.spread
        nats[:, :COUNTS] = np.clip(-log_ndtr(-above) - QUIET_NATS, 0.0, MOST_NATS)
        nats[:, COUNTS] = np.clip(-np.log(usual.share * WEEK), 0.0, CLOCK_MOST_NATS)
        return nats

"""Breadth: does an hour call more services than the population shows at that number of calls?

Few calls over many services is how someone finds out what a stolen key can do. Many services alone say little, since
they grow with the calls; so an hour is compared with hours of its kind that made about as many calls.

Unlike counts this is not monotone: more calls of one service make an hour look ordinary. It is therefore judged as the
hour fills, against hours as they filled, keeps the most it showed, and may only add, at most `MOST_NATS`.
"""

from typing import Final

import numpy as np

from features.activity.hourly import MEASURES
from models.baseline import Baseline, Floats, Ints, pair_key
from models.counts import (
    HALF_LIFE,
    QUIET_NATS,
    HourlyRows,
    Volumes,
    keep_rising,
    no_volumes,
    sum_running,
    weigh_unusual,
)

BUCKETS: Final = 24
"""Doublings of the number of calls that are told apart; the last holds all above. Set by hand; not measured."""
KIND_HOURS: Final = 5.0
"""Hours of the deployment's habit that a kind starts with, at each number of calls. Set by hand; not measured."""
WEIGHT: Final = 0.5
"""Share of the nats over `QUIET_NATS` that breadth is worth. Set by hand; not measured."""
MOST_NATS: Final = 4.0
"""Nats it may add at most. Set by hand; not measured."""
LEAST_OTHERS: Final = 1e-3
"""Further services expected where nobody ever had any, so that the first is not infinitely strange. Set by hand; not
measured."""
_CALLS, _SERVICES = tuple(MEASURES).index("calls"), tuple(MEASURES).index("services")


class Breadth:
    """Decayed moments of services beyond the first, by kind and number of calls.

    An hour counts at every number of calls it passed on its way.

    Attributes
    ----------
    hours, sums, squares
        Decayed hours, services beyond the first and their squares, shape (strata, BUCKETS).

    Examples
    --------
    >>> Breadth(day=100).hours.shape
    (0, 24)
    """

    def __init__(self, day: int) -> None:
        self.day = day
        self.hours: Floats = np.zeros((0, BUCKETS))
        self.sums: Floats = np.zeros((0, BUCKETS))
        self.squares: Floats = np.zeros((0, BUCKETS))

    def learn(self, day: int, rows: HourlyRows, strata: Ints) -> None:
        """Become the baseline of `day` by folding in hours that became known.

        Parameters
        ----------
        day
            The day this becomes the baseline of.
        rows
            Sorted by (principal, hour, tick).
        strata
            Kind of every principal, by code.
        """
        self._grow(int(strata.max(initial=-1)) + 1)
        decay = 0.5 ** ((day - self.day) / HALF_LIFE)
        self.day = day
        self.hours, self.sums, self.squares = self.hours * decay, self.sums * decay, self.squares * decay
        for part in rows.parts():
            self._add(part, strata)

    def _add(self, rows: HourlyRows, strata: Ints) -> None:
        key = pair_key(rows.principal, rows.hour)
        calls, services = _run(rows)
        bucket = _bucket(calls)
        passed = np.append((key[1:] != key[:-1]) | (bucket[1:] != bucket[:-1]), True)
        cell = strata[rows.principal[passed]], bucket[passed]
        others = np.maximum(services[passed] - 1, 0.0)
        np.add.at(self.hours, cell, 1.0)
        np.add.at(self.sums, cell, others)
        np.add.at(self.squares, cell, others**2)

    def _grow(self, strata: int) -> None:
        more = strata - len(self.hours)
        if more > 0:
            self.hours, self.sums, self.squares = (
                np.pad(table, ((0, more), (0, 0))) for table in (self.hours, self.sums, self.squares)
            )

    def score(self, baseline: Baseline, rows: HourlyRows) -> Volumes:
        """Evidence of a day's hours as they filled; only rows that raise a principal's largest of the day.

        Parameters
        ----------
        baseline
            Of the same day; says of which kind each principal is.
        rows
            The day's increments, sorted by (principal, hour, tick).

        Returns
        -------
        Volumes
            With the measure `services` against the population.
        """
        self._grow(len(baseline.strata))
        moments = self._moments()
        return keep_rising([no_volumes(), *(_score(baseline, part, moments) for part in rows.parts())])

    def _moments(self) -> tuple[Floats, Floats]:
        """Mean and mean square of services beyond the first, shape (strata, BUCKETS), a kind shrunk to everybody."""
        everyone = self.hours.sum(axis=0)
        pooled = [_filled(table.sum(axis=0), everyone) for table in (self.sums, self.squares)]
        weight = self.hours + KIND_HOURS
        mean, square = (
            (table + KIND_HOURS * pool) / weight for table, pool in zip((self.sums, self.squares), pooled, strict=True)
        )
        return np.maximum(mean, LEAST_OTHERS), np.maximum(square, LEAST_OTHERS)


def _score(baseline: Baseline, rows: HourlyRows, moments: tuple[Floats, Floats]) -> Volumes:
    """Evidence of hours as they filled."""
    calls, services = _run(rows)
    strata = baseline.stratum[rows.principal]
    mean, square = (_between(table, strata, calls) for table in moments)
    nats = weigh_unusual(services - 1, mean, np.maximum(square - mean**2, mean))
    nats = np.minimum(WEIGHT * np.maximum(nats - QUIET_NATS, 0.0), MOST_NATS)
    measure = np.full(len(rows), _SERVICES)
    population = np.ones(len(rows), dtype=np.int64)
    found = Volumes(rows.principal, rows.day, rows.tick, rows.hour, nats, measure, population, services, 1.0 + mean)
    return found.where(nats > 0)


def _run(rows: HourlyRows) -> tuple[Floats, Floats]:
    """Calls and services of each hour up to each row."""
    running = sum_running(rows.counts[:, [_CALLS, _SERVICES]], pair_key(rows.principal, rows.hour))
    return running[:, 0], running[:, 1]


def _bucket(calls: Floats) -> Ints:
    return np.minimum(np.log2(np.maximum(calls, 1.0)), BUCKETS - 1).astype(np.int64)


def _filled(sums: Floats, hours: Floats) -> Floats:
    """Means by number of calls; where nobody made as many, the nearest numbers stand in."""
    seen = np.flatnonzero(hours > 0)
    if not len(seen):
        return np.zeros(BUCKETS)
    return np.interp(np.arange(BUCKETS), seen, sums[seen] / hours[seen])


def _between(table: Floats, strata: Ints, calls: Floats) -> Floats:
    """Values of a table at numbers of calls, straight between the middles of its buckets."""
    at = np.clip(np.log2(np.maximum(calls, 1.0)) - 0.5, 0.0, BUCKETS - 1.0)
    low = at.astype(np.int64)
    high, part = np.minimum(low + 1, BUCKETS - 1), at - low
    out: Floats = (1 - part) * table[strata, low] + part * table[strata, high]
    return out

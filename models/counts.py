"""Counts of hours as they fill, the evidence they give, and the tail of a count.

Counts only, never shares, which padding lowers. Tails are negative binomial (Fisher, "The negative binomial
distribution", Annals of Eugenics 11, 1941).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from scipy.stats import nbinom, poisson

from models.baseline import Bools, Floats, Ints, is_all

HALF_LIFE = 14.0
"""Days after which an hour's count weighs half. Set by hand on the prototype; counts as a whole +.015, large company
+.08."""
QUIET_NATS = 3.0
"""Nats (−ln of a tail) that are no evidence yet: one hour in twenty is as large. Set by hand on the prototype; not
measured alone."""
LEAST_MEAN = 1e-6
"""A count; keeps a tail defined where nobody ever counted anything."""
AT_ONCE = 1 << 16
"""Rows that are looked at together, where there are many."""
MOST_TAIL_NATS = 700.0
"""Nats; beyond them a float's exponent ends."""


@dataclass(slots=True)
class HourlyRows:
    """Increments of every measure by (principal, hour, tick), sorted so; `counts` are whole, shape (n, measures)."""

    principal: Ints
    hour: Ints
    tick: Ints
    day: Ints
    counts: Ints

    def where(self, mask: Bools | Ints | slice) -> "HourlyRows":
        """The rows a mask selects; itself where those are all."""
        return self if is_all(mask) else HourlyRows(*(getattr(self, name)[mask] for name in self.__slots__))

    def parts(self) -> "Iterator[HourlyRows]":
        """All rows, some `AT_ONCE` at a time; those of an hour stay together."""
        begin = 0
        while begin < len(self):
            end = begin + AT_ONCE
            while not self._ends_hour(end):
                end += 1
            yield self.where(slice(begin, end))
            begin = end

    def _ends_hour(self, end: int) -> bool:
        """Whether the row at a position is of another hour than the one before it."""
        return end >= len(self) or (
            self.hour[end] != self.hour[end - 1] or self.principal[end] != self.principal[end - 1]
        )

    @staticmethod
    def concatenated(parts: "list[HourlyRows]") -> "HourlyRows":
        """One table of several; there is at least one."""
        return HourlyRows(*(np.concatenate([getattr(part, name) for part in parts]) for name in HourlyRows.__slots__))

    def __len__(self) -> int:
        return len(self.principal)


@dataclass(slots=True)
class Volumes:
    """Evidence of counts: a row whenever a principal's largest of the day, against past or population, rises."""

    principal: Ints
    day: Ints
    tick: Ints
    hour: Ints
    nats: Floats
    measure: Ints
    population: Ints
    """1 where the population speaks, 0 where the own past does."""
    actual: Floats
    typical: Floats

    @staticmethod
    def concatenated(parts: "list[Volumes]") -> "Volumes":
        """One table of several."""
        return Volumes(*(np.concatenate([getattr(p, name) for p in parts]) for name in Volumes.__slots__))

    def where(self, mask: Bools | Ints) -> "Volumes":
        """The rows a mask or an order selects."""
        return Volumes(*(getattr(self, name)[mask] for name in self.__slots__))

    def __len__(self) -> int:
        return len(self.principal)


Side: TypeAlias = tuple[int, int, int]
"""What counts speak of: (day, principal, 1 where the population speaks and 0 where the own past does)."""


class Moments(NamedTuple):
    """Mean and mean square of counts an hour; arrays of one shape, the last axis being measures."""

    mean: Floats
    square: Floats


def weigh_tail(count: Floats, mean: Floats, variance: Floats) -> Floats:
    """−ln P(K ≥ count), K negative binomial with the mean and variance (Poisson when not overdispersed).

    Parameters
    ----------
    count, mean, variance
        Arrays of one shape; higher counts give higher nats.

    Examples
    --------
    >>> weigh_tail(np.array([0.0, 40.0]), np.array([5.0, 5.0]), np.array([9.0, 9.0])).round(1).tolist()
    [-0.0, 20.9]
    """
    mean = np.maximum(mean, LEAST_MEAN)
    extra = variance - mean
    over = extra > 1e-9 * mean
    size = np.where(over, mean**2 / np.where(over, extra, 1.0), 1.0)
    log_tail = np.where(over, nbinom.logsf(count - 1, size, size / (size + mean)), poisson.logsf(count - 1, mean))
    return -np.maximum(log_tail, -MOST_TAIL_NATS)


def weigh_unusual(count: Floats, mean: Floats, variance: Floats) -> Floats:
    """`weigh_tail` where a count is above its mean, 0 elsewhere; arrays of one shape."""
    nats, unusual = np.zeros(count.shape), count > mean
    nats[unusual] = weigh_tail(count[unusual], mean[unusual], variance[unusual])
    return nats


def sum_running(counts: Ints, key: Ints) -> Floats:
    """Running totals of each key's rows, which stand together."""
    start = np.flatnonzero(np.diff(key, prepend=key[:1] - 1))
    length, out = np.diff(start, append=len(key)), np.empty((counts.shape[1], len(key)))
    for column, running in zip(counts.T, out, strict=True):  # a column at a time stays in the cache
        np.cumsum(column, dtype=np.float64, out=running)
        running -= np.repeat(np.concatenate([[0.0], running])[start], length)
    return out.T


def keep_rising(parts: list[Volumes], best: dict[Side, float] | None = None) -> Volumes:
    """Rows that exceed every earlier one of their principal's day and side, in order of tick.

    Parameters
    ----------
    best
        The largest so far of each side, where earlier rows were looked at before; brought up to date.
    """
    best = {} if best is None else best
    rows = Volumes.concatenated(parts)
    rows = rows.where(rows.nats > 0)
    rows = rows.where(np.lexsort((-rows.nats, rows.principal, rows.day, rows.tick)))
    keep = np.zeros(len(rows), dtype=bool)
    for index, key in enumerate(zip(rows.day.tolist(), rows.principal.tolist(), rows.population.tolist(), strict=True)):
        if rows.nats[index] > best.get(key, 0.0):
            best[key] = float(rows.nats[index])
            keep[index] = True
    return rows.where(keep)


def no_volumes() -> Volumes:
    """No evidence of counts."""
    whole, real = np.empty(0, dtype=np.int64), np.empty(0)
    return Volumes(whole, whole, whole, whole, real, whole, whole, real, real)

"""What the hours of a group usually measure, by hour of the week: decayed sums, a day at a time.

Means are of ln(1 + measure), shrunk from the hour of the week to the group and from there to the deployment. Spread is
what the means were off by on days they had not seen. Cells that nobody was in for long are forgotten, so that groups
which come and go cost nothing.
"""

from typing import NamedTuple

import numpy as np

from models.baseline import Floats, Ints, find
from models.detectors.hours import COUNTS, WEEK, Hours

HALF_LIFE = 28.0
"""Days after which an hour weighs half: four of each hour of the week. Set by hand; not measured."""
CELL_HOURS = 6.0
"""Hours that the wider circle weighs in a mean. Set by hand; not measured."""
CLOCK_HOURS = 24.0
"""Hours that the deployment's week weighs in when a group is active. Set by hand; not measured."""
FORGOTTEN_HOURS = 0.02
"""Decayed hours of a cell below which it is forgotten; bounds memory, seen in no score."""
LEAST_SPREAD = 0.25
"""Least standard deviation of ln(1 + measure): two of a thing instead of one, always, is no alarm. Set by hand; not
measured."""


class Usual(NamedTuple):
    """What is expected of hours; arrays of one length."""

    mean: Floats
    """Of ln(1 + measure), shape (n, COUNTS)."""
    spread: Floats
    """Its standard deviation, shape (n, COUNTS)."""
    share: Floats
    """Share of the group's hours that lie in this hour of the week, shape (n,)."""


class Timetable:
    """Decayed sums by (group, hour of the week), sorted by `key`, and what means were off by, by group.

    Examples
    --------
    >>> Timetable().usual(Hours.none()).mean.shape
    (0, 19)
    """

    def __init__(self) -> None:
        self.key: Ints = np.empty(0, dtype=np.int64)
        """`group * WEEK + hour of the week`."""
        self.hours: Floats = np.empty(0)
        self.sums: Floats = np.empty((0, COUNTS))
        """Of ln(1 + measure)."""
        self.squares: Floats = np.empty((0, COUNTS))
        """Of what the mean was off by."""

    def learn(self, hours: Hours) -> None:
        """Fold in a day's hours; all before them weigh a day less."""
        values = np.log1p(hours.values[:, :COUNTS])
        off = (values - self.usual(hours).mean) ** 2
        fade = 0.5 ** (1 / HALF_LIFE)
        keys, place = np.unique(hours.group * WEEK + hours.week, return_inverse=True)
        every = np.union1d(self.key, keys)
        old = np.searchsorted(every, self.key)
        new: Ints = np.asarray(np.searchsorted(every, keys))[place]
        count = np.bincount(new, minlength=len(every)).astype(np.float64)
        count[old] += self.hours * fade
        sums, squares = (_added(part, new, len(every)) for part in (values, off))
        sums[old] += self.sums * fade
        squares[old] += self.squares * fade
        kept = count >= FORGOTTEN_HOURS
        self.key, self.hours, self.sums, self.squares = every[kept], count[kept], sums[kept], squares[kept]

    def usual(self, hours: Hours) -> Usual:
        """What is expected of each hour."""
        groups, of = np.unique(self.key // WEEK, return_inverse=True)
        size = len(groups)
        total = np.bincount(of, self.hours, minlength=size)
        sums, squares = _added(self.sums, of, size), _added(self.squares, of, size)
        everybody = max(float(total.sum()), 1e-9)
        mean, square = sums.sum(axis=0) / everybody, squares.sum(axis=0) / everybody
        at, there = find(groups, hours.group)
        cell, known = find(self.key, hours.group * WEEK + hours.week)
        weight = np.where(there, total[at], 0.0)[:, None] if size else np.zeros((len(hours), 1))
        group_mean = _shrunk(sums, at, there, weight, mean)
        group_square = _shrunk(squares, at, there, weight, square)
        inside = np.where(known, self.hours[cell], 0.0)[:, None] if size else np.zeros((len(hours), 1))
        means = _shrunk(self.sums, cell, known, inside, group_mean)
        week = np.bincount(self.key % WEEK, self.hours, minlength=WEEK)
        clock = (week[hours.week] + 1) / (week.sum() + WEEK)
        share = (inside[:, 0] + CLOCK_HOURS * clock) / (weight[:, 0] + CLOCK_HOURS)
        return Usual(means, np.maximum(np.sqrt(group_square), LEAST_SPREAD), share)


def _added(values: Floats, place: Ints, size: int) -> Floats:
    """Sums of rows by place, shape (size, columns)."""
    columns = [np.bincount(place, column, minlength=size) for column in values.T]
    return np.column_stack(columns).astype(np.float64)  # of no rows, numpy counts in whole numbers


def _shrunk(sums: Floats, at: Ints, there: np.ndarray, weight: Floats, wider: Floats) -> Floats:
    """Means of sums at some rows, with `CELL_HOURS` of what is wider."""
    own = np.where(there[:, None], sums[at], 0.0) if len(sums) else np.zeros((len(at), sums.shape[1]))
    out: Floats = (own + CELL_HOURS * wider) / (weight + CELL_HOURS)
    return out

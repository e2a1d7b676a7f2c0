"""Volume: is an hour's count beyond what the principal's own past, or its population in that hour, would give?

Counts only, never shares, which padding lowers. Tails are negative binomial, fitted by moments to decayed hours and
shrunk to the peer group (own past: the rate's Gamma-Poisson predictive; Fisher, "The negative binomial distribution",
Annals of Eugenics 11, 1941).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import nbinom, poisson

from features.activity.hourly import MEASURES
from features.times.instant import HOUR, MINUTE
from models.baseline import Baseline, Bools, Floats, Ints, pair_key

HALF_LIFE = 14.0
"""Days after which an hour's count weighs half."""
GROUP_HOURS = 6.0
"""Hours of the group's habit that a principal starts with."""
DEPLOYMENT_HOURS = 6.0
"""Hours of the deployment's habit that a group starts with."""
FEWEST_OTHERS: Final = 3
"""Members of the population that must be active in an hour to compare with."""
CLOSE_MINUTES: Final = 15
"""Lateness after which an hour is compared with its population."""
QUIET_NATS: Final = 3.0
"""−ln of a tail that is no evidence yet."""
_MEASURES = tuple(MEASURES)
_SENSITIVE = np.array([measure.sensitive for measure in MEASURES.values()])
_WEIGHT = np.where(_SENSITIVE, 0.5, 0.3)
_MOST = np.where(_SENSITIVE, 20.0, 10.0)
_POPULATION_WEIGHT, _POPULATION_MOST = 0.3, 10.0


def tail_nats(count: Floats, mean: Floats, variance: Floats) -> Floats:
    """−ln P(K ≥ count), K negative binomial with the mean and variance (Poisson when not overdispersed).

    Parameters
    ----------
    count, mean, variance
        Arrays of one shape; higher counts give higher nats.

    Examples
    --------
    >>> tail_nats(np.array([0.0, 40.0]), np.array([5.0, 5.0]), np.array([9.0, 9.0])).round(1).tolist()
    [-0.0, 20.9]
    """
    mean = np.maximum(mean, 1e-6)
    extra = variance - mean
    over = extra > 1e-9 * mean
    size = np.where(over, mean**2 / np.where(over, extra, 1.0), 1.0)
    log_tail = np.where(over, nbinom.logsf(count - 1, size, size / (size + mean)), poisson.logsf(count - 1, mean))
    return -np.maximum(log_tail, -700.0)


@dataclass(slots=True)
class HourlyRows:
    """Increments of every measure by (principal, hour, tick), sorted so; `counts` has shape (n, measures)."""

    principal: Ints
    hour: Ints
    tick: Ints
    day: Ints
    counts: Floats

    def where(self, mask: Bools | Ints) -> "HourlyRows":
        """The rows a mask selects."""
        return HourlyRows(*(getattr(self, name)[mask] for name in self.__slots__))

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


class VolumeBaseline:
    """Decayed moments of hourly counts of every principal, beside a `Baseline` whose codes it shares.

    Attributes
    ----------
    hours
        Decayed active hours, shape (principals,).
    sums, squares
        Decayed sums of counts and of their squares, shape (principals, measures).
    """

    def __init__(self, day: int) -> None:
        self.day = day
        self.hours: Floats = np.empty(0)
        self.sums: Floats = np.empty((0, len(_MEASURES)))
        self.squares: Floats = np.empty((0, len(_MEASURES)))

    def learn(self, day: int, rows: HourlyRows, principals: int) -> None:
        """Become the baseline of `day` by folding in hours that became known; `principals` are enrolled."""
        self._grow(principals)
        decay = 0.5 ** ((day - self.day) / HALF_LIFE)
        self.day = day
        self.hours, self.sums, self.squares = self.hours * decay, self.sums * decay, self.squares * decay
        if not len(rows):
            return
        key, start = np.unique(pair_key(rows.principal, rows.hour), return_index=True)
        counts = np.add.reduceat(rows.counts, start, axis=0)
        np.add.at(self.hours, key >> 32, 1.0)
        np.add.at(self.sums, key >> 32, counts)
        np.add.at(self.squares, key >> 32, counts**2)

    def _grow(self, principals: int) -> None:
        rows = principals - len(self.hours)
        if rows > 0:
            self.hours = np.pad(self.hours, (0, rows))
            self.sums = np.pad(self.sums, ((0, rows), (0, 0)))
            self.squares = np.pad(self.squares, ((0, rows), (0, 0)))

    def score(self, baseline: Baseline, rows: HourlyRows) -> Volumes:
        """Evidence of a day's hours as they filled; only rows that raise a principal's largest of the day.

        Parameters
        ----------
        baseline
            Of the same day; says who is in which group.
        rows
            The day's increments, sorted by (principal, hour, tick).
        """
        self._grow(len(baseline.stratum))
        if not len(rows):
            return _nothing()
        group_mean, group_square = self._group_moments(baseline)
        hour_key = pair_key(rows.principal, rows.hour)
        running = running_totals(rows.counts, hour_key)
        mean, square = self._shrunk(rows.principal, baseline, group_mean, group_square)
        own = np.zeros(running.shape)
        unusual = running > mean
        variance = np.maximum(square - mean**2, mean)
        own[unusual] = tail_nats(running[unusual], mean[unusual], variance[unusual])
        nats = _WEIGHT * np.clip(own - QUIET_NATS, 0.0, _MOST)
        best = np.argmax(nats, axis=1)
        line = np.arange(len(rows))
        mine = Volumes(
            rows.principal, rows.day, rows.tick, rows.hour, nats[line, best], best, np.zeros(len(rows), dtype=np.int64),
            running[line, best], mean[line, best],
        )  # fmt: skip
        others = self._population(baseline, rows, running, hour_key, group_mean, group_square)
        return rising([mine, others])

    def _group_moments(self, baseline: Baseline) -> tuple[Floats, Floats]:
        groups = len(baseline.groups)
        hours = np.bincount(baseline.group, weights=self.hours, minlength=groups)
        sums, squares = np.zeros((groups, len(_MEASURES))), np.zeros((groups, len(_MEASURES)))
        np.add.at(sums, baseline.group, self.sums)
        np.add.at(squares, baseline.group, self.squares)
        everyone = max(self.hours.sum(), 1e-9)
        mean, square = self.sums.sum(axis=0) / everyone, self.squares.sum(axis=0) / everyone
        weight = (hours + DEPLOYMENT_HOURS)[:, None]
        return (sums + DEPLOYMENT_HOURS * mean) / weight, (squares + DEPLOYMENT_HOURS * square) / weight

    def _shrunk(
        self, principal: Ints, baseline: Baseline, group_mean: Floats, group_square: Floats
    ) -> tuple[Floats, Floats]:
        group = baseline.group[principal]
        weight = (self.hours[principal] + GROUP_HOURS)[:, None]
        mean = (self.sums[principal] + GROUP_HOURS * group_mean[group]) / weight
        square = (self.squares[principal] + GROUP_HOURS * group_square[group]) / weight
        return mean, square

    def _population(
        self,
        baseline: Baseline,
        rows: HourlyRows,
        running: Floats,
        hour_key: Ints,
        group_mean: Floats,
        group_square: Floats,
    ) -> Volumes:
        """Each principal's hour against the others of its group in that hour, once the hour is closed."""
        close = (rows.hour + 1) * HOUR + CLOSE_MINUTES * MINUTE
        in_time = rows.tick <= close
        last = np.flatnonzero(in_time & ~_same_hour_follows(hour_key, in_time))
        late = np.flatnonzero(~in_time)
        if not len(last):
            return _nothing()
        group = baseline.group[rows.principal]
        group_hour = pair_key(group, rows.hour)
        keys, place = np.unique(group_hour[last], return_inverse=True)
        active = np.bincount(place, minlength=len(keys))
        sums = np.zeros((len(keys), running.shape[1]))
        np.add.at(sums, place, running[last])
        closed = {int(key): int(index) for index, key in zip(last, hour_key[last], strict=True)}
        at = np.concatenate([last, late])
        position = np.searchsorted(keys, group_hour[at])
        position[position == len(keys)] = 0
        there = keys[position] == group_hour[at]
        own_index = np.array([closed.get(int(key), -1) for key in hour_key[at]], dtype=np.int64)
        counted = own_index >= 0
        own = np.where(counted[:, None], running[np.maximum(own_index, 0)], 0.0)
        others = np.where(there, active[position], 0) - counted
        enough = others >= FEWEST_OTHERS
        at, position, own, others = at[enough], position[enough], own[enough], others[enough]
        if not len(at):
            return _nothing()
        here = (sums[position] - own) / others[:, None]
        usual, square = group_mean[group[at]], group_square[group[at]]
        mean = np.maximum(here, usual)
        spread = np.maximum(square - usual**2 - usual, 0.0) / np.maximum(usual, 1e-6) ** 2
        nats = np.zeros(mean.shape)
        count = running[at]
        unusual = count > mean
        nats[unusual] = tail_nats(count[unusual], mean[unusual], (mean + spread * mean**2)[unusual])
        nats = _POPULATION_WEIGHT * np.clip(nats - QUIET_NATS, 0.0, _POPULATION_MOST)
        best = np.argmax(nats, axis=1)
        line = np.arange(len(at))
        return Volumes(
            rows.principal[at], rows.day[at], np.maximum(rows.tick[at], close[at]), rows.hour[at], nats[line, best],
            best, np.ones(len(at), dtype=np.int64), count[line, best], mean[line, best],
        )  # fmt: skip


def running_totals(counts: Floats, key: Ints) -> Floats:
    """Running totals of each key's rows, which stand together."""
    total = np.cumsum(counts, axis=0)
    start = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    before = np.concatenate([np.zeros((1, counts.shape[1])), total])[start]
    out: Floats = total - np.repeat(before, np.diff(np.concatenate([start, [len(key)]])), axis=0)
    return out


def _same_hour_follows(key: Ints, in_time: Bools) -> Bools:
    """Whether the next row is of the same (principal, hour) and in time too."""
    follows = np.zeros(len(key), dtype=bool)
    follows[:-1] = (key[1:] == key[:-1]) & in_time[1:]
    return follows


def rising(parts: list[Volumes]) -> Volumes:
    """Rows that exceed every earlier one of their principal's day and side, in order of tick."""
    rows = Volumes.concatenated(parts)
    rows = rows.where(rows.nats > 0)
    rows = rows.where(np.lexsort((-rows.nats, rows.principal, rows.day, rows.tick)))
    keep = np.zeros(len(rows), dtype=bool)
    best: dict[tuple[int, int, int], float] = {}
    for index, key in enumerate(zip(rows.day.tolist(), rows.principal.tolist(), rows.population.tolist(), strict=True)):
        if rows.nats[index] > best.get(key, 0.0):
            best[key] = float(rows.nats[index])
            keep[index] = True
    return rows.where(keep)


def _nothing() -> Volumes:
    whole, real = np.empty(0, dtype=np.int64), np.empty(0)
    return Volumes(whole, whole, whole, whole, real, whole, whole, real, real)

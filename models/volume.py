"""Volume: is an hour's count beyond what the principal's own past, or its population in that hour, would give?

The own past is a rate's Gamma-Poisson predictive, fitted by moments to decayed hours and shrunk to the peer group.
Formula and reasons: docs/detection.md, "Counts".
"""

import numpy as np

from features.activity.hourly import MEASURES
from models.baseline import Baseline, Floats, Ints, pair_key
from models.counts import (
    HALF_LIFE,
    QUIET_NATS,
    HourlyRows,
    Moments,
    Volumes,
    keep_rising,
    no_volumes,
    sum_running,
    weigh_unusual,
)
from models.population import find_compared, score_population

GROUP_HOURS = 6.0
"""Hours of the group's habit that a principal starts with. Set by hand on the prototype; not measured alone."""
DEPLOYMENT_HOURS = 6.0
"""Hours of the deployment's habit that a group starts with. Set by hand; not measured."""
SENSITIVE_WEIGHT, SENSITIVE_MOST = 0.5, 20.0
"""Share of the nats over `QUIET_NATS` that counts of reading out data are worth, and nats it is a share of at most. Set
by hand on the prototype; a higher cap than the others' was one of four changes that gave .09 at a large company
together."""
WEIGHT, MOST = 0.3, 10.0
"""The same for every other count: uncapped they find load tests. Set by hand on the prototype; not measured alone."""
_SENSITIVE = np.array([measure.sensitive for measure in MEASURES.values()])


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
        self.sums: Floats = np.empty((0, len(MEASURES)))
        self.squares: Floats = np.empty((0, len(MEASURES)))

    def learn(self, day: int, rows: HourlyRows, principals: int) -> None:
        """Become the baseline of `day` by folding in hours that became known; `principals` are enrolled."""
        self._grow(principals)
        decay = 0.5 ** ((day - self.day) / HALF_LIFE)
        self.day = day
        self.hours, self.sums, self.squares = self.hours * decay, self.sums * decay, self.squares * decay
        for part in rows.parts():
            self._add(part)

    def _add(self, rows: HourlyRows) -> None:
        key = pair_key(rows.principal, rows.hour)
        start = np.flatnonzero(np.diff(key, prepend=key[:1] - 1))
        key, counts = key[start], np.add.reduceat(rows.counts, start, axis=0).astype(np.float64)
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
            return no_volumes()
        of_groups = self._moments_of_groups(baseline)
        found, compared, sums = list[Volumes](), list[HourlyRows](), list[Floats]()
        for part in rows.parts():
            running = sum_running(part.counts, pair_key(part.principal, part.hour))
            found.append(keep_rising([self._score_own(part, running, baseline, of_groups)]))
            at = find_compared(part)
            compared.append(part.where(at))
            sums.append(running[at])
        of_all = HourlyRows.concatenated(compared)
        found.append(score_population(baseline, of_all, np.concatenate(sums), of_groups))
        return keep_rising(found)

    def _score_own(self, rows: HourlyRows, running: Floats, baseline: Baseline, of_groups: Moments) -> Volumes:
        """Evidence of the hours that end above their past; of the others no row does, for counts only grow."""
        ends = np.flatnonzero(np.append(np.diff(pair_key(rows.principal, rows.hour)) != 0, True))
        at_end = self._weigh(running[ends], self._moments(rows.principal[ends], baseline, of_groups))
        odd = np.repeat(at_end.max(axis=1, initial=0.0) > 0, np.diff(ends, prepend=-1))
        rows, running = rows.where(odd), running[odd]
        usual = self._moments(rows.principal, baseline, of_groups)
        nats = self._weigh(running, usual)
        best, line = np.argmax(nats, axis=1), np.arange(len(rows))
        return Volumes(
            principal=rows.principal,
            day=rows.day,
            tick=rows.tick,
            hour=rows.hour,
            nats=nats[line, best],
            measure=best,
            population=np.zeros(len(rows), dtype=np.int64),
            actual=running[line, best],
            typical=usual.mean[line, best],
        )

    @staticmethod
    def _weigh(counts: Floats, usual: Moments) -> Floats:
        """Nats of counts of hours against moments, shape (n, measures)."""
        variance = np.maximum(usual.square - usual.mean**2, usual.mean)
        weight, most = np.where(_SENSITIVE, SENSITIVE_WEIGHT, WEIGHT), np.where(_SENSITIVE, SENSITIVE_MOST, MOST)
        nats: Floats = weight * np.clip(weigh_unusual(counts, usual.mean, variance) - QUIET_NATS, 0.0, most)
        return nats

    def _moments_of_groups(self, baseline: Baseline) -> Moments:
        """Moments of each group's hours, shrunk to the deployment's; shape (groups, measures)."""
        groups = len(baseline.groups)
        hours = np.bincount(baseline.group, weights=self.hours, minlength=groups)
        sums, squares = np.zeros((groups, len(MEASURES))), np.zeros((groups, len(MEASURES)))
        np.add.at(sums, baseline.group, self.sums)
        np.add.at(squares, baseline.group, self.squares)
        everyone = max(self.hours.sum(), 1e-9)
        mean, square = self.sums.sum(axis=0) / everyone, self.squares.sum(axis=0) / everyone
        weight = (hours + DEPLOYMENT_HOURS)[:, None]
        return Moments((sums + DEPLOYMENT_HOURS * mean) / weight, (squares + DEPLOYMENT_HOURS * square) / weight)

    def _moments(self, principal: Ints, baseline: Baseline, of_groups: Moments) -> Moments:
        """Moments of each row's principal, shrunk to its group's; shape (n, measures)."""
        group = baseline.group[principal]
        weight = (self.hours[principal] + GROUP_HOURS)[:, None]
        return Moments(
            (self.sums[principal] + GROUP_HOURS * of_groups.mean[group]) / weight,
            (self.squares[principal] + GROUP_HOURS * of_groups.square[group]) / weight,
        )

"""Population: an hour's counts against the others of the group in that same hour, once the hour is closed.

Formula and reasons: docs/detection.md, "Counts".
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from features.times.instant import HOUR, MINUTE
from models.baseline import Baseline, Bools, Floats, Ints, find, pair_key
from models.counts import QUIET_NATS, HourlyRows, Moments, Volumes, no_volumes, weigh_unusual
from models.room import cut

FEWEST_OTHERS = 3
"""Principals of the group that must be active in an hour to compare with. Set by hand on the prototype; not measured
alone."""
AT_ONCE = 1 << 12
"""Hours that are compared together, where there are many."""
CLOSE_MINUTES = 15
"""Minutes of lateness after which an hour is compared with its population: CloudTrail delivers in five on average."""
WEIGHT, MOST = 0.3, 10.0
"""Share of the nats over `QUIET_NATS` that counts are worth, and nats it is a share of at most. Set by hand on the
prototype; not measured alone."""


@dataclass(slots=True)
class Others:
    """What the others of the group did in an hour; arrays of one length."""

    at: Ints
    """Rows that can be compared."""
    mean: Floats
    """Their counts on average, shape (n, measures)."""


def find_compared(rows: HourlyRows) -> Bools:
    """Rows that are compared: an hour as it stood when it closed, and all that came later; shape (n,)."""
    in_time = rows.tick <= _close(rows)
    return ~(in_time & _same_hour_follows(pair_key(rows.principal, rows.hour), in_time))


def _close(rows: HourlyRows) -> Ints:
    """When each row's hour closes."""
    return (rows.hour + 1) * HOUR + CLOSE_MINUTES * MINUTE


def score_population(baseline: Baseline, rows: HourlyRows, running: Floats, usual: Moments) -> Volumes:
    """Evidence of each hour against the others of its group in that hour, not before the hour is closed.

    Parameters
    ----------
    baseline
        Of the same day; says who is in which group.
    rows
        The day's increments, sorted by (principal, hour, tick); those that `find_compared` finds will do.
    running
        Each hour's counts up to each row, shape (n, measures).
    usual
        Moments of each group's hours: others who idle make nobody odd.
    """
    close, found = _close(rows), [no_volumes()]
    for others in _find_others(baseline, rows, running, rows.tick <= close):
        at = others.at
        group = baseline.group[rows.principal[at]]
        mean, square = usual.mean[group], usual.square[group]
        spread = np.maximum(square - mean**2 - mean, 0.0) / np.maximum(mean, 1e-6) ** 2
        expected = np.maximum(others.mean, mean)
        tails = weigh_unusual(running[at], expected, expected + spread * expected**2)
        nats = WEIGHT * np.clip(tails - QUIET_NATS, 0.0, MOST)
        best, line = np.argmax(nats, axis=1), np.arange(len(at))
        found.append(
            Volumes(
                principal=rows.principal[at],
                day=rows.day[at],
                tick=np.maximum(rows.tick[at], close[at]),
                hour=rows.hour[at],
                nats=nats[line, best],
                measure=best,
                population=np.ones(len(at), dtype=np.int64),
                actual=running[at, best],
                typical=expected[line, best],
            )
        )
    return Volumes.concatenated(found)


def _find_others(baseline: Baseline, rows: HourlyRows, running: Floats, in_time: Bools) -> Iterator[Others]:
    """The others of each row that is compared: an hour as it stood when it closed, and all that came later.

    Some `AT_ONCE` rows at a time, for there are many measures of each.
    """
    hour_key = pair_key(rows.principal, rows.hour)
    group_hour = pair_key(baseline.group[rows.principal], rows.hour)
    last = np.flatnonzero(in_time & ~_same_hour_follows(hour_key, in_time))
    if not len(last):
        return
    keys, place = np.unique(group_hour[last], return_inverse=True)
    sums, members = np.zeros((len(keys), running.shape[1])), np.bincount(place, minlength=len(keys))
    for part in cut(len(last), AT_ONCE):
        np.add.at(sums, place[part], running[last[part]])
    every = np.concatenate([last, np.flatnonzero(~in_time)])
    for part in cut(len(every), AT_ONCE):
        at = every[part]
        group, there = find(keys, group_hour[at])
        mine, counted = find(hour_key[last], hour_key[at])  # the hour itself is no other, if it was in time
        own = np.where(counted[:, None], running[last[mine]], 0.0)
        count = np.where(there, members[group], 0) - counted
        enough = count >= FEWEST_OTHERS
        mean = (sums[group[enough]] - own[enough]) / count[enough][:, None]
        yield Others(at[enough], mean)


def _same_hour_follows(key: Ints, in_time: Bools) -> Bools:
    """Whether the next row is of the same (principal, hour) and in time too."""
    follows = np.zeros(len(key), dtype=bool)
    follows[:-1] = (key[1:] == key[:-1]) & in_time[1:]
    return follows

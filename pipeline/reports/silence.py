"""Hours in which an account said nothing although it should have: a trail that was off, or files that are missing."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np

LEAST_EXPECTED = 30.0
"""Events that usually fall into such hours; where 30 are expected, none at all has a chance of 1e-13 (Poisson)."""
HOUR = timedelta(hours=1)
WEEK = 168


class Silence(NamedTuple):
    """Consecutive hours without any event."""

    start: datetime
    end: datetime
    expected: float
    """Events there would usually have been."""


def find_silences(counts: Iterable[tuple[datetime, int]], least_expected: float = LEAST_EXPECTED) -> list[Silence]:
    """Silences between the first and the last hour of an account, longest first.

    An hour's expectation is the median of the other weeks' same hour of the week, so that quiet nights and weekends are
    not silences, and a burst elsewhere does not make one.

    Parameters
    ----------
    counts
        Hour and its number of events; hours without are left out.
    least_expected
        Events that must be missing.
    """
    known = dict(counts)
    if not known:
        return []
    first = min(known)
    hours = int((max(known) - first) / HOUR) + 1
    series = np.zeros(hours)
    for hour, count in known.items():
        series[int((hour - first) / HOUR)] = count
    expected = np.zeros(hours)
    for slot in range(min(WEEK, hours)):
        expected[slot::WEEK] = np.median(series[slot::WEEK])
    edges = np.flatnonzero(np.diff(np.concatenate(([0], series == 0, [0]))))
    found = [
        Silence(first + int(start) * HOUR, first + int(end) * HOUR, float(expected[start:end].sum()))
        for start, end in edges.reshape(-1, 2)
    ]
    kept = [silence for silence in found if silence.expected >= least_expected]
    return sorted(kept, key=lambda silence: silence.start - silence.end)

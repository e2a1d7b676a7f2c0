"""A bounded sample of the hours of the last days, for what is fitted to rows rather than to sums.

So many hours a kind and day are kept, those with the smallest hash of principal and hour: whoever takes the same days
keeps the same hours, and nobody weighs more for being often looked at.
"""

import zlib
from collections.abc import Sequence
from typing import Final

import numpy as np

from models.baseline import Ints
from models.calibration import DAYS
from models.detectors.hours import Hours

A_DAY = 300
"""Hours of a kind kept of a day: 14 days give a tree's 256 rows several times over. Set by hand; not measured."""
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)


class Sample:
    """Hours of the last `DAYS` days, oldest first.

    Examples
    --------
    >>> len(Sample().hours)
    0
    """

    def __init__(self) -> None:
        self.hours = Hours.none()
        self.known: Ints = np.empty(0, dtype=np.int64)
        """Day each was learnt on."""

    def learn(self, day: int, hours: Hours, names: Sequence[str]) -> None:
        """Keep some of a day's hours, and forget those that are too old.

        Parameters
        ----------
        names
            Keys of principals, by code.
        """
        hours = hours.where(np.lexsort((hours.principal, _draw(hours, names), hours.kind)))
        start = np.searchsorted(hours.kind, hours.kind)  # where its kind begins
        hours = hours.where(np.arange(len(hours)) - start < A_DAY)
        old = self.known > day - DAYS
        self.hours = Hours.concatenated([self.hours.where(old), hours])
        self.known = np.concatenate([self.known[old], np.full(len(hours), day)])


def _draw(hours: Hours, names: Sequence[str]) -> Ints:
    """A number for each (principal, hour) that looks random and is always the same."""
    codes, place = np.unique(hours.principal, return_inverse=True)
    seeds = np.array([zlib.crc32(names[code].encode("utf-8", "surrogatepass")) for code in codes], dtype=np.uint64)
    mixed = (seeds[place] << np.uint64(32) | hours.hour.astype(np.uint64)) * _MIX
    mixed = (mixed ^ (mixed >> np.uint64(29))) * _MIX
    return (mixed >> np.uint64(1)).astype(np.int64)

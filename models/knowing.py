"""Who knows each value among circles of one kind: all peer groups, all accounts, or the deployment."""

from typing import Final

import numpy as np
import numpy.typing as npt

from models.baseline import PART, Baseline, Floats, Ints, find, pair_key, sort_distinct

COMMONNESS: Final = 0.75
"""Power of how many know a value with which it is somebody's next first. Set by hand on the prototype; not measured
alone."""
_TOKEN: Final = 0xFFFFFFFF


class Knowing:
    """How many principals of each circle ever did each token, as of a baseline's day; kept all day.

    There is an entry a circle and token that it knows, in the order of both. Where there is but one circle, an entry
    stands at its token's code and nothing is searched for. The last entry stands for what a circle does not know.

    Parameters
    ----------
    baseline
        Read, never changed. What is quarantined is known to nobody.
    circle
        Circle of each principal, shape (principals,).
    with_hours
        Add up hours as well.

    Attributes
    ----------
    rest
        What the circle's values weigh that each principal does not know itself, shape (principals, dimensions).
    """

    def __init__(self, baseline: Baseline, circle: Ints, *, with_hours: bool = False) -> None:
        parts = [(part, part.find_open(baseline.day)) for part in baseline.pairs.parts()]
        self._keys: Ints | None = None
        if circle.any():
            known = [pair_key(circle[part.principal], part.token)[is_open] for part, is_open in parts]
            self._keys = sort_distinct(np.concatenate(known))
        entries = len(baseline.tokens) if self._keys is None else len(self._keys)
        self._count: npt.NDArray[np.int32] = np.zeros(entries + 1, dtype=np.int32)
        self._hours: Floats = np.zeros(entries + 1 if with_hours else 0)
        found = [self._find(circle[part.principal], part.token).astype(np.int32) for part, _ in parts]
        for (part, is_open), entry in zip(parts, found, strict=True):
            known_to = entry[is_open]
            np.add.at(self._count, known_to, np.ones(len(known_to), dtype=np.int32))  # of its type, or it is slow
            if with_hours:
                np.add.at(self._hours, known_to, part.hours[is_open])
        self._weight: Floats = np.arange(self._count.max() + 1) ** COMMONNESS
        """What a value weighs that so many know."""
        own = np.zeros((len(circle), len(baseline.dimensions)))
        for (part, _), entry in zip(parts, found, strict=True):
            cell = part.principal * own.shape[1] + baseline.token_dimension[part.token]
            np.add.at(own.reshape(-1), cell, self._weight[self._count[entry]])
        self.rest: Floats = np.maximum(self._weigh_all(baseline, int(circle.max(initial=0)) + 1)[circle] - own, 0.0)

    def _weigh_all(self, baseline: Baseline, circles: int) -> Floats:
        """What all values of each circle weigh, shape (circles, dimensions)."""
        out = np.zeros((circles, len(baseline.dimensions)))
        entries = len(self._count) - 1
        for begin in range(0, entries, PART):
            at = slice(begin, min(begin + PART, entries))
            key = np.arange(at.start, at.stop) if self._keys is None else self._keys[at]
            cell = (key >> 32) * out.shape[1] + baseline.token_dimension[key & _TOKEN]
            np.add.at(out.reshape(-1), cell, self._weight[self._count[at]])
        return out

    @property
    def nbytes(self) -> int:
        """Bytes that it takes."""
        keys = 0 if self._keys is None else self._keys.nbytes
        return keys + self._count.nbytes + self._hours.nbytes + self.rest.nbytes

    def count(self, circle: Ints, token: Ints) -> Ints:
        """How many principals of each circle ever did each token, shape (n,)."""
        return self._count[self._find(circle, token)].astype(np.int64)

    def weigh(self, circle: Ints, token: Ints) -> Floats:
        """What each token weighs in each circle, 0 where it is not known, shape (n,)."""
        return self._weight[self._count[self._find(circle, token)]]

    def hours(self, circle: Ints, token: Ints) -> Floats:
        """Decayed hours in which principals of each circle did each token, shape (n,)."""
        return self._hours[self._find(circle, token)]

    def tokens(self) -> Ints:
        """Tokens that any circle knows, ascending where there is but one."""
        known = np.flatnonzero(self._count) if self._keys is None else self._keys & _TOKEN
        return known

    def _find(self, circle: Ints, token: Ints) -> Ints:
        """Entry of each token in its circle."""
        if self._keys is None:
            return np.where(token < len(self._count) - 1, token, -1)
        position, there = find(self._keys, pair_key(circle, token))
        return np.where(there, position, -1)

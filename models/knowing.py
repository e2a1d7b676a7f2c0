"""Who knows each value among circles of one kind: all peer groups, all accounts, or the deployment."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from models.baseline import PART, Baseline, Floats, Ints, Pairs, find, pair_key
from models.room import cut

COMMONNESS: Final = 0.75
"""Power of how many know a value with which it is somebody's next first. Set by hand on the prototype; not measured
alone."""
_TOKEN: Final = 0xFFFFFFFF


class Knowing:
    """How many principals of each circle ever did each token, as of a baseline's day; kept all day.

    There is an entry a circle and token that it knows, in the order of both. Where there is but one circle, an entry
    stands at its token's code and nothing is searched for. The last entry stands for what a circle does not know.

    It is made a few circles at a time, and what it keeps lies where the baseline's pairs do, so that memory holds no
    more than `PART` pairs of them, or all principals who ever did one token.

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
        shape = int(circle.max(initial=0)) + 1, len(baseline.dimensions)
        self._weight: Floats = np.arange(np.bincount(circle, minlength=1).max() + 1) ** COMMONNESS
        """What a value weighs that so many know."""
        self._of_all: Floats = np.zeros(shape)
        """What all values of each circle weigh."""
        self._own: Floats = np.zeros((len(circle), shape[1]))
        """What those weigh that each principal knows."""
        self._keys: Ints | None = None
        self._count: npt.NDArray[np.int32]
        self._hours: Floats
        if circle.any():
            self._count_by_circle(baseline, circle, with_hours=with_hours)
        else:
            self._count_all(baseline, with_hours=with_hours)
        self.rest: Floats = np.maximum(self._of_all[circle] - self._own, 0.0)
        del self._of_all, self._own

    def _count_by_circle(self, baseline: Baseline, circle: Ints, *, with_hours: bool) -> None:
        pairs, room = baseline.pairs, baseline.room
        most, kept = len(pairs.key), pairs.find_kept(baseline.day)
        keys, counts = room.column(np.int64, most, or_less=True), room.column(np.int32, most + 1, or_less=True)
        hours = room.column(np.float64, most + 1 if with_hours else 0, or_less=True)
        for at in _gather(pairs, circle, len(baseline.tokens)):
            key = pairs.key[at]
            known = pair_key(circle[key >> 32], key & _TOKEN)
            order = np.argsort(known, kind="stable")  # who comes first stays first: sums are those of all pairs' order
            known, key = known[order], key[order]
            begins = np.append(True, known[1:] != known[:-1])
            entry, known = np.cumsum(begins) - 1, known[begins]
            is_open = ~find(kept, key)[1]
            count = np.bincount(entry[is_open], minlength=len(known))
            weight, dimension = self._weight[count], baseline.token_dimension[known & _TOKEN]
            np.add.at(self._of_all, (known >> 32, dimension), weight)
            np.add.at(self._own, (key >> 32, dimension[entry]), weight[entry])
            somebody = count > 0
            keys.append(known[somebody])
            counts.append(count[somebody])
            if with_hours:
                summed = np.bincount(entry[is_open], pairs.hours[at][order][is_open], minlength=len(known))
                hours.append(summed[somebody])
        counts.append(np.zeros(1))
        hours.append(np.zeros(int(with_hours)))
        self._keys, self._count, self._hours = keys.close(), counts.close(), hours.close()

    def _count_all(self, baseline: Baseline, *, with_hours: bool) -> None:
        pairs, room, entries = baseline.pairs, baseline.room, len(baseline.tokens)
        kept = pairs.find_kept(baseline.day)
        self._count = room.zeros(entries + 1, np.int32)
        self._hours = room.zeros(entries + 1 if with_hours else 0, np.float64)
        for part in pairs.parts():
            is_open = part.find_open(kept)
            known_to = part.token[is_open]
            np.add.at(self._count, known_to, np.ones(len(known_to), dtype=np.int32))  # of its type, or it is slow
            if with_hours:
                np.add.at(self._hours, known_to, part.hours[is_open])
        for part in pairs.parts():
            token = part.token
            weight = self._weight[self._count[token]]
            np.add.at(self._own, (part.principal, baseline.token_dimension[token]), weight)
        for at in cut(entries, PART):
            np.add.at(self._of_all[0], baseline.token_dimension[at], self._weight[self._count[at]])

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

    def tokens(self) -> Iterator[Ints]:
        """Tokens that any circle knows, some at a time."""
        for part in cut(len(self._count) - 1, PART):
            yield np.flatnonzero(self._count[part]) + part.start if self._keys is None else self._keys[part] & _TOKEN

    def _find(self, circle: Ints, token: Ints) -> Ints:
        """Entry of each token in its circle."""
        if self._keys is None:
            return np.where(token < len(self._count) - 1, token, -1)
        position, there = find(self._keys, pair_key(circle, token))
        return np.where(there, position, -1)


def _gather(pairs: Pairs, circle: Ints, tokens: int) -> Iterator[Ints]:
    """Where the pairs of each circle stand, a few circles after another, some `PART` in all.

    Of a circle with more, those of some tokens come together: a (circle, token) is never parted, and those of one come
    in the order of principals.
    """
    bounds = np.searchsorted(pairs.key, np.arange(len(circle) + 1) << 32)
    members = np.argsort(circle, kind="stable")
    members = members[bounds[members + 1] > bounds[members]]
    ends = np.append(np.flatnonzero(np.diff(circle[members])) + 1, len(members))  # of the members of each circle
    sizes = np.append(0, np.cumsum(bounds[members + 1] - bounds[members]))
    at = 0
    while at < len(members):
        next_end = int(np.searchsorted(ends, at, side="right"))
        last_fitting = int(np.searchsorted(sizes[ends], sizes[at] + PART, side="right")) - 1
        end = int(ends[max(next_end, last_fitting)])
        these = members[at:end]
        yield from _split(pairs, these, bounds[these], bounds[these + 1], 0, tokens)
        at = end


def _split(pairs: Pairs, members: Ints, begin: Ints, end: Ints, low: int, high: int) -> Iterator[Ints]:
    """Positions of members' pairs of tokens from `low` to `high`; of fewer tokens at a time while those are many."""
    length = end - begin
    total = int(length.sum())
    if total <= PART or high - low <= 1:
        if total:
            yield np.arange(total) + np.repeat(begin - np.append(0, np.cumsum(length)[:-1]), length)
        return
    middle = (low + high) // 2
    cuts = np.searchsorted(pairs.key, pair_key(members, np.array([middle])))
    for first, last, lowest, highest in ((begin, cuts, low, middle), (cuts, end, middle, high)):
        some = np.flatnonzero(last > first)
        yield from _split(pairs, members[some], first[some], last[some], lowest, highest)

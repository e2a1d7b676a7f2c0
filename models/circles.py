"""Who else knows a value: peers, account, deployment, or nobody; derived from a baseline once a day."""

import numpy as np

from models.baseline import ACCOUNT, DEPLOYMENT, NOBODY, PART, PEERS, Baseline, Floats, Ints
from models.knowing import Knowing
from models.room import cut


class Circles:
    """How widely each value is known, as of a baseline's day; quarantined values are known to their own principal only.

    Parameters
    ----------
    baseline
        Read, never changed.
    """

    def __init__(self, baseline: Baseline) -> None:
        self._baseline = baseline
        self.size = shape = (len(baseline.stratum), len(baseline.dimensions))
        self._everybody: Ints = np.zeros(shape[0], dtype=np.int64)
        self._knowing = [
            Knowing(baseline, self._circle(level), with_hours=level == PEERS) for level in (PEERS, ACCOUNT, DEPLOYMENT)
        ]
        self._values: Ints = np.zeros(shape[1], dtype=np.int64)
        for tokens in self._knowing[DEPLOYMENT].tokens():
            self._values += np.bincount(baseline.token_dimension[tokens], minlength=shape[1])
        earlier = baseline.first_day < baseline.day
        self.members = np.bincount(baseline.group[earlier], minlength=len(baseline.groups))
        """Members of each peer group that were known before the day, shape (groups,)."""
        self._group_hours = np.zeros((len(baseline.groups), shape[1]))
        np.add.at(self._group_hours, baseline.group, baseline.hours)

    @property
    def nbytes(self) -> int:
        """Bytes that it takes."""
        return sum(each.nbytes for each in self._knowing) + self._group_hours.nbytes

    def _circle(self, level: int) -> Ints:
        """Circle of each principal."""
        if level == PEERS:
            return self._baseline.group
        return self._baseline.account if level == ACCOUNT else self._everybody

    def of(self, principal: Ints, token: Ints) -> Ints:
        """Smallest circle that knows each token (`NOBODY` when none does), shape (n,)."""
        circle = np.full(len(principal), NOBODY, dtype=np.int64)
        for part in cut(len(principal), PART):
            for wider in (DEPLOYMENT, ACCOUNT, PEERS):
                circle[part][self.knowing(wider, principal[part], token[part]) > 0] = wider
        return circle

    def knowing(self, level: int, principal: Ints, token: Ints) -> Ints:
        """How many principals of a circle ever did each token, shape (n,)."""
        return self._knowing[level].count(self._circle(level)[principal], token)

    def share(self, circle: Ints, principal: Ints, token: Ints) -> Floats:
        """How likely a first that falls to `circle` is this token, shape (n,); 1 for what nobody knows."""
        out = np.ones(len(principal))
        for level in (PEERS, ACCOUNT, DEPLOYMENT):
            at = circle == level
            if not at.any():
                continue
            knowing = self._knowing[level]
            weight = knowing.weigh(self._circle(level)[principal[at]], token[at])
            rest = knowing.rest[principal[at], self._baseline.token_dimension[token[at]]]
            out[at] = weight / np.maximum(rest, weight)
        return out

    def peer_rate(self, principal: Ints, token: Ints, own_hours: Floats, dimension: Ints) -> Floats:
        """The other members' decayed rate of each token per active hour (of `dimension`), shape (n,)."""
        group = self._baseline.group[principal]
        hours = self._knowing[PEERS].hours(group, token)
        others = self._group_hours[group, dimension] - self._baseline.hours[principal, dimension]
        return np.where(others > 0, np.maximum(hours - own_hours, 0.0) / np.maximum(others, 1e-9), 0.0)

    def known_values(self) -> Ints:
        """Distinct values the deployment knows in each dimension, shape (dimensions,)."""
        return np.pad(self._values, (0, len(self._baseline.dimensions) - len(self._values)))

"""Who else knows a value: peers, account, deployment, or nobody; derived from a baseline once a day."""

import numpy as np
import numpy.typing as npt

from models.baseline import ACCOUNT, DEPLOYMENT, NOBODY, PEERS, Baseline, Floats, Ints, find, pair_key, sort_distinct

COMMONNESS = 0.75
"""Power of how many know a value with which it is somebody's next first. Set by hand on the prototype; not measured
alone."""


class Circles:
    """How widely each value is known, as of a baseline's day; quarantined values are known to their own principal only.

    Parameters
    ----------
    baseline
        Read, never changed.
    """

    def __init__(self, baseline: Baseline) -> None:
        self._baseline = baseline
        pairs = baseline.pairs
        open_ = pairs.flagged_until <= baseline.day
        principal, token = pairs.principal, pairs.token
        self.size = shape = (len(baseline.stratum), len(baseline.dimensions))
        cell = principal * shape[1] + baseline.token_dimension[token]
        self._keys: list[Ints] = []
        self._knowing: list[npt.NDArray[np.int32]] = []
        self._rest: list[Floats] = []
        for circle in (PEERS, ACCOUNT, DEPLOYMENT):
            member = self._member(circle, principal)
            known = pair_key(member, token)
            keys = sort_distinct(known[open_])
            position, there = find(keys, known)
            knowing = np.bincount(position[open_], minlength=len(keys))
            weight: Floats = np.asarray(knowing**COMMONNESS, dtype=np.float64)
            # Σ of the circle's weights in each dimension, less those of the values the principal knows itself
            of_circle = (keys >> 32) * shape[1] + baseline.token_dimension[keys & 0xFFFFFFFF]
            circles = int(member.max(initial=-1)) + 1
            total = np.bincount(of_circle, weights=weight, minlength=circles * shape[1]).reshape(circles, shape[1])
            own = np.bincount(
                cell, weights=np.where(there, _take(weight, position), 0.0), minlength=shape[0] * shape[1]
            )
            everyone = self._member(circle, np.arange(shape[0]))
            inside = everyone < circles
            rest = np.zeros(shape)
            rest[inside] = total[everyone[inside]]
            self._rest.append(np.maximum(rest - own.reshape(shape), 0.0))
            self._keys.append(keys)
            self._knowing.append(knowing.astype(np.int32))  # kept all day, an entry a value that anybody ever did
            if circle == PEERS:
                self._peer_hours = np.bincount(position[open_], weights=pairs.hours[open_], minlength=len(keys))
        earlier = baseline.first_day < baseline.day
        self.members = np.bincount(baseline.group[earlier], minlength=len(baseline.groups))
        """Members of each peer group that were known before the day, shape (groups,)."""
        self._group_hours = np.zeros((len(baseline.groups), shape[1]))
        np.add.at(self._group_hours, baseline.group, baseline.hours)

    def _member(self, circle: int, principal: Ints) -> Ints:
        if circle == PEERS:
            return self._baseline.group[principal]
        if circle == ACCOUNT:
            return self._baseline.account[principal]
        return np.zeros(len(principal), dtype=np.int64)

    def of(self, principal: Ints, token: Ints) -> Ints:
        """Smallest circle that knows each token (`NOBODY` when none does), shape (n,)."""
        circle = np.full(len(principal), NOBODY, dtype=np.int64)
        for wider in (DEPLOYMENT, ACCOUNT, PEERS):
            circle[self.knowing(wider, principal, token) > 0] = wider
        return circle

    def knowing(self, circle: int, principal: Ints, token: Ints) -> Ints:
        """How many principals of a circle ever did each token, shape (n,)."""
        position, there = find(self._keys[circle], pair_key(self._member(circle, principal), token))
        return np.where(there, _take(self._knowing[circle], position), 0).astype(np.int64)

    def share(self, circle: Ints, principal: Ints, token: Ints) -> Floats:
        """How likely a first that falls to `circle` is this token, shape (n,); 1 for what nobody knows."""
        out = np.ones(len(principal))
        for level in (PEERS, ACCOUNT, DEPLOYMENT):
            at = circle == level
            if not at.any():
                continue
            position, there = find(self._keys[level], pair_key(self._member(level, principal[at]), token[at]))
            weight = np.where(there, _take(self._knowing[level], position) ** COMMONNESS, 0.0)
            rest = self._rest[level][principal[at], self._baseline.token_dimension[token[at]]]
            out[at] = weight / np.maximum(rest, weight)
        return out

    def peer_rate(self, principal: Ints, token: Ints, own_hours: Floats, dimension: Ints) -> Floats:
        """The other members' decayed rate of each token per active hour (of `dimension`), shape (n,)."""
        group = self._baseline.group[principal]
        position, there = find(self._keys[PEERS], pair_key(group, token))
        hours = np.where(there, _take(self._peer_hours, position), 0.0)
        others = self._group_hours[group, dimension] - self._baseline.hours[principal, dimension]
        return np.where(others > 0, np.maximum(hours - own_hours, 0.0) / np.maximum(others, 1e-9), 0.0)

    def known_values(self) -> Ints:
        """Distinct values the deployment knows in each dimension, shape (dimensions,)."""
        token = self._keys[DEPLOYMENT] & 0xFFFFFFFF
        return np.bincount(self._baseline.token_dimension[token], minlength=len(self._baseline.dimensions))


def _take(values: Ints | npt.NDArray[np.int32] | Floats, position: Ints) -> Floats:
    return values[position].astype(np.float64) if len(values) else np.zeros(len(position))

"""How often a principal does something for the first time, and who knew those things before."""

import numpy as np

from models.baseline import PART, Baseline, Floats, Ints
from models.room import cut

UNKNOWN_RATE = 0.05
"""Firsts an active hour assumed of a kind that has shown none; a prior worth one first. Set by hand; not measured, but
that it is worth one first and not some hours is +.01 to +.02."""
SHARE_PSEUDO_FIRSTS = 6.0
"""Firsts from its kind that a principal's shares over circles start with. Set by hand on the prototype; not measured
alone."""
KIND_SHARES = np.array([0.5, 0.2, 0.1, 0.2])
"""Shares over circles (peers, account, deployment, nobody) that a kind starts with. Set by hand; not measured."""
KIND_PSEUDO_FIRSTS = 4.0
"""Firsts that those shares are worth. Set by hand; not measured."""


class FirstRates:
    """Rates of firsts and their shares over circles, by principal and dimension.

    A prior is worth one *first*, not some hours: a quiet role in a small group would otherwise get a rate near 0, and
    its one harmless first the largest evidence.

    Attributes
    ----------
    rate
        Firsts per active hour, shape (principals, dimensions).
    recent
        Recent firsts of each kind, shape (strata, dimensions).
    """

    def __init__(self, baseline: Baseline) -> None:
        firsts = baseline.firsts.sum(axis=0)
        per_hour = baseline.per_active_hour()
        hours = np.where(per_hour, baseline.settled_hours[:, :1], baseline.settled_hours)
        strata, groups = len(baseline.strata), len(baseline.groups)
        kind_firsts, kind_hours = _by(baseline.stratum, firsts, strata), _by(baseline.stratum, hours, strata)
        kind = (kind_firsts + 1) / (kind_hours + 1 / UNKNOWN_RATE)
        group_firsts, group_hours = _by(baseline.group, firsts, groups), _by(baseline.group, hours, groups)
        group_kind = np.full((groups, firsts.shape[1]), UNKNOWN_RATE)
        group_kind[baseline.group] = kind[baseline.stratum]
        group = (group_firsts + 1) / (group_hours + 1 / group_kind)
        self.rate: Floats = (firsts + 1) / (hours + 1 / group[baseline.group])
        shares = np.stack([_by(baseline.stratum, layer, strata) for layer in baseline.firsts])
        self._kind_share = (shares + KIND_PSEUDO_FIRSTS * KIND_SHARES[:, None, None]) / (
            kind_firsts + KIND_PSEUDO_FIRSTS
        )
        self.recent = _sum_recent(baseline)
        self._baseline = baseline

    def share(self, circle: Ints, principal: Ints, dimension: Ints) -> Floats:
        """Share of a principal's firsts in a dimension that fall to each circle, shape (n,)."""
        firsts = self._baseline.firsts
        mine = firsts[circle, principal, dimension]
        everywhere = firsts[:, principal, dimension].sum(axis=0)
        kind = self._kind_share[circle, self._baseline.stratum[principal], dimension]
        out: Floats = (mine + SHARE_PSEUDO_FIRSTS * kind) / (everywhere + SHARE_PSEUDO_FIRSTS)
        return out


def _sum_recent(baseline: Baseline) -> Floats:
    sums = np.zeros((len(baseline.strata), len(baseline.dimensions)))
    for part in cut(len(baseline.recent_key), PART):
        key = baseline.recent_key[part]
        np.add.at(sums, (key >> 32, baseline.token_dimension[key & 0xFFFFFFFF]), baseline.recent[part])
    return sums


def _by(member: Ints, values: Floats, length: int) -> Floats:
    out = np.zeros((length, values.shape[1]))
    np.add.at(out, member, values)
    return out

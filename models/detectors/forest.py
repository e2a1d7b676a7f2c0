"""Isolation forest on the vectors of hours, one a kind: combinations of measures that hardly any hour has.

Liu, Ting & Zhou, "Isolation forest", ICDM 2008, as in scikit-learn, whose `score_samples` runs the other way. A forest
cannot cut at a measure that never varied in its sample, and beyond the largest it saw all is alike: what a single
measure alone shows is the population's to tell (`models.detectors.population`).
"""

from typing import Any, Self

import numpy as np
from joblib import Parallel, delayed
from sklearn.ensemble import IsolationForest

from models.baseline import Bools, Floats
from models.detectors.base import Past, Why
from models.detectors.hours import COLUMNS, COUNTS, Hours, check_hours, scale

FEWEST = 64
"""Hours a kind needs for a forest of its own; smaller kinds share one. Set by hand; not measured."""
TREES = 50
"""Trees of a forest. Set by hand; not measured."""
_SHARED = -1


class Forest:
    """Isolation forests by kind, grown in as many threads as `joblib.parallel_config` says; the result is the same.

    Parameters
    ----------
    seed
        Of the random cuts.

    Examples
    --------
    >>> Forest(seed=7).name
    'forest'
    """

    name = "forest"
    by_tick = False

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self.forests_: dict[int, Any] = {}
        self.typical_: dict[int, Floats] = {}
        self.shared_: Floats | None = None

    def fit(self, past: Past) -> Self:
        """Grow the forests; with fewer than `FEWEST` hours in all there are none and every score is 0."""
        sample = check_hours(past.sample)
        scaled, groups = scale(sample.values), self._groups(sample)
        grown = Parallel(prefer="threads")(delayed(_grow)(scaled[rows], self.seed) for rows in groups.values())
        self.forests_ = dict(zip(groups, grown, strict=True))
        self.typical_ = {kind: np.median(sample.values[rows], axis=0) for kind, rows in groups.items()}
        self.shared_ = sample.values if len(sample) >= FEWEST else None
        return self

    def score(self, hours: Hours) -> Floats:
        """Anomaly score of the paper, in (0, 1) with 0.5 for the ordinary; 0 where there is no forest."""
        check_hours(hours)
        return self._score(scale(hours.values), self._of(hours))

    def explain(self, hours: Hours) -> Why:
        """By how much the score falls where a measure is what the kind usually shows."""
        check_hours(hours)
        forest, size = self._of(hours), len(hours)
        typical = np.array([self.typical_.get(kind, np.zeros(len(COLUMNS))) for kind in forest.tolist()])
        typical = typical.reshape(size, len(COLUMNS))
        scaled, usual = scale(hours.values), scale(typical)
        before, share = self._score(scaled, forest), np.zeros((size, len(COLUMNS)))
        changed = np.repeat(scaled[None], len(COLUMNS), axis=0)
        for column in range(COUNTS):
            changed[column, :, column] = usual[:, column]
        changed[COUNTS, :, COUNTS:] = usual[:, COUNTS:]
        after = self._score(changed.reshape(-1, scaled.shape[1]), np.tile(forest, len(COLUMNS)))
        share[:] = np.maximum(before - after.reshape(len(COLUMNS), size), 0.0).T
        return Why(share, typical)

    def _groups(self, sample: Hours) -> dict[int, Bools]:
        """Rows of each kind that is large enough for a forest of its own."""
        kinds, sizes = np.unique(sample.kind, return_counts=True)
        groups = {int(kind): sample.kind == kind for kind, size in zip(kinds, sizes, strict=True) if size >= FEWEST}
        return groups

    def _of(self, hours: Hours) -> Any:
        """The forest that judges each hour."""
        forest = np.array([kind if kind in self.forests_ else _SHARED for kind in hours.kind.tolist()], dtype=np.int64)
        if self.shared_ is not None and (forest == _SHARED).any():  # hardly ever
            self.forests_[_SHARED] = _grow(scale(self.shared_), self.seed)
            self.typical_[_SHARED] = np.median(self.shared_, axis=0)
            self.shared_ = None
        return forest

    def _score(self, scaled: Floats, forest: Any) -> Floats:
        out = np.zeros(len(scaled))
        parts = [(kind, forest == kind) for kind in np.unique(forest).tolist() if kind in self.forests_]
        for kind, rows in parts:
            out[rows] = -self.forests_[kind].score_samples(scaled[rows])
        return out


def _grow(scaled: Floats, seed: int) -> Any:
    return IsolationForest(n_estimators=TREES, random_state=seed).fit(scaled)

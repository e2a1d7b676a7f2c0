"""Isolation forest on evidence vectors, one a kind: odd combinations of evidence that is small by itself.

Liu, Ting & Zhou, "Isolation forest", ICDM 2008, as in scikit-learn, whose `score_samples` runs the other way.
It sees evidence, never raw counts: on those it finds nothing (docs/detection.md, "What was tried and gave nothing").
"""

from typing import Any, Self

import numpy as np
from sklearn.ensemble import IsolationForest

from models.baseline import Floats, Ints
from models.detectors.base import check_vectors

FEWEST = 64
"""Principal-days a kind needs for a forest of its own; smaller kinds share one. Set by hand; the forest has no weight
in an alert."""
TREES = 50
"""Trees of a forest. Set by hand; the forest has no weight in an alert."""
_SHARED = -1


class Forest:
    """Isolation forests by kind.

    Parameters
    ----------
    seed
        Of the random cuts.
    trees
        Per forest.

    Examples
    --------
    >>> usual = np.abs(np.random.default_rng(1).normal(size=(100, 10)))
    >>> forest = Forest(seed=7).fit(usual, np.zeros(100, dtype=np.int64))
    >>> odd, even = forest.score(np.stack([np.full(10, 9.0), np.full(10, 0.7)]), np.zeros(2, dtype=np.int64))
    >>> bool(odd > even)
    True
    """

    name = "forest"

    def __init__(self, seed: int = 0, trees: int = TREES) -> None:
        self.seed = seed
        self.trees = trees
        self.forests_: dict[int, Any] = {}

    def fit(self, vectors: Floats, strata: Ints) -> Self:
        """Grow the forests; with fewer than `FEWEST` rows in all there are none and every score is 0."""
        check_vectors(vectors)
        kinds, sizes = np.unique(strata, return_counts=True)
        groups = {int(kind): strata == kind for kind, size in zip(kinds, sizes, strict=True) if size >= FEWEST}
        if len(vectors) >= FEWEST:
            groups[_SHARED] = np.ones(len(vectors), dtype=bool)
        self.forests_ = {
            kind: IsolationForest(n_estimators=self.trees, random_state=self.seed).fit(vectors[rows])
            for kind, rows in groups.items()
        }
        return self

    def score(self, vectors: Floats, strata: Ints) -> Floats:
        """Anomaly score of the paper, in (0, 1) with 0.5 for the ordinary; 0 where there is no forest."""
        check_vectors(vectors)
        out = np.zeros(len(vectors))
        for kind in np.unique(strata):
            forest = self.forests_.get(int(kind)) or self.forests_.get(_SHARED)
            rows = strata == kind
            if forest is not None:
                out[rows] = -forest.score_samples(vectors[rows])
        return out

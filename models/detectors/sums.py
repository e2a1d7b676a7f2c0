"""Detectors that are a part of the incident's own sum: surprise, exposure, own past, population, facts."""

from typing import Self

from models.baseline import Floats, Ints
from models.detectors.base import COLUMNS, check_vectors


class EvidenceSum:
    """Raw score = the sum of some columns of evidence, nats.

    Examples
    --------
    >>> import numpy as np
    >>> vector = np.arange(10.0)[None, :]
    >>> EvidenceSum("facts", ("fact",)).score(vector, np.array([0])).tolist() == [float(COLUMNS.index("fact"))]
    True
    """

    def __init__(self, name: str, columns: tuple[str, ...]) -> None:
        self.name = name
        self.columns = columns

    def fit(self, vectors: Floats, strata: Ints) -> Self:
        """Nothing to learn: evidence is relative to its baseline already."""
        check_vectors(vectors)
        return self

    def score(self, vectors: Floats, strata: Ints) -> Floats:
        """Nats, shape (n,)."""
        out: Floats = check_vectors(vectors)[:, [COLUMNS.index(name) for name in self.columns]].sum(axis=1)
        return out

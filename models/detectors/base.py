"""What every detector is: evidence vectors of principal-days in, raw scores out, higher is stranger."""

from typing import Final, Protocol, Self

import numpy as np

from models.baseline import Floats, Ints
from models.combine import FAMILIES
from models.ledger import Standing

COLUMNS: Final = (*(name for name in FAMILIES if name != "count"), "own_past", "population")
"""Columns of an evidence vector, nats: the families, with the two sides of counts apart."""


class Detector(Protocol):
    """Judges principal-days by their evidence vectors; `fit` learns from earlier days only."""

    name: str

    def fit(self, vectors: Floats, strata: Ints) -> Self:
        """Learn what is usual.

        Parameters
        ----------
        vectors
            Shape (n, len(COLUMNS)), nats, finite.
        strata
            Coarse kind of each principal-day, shape (n,).
        """
        ...

    def score(self, vectors: Floats, strata: Ints) -> Floats:
        """Raw score of each principal-day, shape (n,); higher is stranger."""
        ...


def check_vectors(vectors: Floats) -> Floats:
    """The vectors, if they can be judged.

    Raises
    ------
    ValueError
        A row is not finite or the columns are not `COLUMNS`: such a row would look normal to a forest.

    Examples
    --------
    >>> check_vectors(np.zeros((1, len(COLUMNS)))).shape
    (1, 10)
    """
    if vectors.ndim != 2 or vectors.shape[1] != len(COLUMNS):
        raise ValueError(f"evidence vectors have shape {vectors.shape}; give (n, {len(COLUMNS)}): {', '.join(COLUMNS)}")
    bad = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(bad):
        raise ValueError(f"row {bad[0]} of the evidence vectors is not finite; it cannot be scored, look at its events")
    return vectors


def make_vectors(standings: list[Standing]) -> Floats:
    """Evidence vectors of standings, shape (n, len(COLUMNS))."""
    out = np.zeros((len(standings), len(COLUMNS)))
    for row, standing in enumerate(standings):
        for column, name in enumerate(COLUMNS):
            if name == "own_past":
                out[row, column] = standing.own_past.nats if standing.own_past else 0.0
            elif name == "population":
                out[row, column] = standing.population.nats if standing.population else 0.0
            else:
                out[row, column] = standing.families[name]
    return out

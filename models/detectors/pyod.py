"""Any PyOD detector by name, beside ours: `pyod:ECOD`, `pyod:HBOS`, … PyOD is imported only when one is named."""

from importlib import import_module
from typing import Any, Self

import numpy as np

from models.baseline import Floats, Ints
from models.detectors.base import check_vectors

FEWEST = 64
"""Principal-days to learn from; with fewer every score is 0. Set by hand; it has no weight in an alert."""


class PyodDetector:
    """A PyOD detector on evidence vectors.

    Parameters
    ----------
    algorithm
        Name of the class in `pyod.models.<name in small letters>`, such as `ECOD`.

    Raises
    ------
    ValueError
        PyOD is not installed or has no such detector.
    """

    def __init__(self, algorithm: str) -> None:
        if not algorithm.isidentifier():
            raise ValueError(f"{algorithm!r} is no PyOD detector; give a name such as ECOD or HBOS")
        self.name = f"pyod:{algorithm}"
        self.algorithm = algorithm
        self.detector_: Any = None

    def fit(self, vectors: Floats, strata: Ints) -> Self:
        """Fit the detector to the vectors of all kinds."""
        check_vectors(vectors)
        self.detector_ = self._new().fit(vectors) if len(vectors) >= FEWEST else None
        return self

    def score(self, vectors: Floats, strata: Ints) -> Floats:
        """PyOD's decision function; it rises with strangeness already."""
        check_vectors(vectors)
        if self.detector_ is None or not len(vectors):
            return np.zeros(len(vectors))
        return np.asarray(self.detector_.decision_function(vectors), dtype=np.float64)

    def _new(self) -> Any:
        try:
            module = import_module(f"pyod.models.{self.algorithm.lower()}")
            return getattr(module, self.algorithm)()
        except (ImportError, AttributeError) as error:
            raise ValueError(
                f"PyOD's detector {self.algorithm} could not be loaded ({error}); "
                "install `oddtrail[pyod]` or name another"
            ) from error

"""Any PyOD detector by name, in the forest's place: `pyod:ECOD`, `pyod:HBOS`, … PyOD is imported only when named."""

from importlib import import_module
from inspect import signature
from typing import Any, Self

import numpy as np

from models.baseline import Floats
from models.detectors.base import Past, Why
from models.detectors.hours import COLUMNS, Hours, check_hours, scale

FEWEST = 64
"""Hours to learn from; with fewer every score is 0. Set by hand; not measured."""
LEAST_SPREAD = 0.1
"""Least standard deviation of a scaled measure by which it is called far from its median. Set by hand."""


class PyodDetector:
    """A PyOD detector on the vectors of hours.

    Some rank the rows to score among each other as well as among those they learnt from, so hours are scored a tick at
    a time: what closed together is judged together, at once or as it arrives.

    Parameters
    ----------
    algorithm
        Name of the class in `pyod.models.<name in small letters>`, such as `ECOD`.
    seed
        Of what is random in it.

    Raises
    ------
    ValueError
        PyOD is not installed or has no such detector.
    """

    by_tick = True

    def __init__(self, algorithm: str, seed: int = 0) -> None:
        if not algorithm.isidentifier() or not algorithm.isascii():
            raise ValueError(f"{algorithm!r} is no PyOD detector; give a name such as ECOD or HBOS")
        self.name = f"pyod:{algorithm}"
        self.algorithm = algorithm
        self.seed = seed
        self.detector_: Any = None
        self.typical_: Floats = np.zeros(len(COLUMNS))
        self.spread_: Floats = np.ones(len(COLUMNS))
        self._new()  # what is not there is told before anything is learnt

    def fit(self, past: Past) -> Self:
        """Fit the detector to the hours of all kinds."""
        sample = check_hours(past.sample)
        self.detector_ = None
        if len(sample) >= FEWEST:
            self.detector_ = self._new().fit(scale(sample.values).astype(np.float64))
            self.typical_ = np.median(sample.values, axis=0)
            self.spread_ = np.maximum(np.log1p(sample.values).std(axis=0), LEAST_SPREAD)
        return self

    def score(self, hours: Hours) -> Floats:
        """PyOD's decision function; it rises with strangeness already."""
        check_hours(hours)
        if self.detector_ is None or not len(hours):
            return np.zeros(len(hours))
        return np.asarray(self.detector_.decision_function(scale(hours.values).astype(np.float64)), dtype=np.float64)

    def explain(self, hours: Hours) -> Why:
        """How many standard deviations each measure lies from the median: PyOD itself does not say."""
        off = np.abs(np.log1p(check_hours(hours).values) - np.log1p(self.typical_)) / self.spread_
        return Why(off, np.repeat(self.typical_[None], len(hours), axis=0))

    def _new(self) -> Any:
        try:
            module = import_module(f"pyod.models.{self.algorithm.lower()}")
            made = getattr(module, self.algorithm)
            seeded = {"random_state": self.seed} if "random_state" in signature(made).parameters else {}
            return made(**seeded)
        except (ImportError, AttributeError, TypeError) as error:
            raise ValueError(
                f"PyOD's detector {self.algorithm} could not be loaded ({error}); "
                "install `oddtrail[pyod]` or name another"
            ) from error

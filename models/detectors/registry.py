"""The detectors by name. Adding one is a file beside this and a line here."""

from collections.abc import Callable
from typing import Final

from models.detectors.base import Detector
from models.detectors.forest import Forest
from models.detectors.population import Population
from models.detectors.pyod import PyodDetector

DETECTORS: Final[dict[str, Callable[[int], Detector]]] = {
    "forest": lambda seed: Forest(seed),
    "population": lambda _: Population(),
}
"""Detectors that run where nobody names others, by name; each is made with a seed."""


def make_detector(name: str, seed: int = 0) -> Detector:
    """A detector by name; `pyod:<Algorithm>` makes one of PyOD's.

    Examples
    --------
    >>> make_detector("population").name
    'population'
    """
    if name.startswith("pyod:"):
        return PyodDetector(name.removeprefix("pyod:"), seed)
    if name not in DETECTORS:
        raise ValueError(f"there is no detector {name!r}; there are {', '.join(DETECTORS)} and pyod:<Algorithm>")
    return DETECTORS[name](seed)

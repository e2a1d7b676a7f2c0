"""The detectors by name. Adding one is a file beside this and a line here."""

from collections.abc import Callable
from typing import Final

from models.detectors.base import Detector
from models.detectors.forest import Forest
from models.detectors.pyod import PyodDetector
from models.detectors.sums import EvidenceSum

DETECTORS: Final[dict[str, Callable[[int], Detector]]] = {
    "surprise": lambda _: EvidenceSum("surprise", ("write", "read", "place", "tool", "resource", "error")),
    "exposure": lambda _: EvidenceSum("exposure", ("exposure",)),
    "own_past": lambda _: EvidenceSum("own_past", ("own_past",)),
    "population": lambda _: EvidenceSum("population", ("population",)),
    "facts": lambda _: EvidenceSum("facts", ("fact",)),
    "forest": lambda seed: Forest(seed),
}
"""Detectors that always run, by name; each is made with a seed."""


def make_detector(name: str, seed: int = 0) -> Detector:
    """A detector by name; `pyod:<Algorithm>` makes one of PyOD's.

    Examples
    --------
    >>> make_detector("own_past").name
    'own_past'
    """
    if name.startswith("pyod:"):
        return PyodDetector(name.removeprefix("pyod:"))
    if name not in DETECTORS:
        raise ValueError(f"there is no detector {name!r}; there are {', '.join(DETECTORS)} and pyod:<Algorithm>")
    return DETECTORS[name](seed)

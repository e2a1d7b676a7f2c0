"""What every detector is: hours as vectors in, raw scores out, higher is stranger, and which measures made it so."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol, Self

from models.baseline import Floats
from models.detectors.hours import Hours
from models.detectors.timetable import Timetable


@dataclass(slots=True)
class Past:
    """What detectors learn from: hours of earlier days, never those they judge."""

    sample: Hours
    """Some hours of each kind and day."""
    timetable: Timetable
    """Moments of all of them, by group and hour of the week."""


class Why(NamedTuple):
    """What made hours strange, measure by measure; arrays of shape (n, len(COLUMNS))."""

    share: Floats
    """How much of the raw score a measure is to blame for; 0 for none."""
    typical: Floats
    """What was expected of it."""


class Detector(Protocol):
    """Judges hours by their vectors; `fit` learns from earlier days only."""

    name: str
    by_tick: bool
    """Scores depend on what is scored with them: hours are given a tick at a time."""

    def fit(self, past: Past) -> Self:
        """Learn what is usual; forget what was learnt before."""
        ...

    def score(self, hours: Hours) -> Floats:
        """Raw score of each hour, shape (n,); higher is stranger, 0 where nothing can be said."""
        ...

    def explain(self, hours: Hours) -> Why:
        """Which measures made each hour strange."""
        ...

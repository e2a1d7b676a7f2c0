"""Which measures made an hour strange, in numbers and in words."""

from typing import Final, NamedTuple

import numpy as np

from features.activity.closed import HOUR_OF_WEEK
from models.detectors.base import Detector
from models.detectors.hours import COLUMNS, Hours
from models.explain import word_count, word_number

EXPLAINED_FROM: Final = 50.0
"""Record score from which an hour is explained: ten principal-days a day. Set by hand; words only."""
MOST_BLAMED: Final = 3
"""Measures of an hour that are named. Set by hand; words only."""
_NAMES: Final = {"incident": "incident", "forest": "isolation forest", "population": "population"}
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Blamed(NamedTuple):
    """A measure that made an hour strange."""

    measure: str
    typical: float
    """What was expected; of the hour of the week as a detector tells it."""
    actual: float
    share: float
    """Part of what all measures are to blame for, 0 to 1."""


def find_blamed(detector: Detector, hours: Hours) -> list[tuple[Blamed, ...]]:
    """Of each hour the measures that made it strange, the strongest first; at most `MOST_BLAMED`."""
    why = detector.explain(hours)
    found = []
    for share, typical, actual in zip(why.share, why.typical, hours.values, strict=True):
        whole = float(share.sum())
        strongest = np.argsort(-share, kind="stable")[:MOST_BLAMED].tolist()
        found.append(
            tuple(
                Blamed(COLUMNS[column], float(typical[column]), float(actual[column]), float(share[column]) / whole)
                for column in strongest
                if share[column] > 0
            )
        )
    return found


def name_model(model: str) -> str:
    """What an analyst calls a model.

    >>> name_model("forest"), name_model("pyod:ECOD")
    ('isolation forest', 'ECOD')
    """
    return _NAMES.get(model, model.removeprefix("pyod:"))


def word_blamed(blamed: Blamed) -> str:
    """A sentence's part, as an analyst reads it.

    >>> word_blamed(Blamed("regions", 1.0, 9.0, 0.8)), word_blamed(Blamed("hour_of_week", 0.0001, 147.0, 0.1))
    ('9 regions in an hour, where 1 is typical', 'active on Sunday at 03:00')
    >>> word_blamed(Blamed("denied", 0.0, 1.0, 0.8))
    '1 denied call in an hour, where 0 is typical'
    """
    if blamed.measure == HOUR_OF_WEEK:
        day, hour = divmod(int(blamed.actual), 24)
        return f"active on {_DAYS[day]} at {hour:02d}:00"
    return f"{word_count(blamed.measure, blamed.actual)} in an hour, where {word_number(blamed.typical)} is typical"

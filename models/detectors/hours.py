"""Hours as vectors: one row a (principal, hour), as it stood when it closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from features.activity.closed import HOUR_OF_WEEK, MEANINGS
from models.baseline import Bools, Floats, Ints

COLUMNS: Final = tuple(MEANINGS)
"""Columns of a vector: counts, and last the hour of the week (0 to 167)."""
COUNTS: Final = len(COLUMNS) - 1
"""How many of them are counts."""
WEEK: Final = 168
assert COLUMNS[COUNTS] == HOUR_OF_WEEK


@dataclass(slots=True)
class Hours:
    """Vectors of hours; arrays of one length."""

    principal: Ints
    hour: Ints
    """Hours since 1970."""
    tick: Ints
    """When it was known, microseconds since 1970."""
    day: Ints
    """The deployment's day it lies in."""
    kind: Ints
    """Coarse kind of the principal (`Baseline.strata`)."""
    group: Ints
    """Peers of the principal."""
    values: Floats
    """Shape (n, len(COLUMNS))."""

    @property
    def week(self) -> Ints:
        """Hour of the week, 0 to 167."""
        return self.values[:, COUNTS].astype(np.int64)

    def where(self, mask: Bools | Ints | slice) -> "Hours":
        """The rows a mask or an order selects."""
        return Hours(*(getattr(self, name)[mask] for name in self.__slots__))

    @staticmethod
    def concatenated(parts: "Sequence[Hours]") -> "Hours":
        """One table of several; there is at least one."""
        return Hours(*(np.concatenate([getattr(part, name) for part in parts]) for name in Hours.__slots__))

    @staticmethod
    def none() -> "Hours":
        """No hours."""
        none = np.empty(0, dtype=np.int64)
        return Hours(none, none, none, none, none, none, np.empty((0, len(COLUMNS))))

    def __len__(self) -> int:
        return len(self.hour)


def check_hours(hours: Hours) -> Hours:
    """The hours, if they can be judged.

    Raises
    ------
    ValueError
        A vector is not finite or its columns are not `COLUMNS`: such a row would look normal to a forest.

    Examples
    --------
    >>> len(check_hours(Hours.none()))
    0
    """
    if hours.values.ndim != 2 or hours.values.shape[1] != len(COLUMNS):
        raise ValueError(f"vectors have shape {hours.values.shape}; give (n, {len(COLUMNS)}): {', '.join(COLUMNS)}")
    bad = np.flatnonzero(~np.isfinite(hours.values).all(axis=1))
    if len(bad):
        raise ValueError(f"row {bad[0]} of the vectors is not finite; it cannot be scored, look at its events")
    return hours


def scale(values: Floats) -> Floats:
    """Vectors as distances are measured in them: ln(1 + count), and the hour of the week as a point on a circle.

    Shape (n, `COUNTS` + 2), in the 32 bits that a forest cuts at.

    >>> scale(np.zeros((1, len(COLUMNS))))[0, -2:].tolist()
    [0.0, 1.0]
    """
    angle = values[:, COUNTS:] * (2 * np.pi / WEEK)
    out: Floats = np.hstack([np.log1p(values[:, :COUNTS]), np.sin(angle), np.cos(angle)]).astype(np.float32)
    return out

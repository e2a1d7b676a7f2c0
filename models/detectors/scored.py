"""Hours as detectors scored them: raw scores, and the record scores that say how rare a day they would make."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from models.baseline import Bools, Floats, Ints
from models.calibration import Calibration
from models.detectors.base import Detector
from models.detectors.blame import EXPLAINED_FROM, Blamed, find_blamed
from models.detectors.hours import Hours
from models.room import cut

AT_ONCE = 1 << 13
"""Hours that are scored together, where there are many."""
_PARTS = ("raw", "record", "blamed")
_NO_ROWS: Ints = Hours.none().hour


class Strongest(NamedTuple):
    """The largest score of a principal's day by one detector."""

    raw: float
    record: float
    hour: int
    """The hour that has it, hours since 1970."""
    blamed: tuple[Blamed, ...]


@dataclass(slots=True)
class Scored:
    """Hours with each detector's scores; arrays of one length."""

    hours: Hours = field(default_factory=Hours.none)
    raw: dict[str, Floats] = field(default_factory=dict)
    record: dict[str, Floats] = field(default_factory=dict)
    """0 to 100, higher is stranger; 0 where a detector has nothing to say."""
    blamed: dict[str, Any] = field(default_factory=dict)
    """What made each hour strange, tuples of `Blamed`; empty below `EXPLAINED_FROM`, or where nobody asked."""
    _index: dict[tuple[int, int], Ints] | None = field(default=None, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.hours)

    def where(self, mask: Bools | Ints) -> "Scored":
        """The rows a mask or an order selects."""
        raw, record, blamed = ({name: each[mask] for name, each in getattr(self, of).items()} for of in _PARTS)
        return Scored(self.hours.where(mask), raw, record, blamed)

    def strongest(self, name: str, day: int, principal: int, tick: int) -> int | None:
        """Row of a principal-day's largest score by a detector among what was known by a tick; the earliest of equals.

        None where no hour of the day was closed by then.
        """
        rows = self._rows().get((day, principal), _NO_ROWS)
        rows = rows[self.hours.tick[rows] <= tick]
        return int(rows[np.argmax(self.raw[name][rows])]) if len(rows) else None

    def find_strongest(self, name: str, day: int, principal: int, tick: int) -> Strongest | None:
        """The same, with its scores."""
        row = self.strongest(name, day, principal, tick)
        if row is None:
            return None
        raw, record, blamed = (getattr(self, of)[name][row] for of in _PARTS)
        return Strongest(float(raw), float(record), int(self.hours.hour[row]), blamed)

    def _rows(self) -> dict[tuple[int, int], Ints]:
        """Rows of each (day, principal), in their order."""
        if self._index is None:
            days, principals = self.hours.day, self.hours.principal
            order = np.lexsort((principals, days))
            edges = np.flatnonzero(np.diff(days[order]) | np.diff(principals[order])) + 1
            parts = np.split(order, edges) if len(order) else []
            self._index = {(int(days[rows[0]]), int(principals[rows[0]])): rows for rows in parts}
        return self._index

    @staticmethod
    def concatenated(parts: "Iterable[Scored]") -> "Scored":
        """One table of several; empty ones have no say in which detectors there are."""
        some = [part for part in parts if len(part)]
        if not some:
            return Scored()
        raw, record, blamed = (
            {name: np.concatenate([getattr(one, of)[name] for one in some]) for name in some[0].raw} for of in _PARTS
        )
        return Scored(Hours.concatenated([one.hours for one in some]), raw, record, blamed)


def score_hours(
    hours: Hours,
    detectors: Mapping[str, Detector],
    calibrations: Mapping[str, Calibration],
    *,
    explain: bool = False,
) -> Scored:
    """Hours as every detector scores them.

    Parameters
    ----------
    hours
        In order of tick.
    calibrations
        Of each detector, to principal-days.
    explain
        Say what made those strange that score `EXPLAINED_FROM` or more.
    """
    if not len(hours):
        return Scored()
    raw = {name: _score(detector, hours) for name, detector in detectors.items()}
    record = {name: np.where(each > 0, calibrations[name].score(each), 0.0) for name, each in raw.items()}
    blamed = {
        name: _blame(detector, hours, record[name] >= EXPLAINED_FROM if explain else np.zeros(len(hours), dtype=bool))
        for name, detector in detectors.items()
    }
    return Scored(hours, raw, record, blamed)


def _blame(detector: Detector, hours: Hours, wanted: Bools) -> Any:
    found = np.empty(len(hours), dtype=object)
    rows = np.flatnonzero(wanted).tolist()
    told = find_blamed(detector, hours.where(wanted)) if rows else []
    found[:] = [()] * len(hours)
    for row, one in zip(rows, told, strict=True):
        found[row] = one
    return found


def _score(detector: Detector, hours: Hours) -> Floats:
    if not detector.by_tick:
        return np.concatenate([detector.score(hours.where(part)) for part in cut(len(hours), AT_ONCE)])
    edges = np.flatnonzero(np.diff(hours.tick)) + 1
    parts = np.split(np.arange(len(hours)), edges)
    return np.concatenate([detector.score(hours.where(rows)) for rows in parts])

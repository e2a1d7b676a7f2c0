"""Know cheaply whether an event id may occur twice in an account-day, by 64 bits of each id.

Hardly any id does; reading every segment of a busy day again at each commit would take longer than all else.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from pipeline.stores.parquet.files import open_segment
from pipeline.stores.parquet.fingerprints import Prints, fingerprints

_MOST: Final = 8 << 20
"""Fingerprints that are held at most, for 64 MiB; of those of one account-day, all are."""
_A_DAY: Final = 128
"""Fingerprints that take as much memory as an account-day without any."""


class SeenIds:
    """Remembers the ids of the account-days asked for last.

    Who is told that an id may occur twice has to look: two ids may have one fingerprint, and ids stay known for a while
    when their segment is gone.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._days: dict[tuple[str, str], _Day] = {}
        self._held = 0

    def may_repeat(self, day: tuple[str, str], old: Mapping[str, Path], fresh: Mapping[str, Path]) -> bool:
        """Whether an id of the fresh segments of an account-day may occur in another of its segments.

        Parameters
        ----------
        day
            Account and day.
        old, fresh
            Where the segments lie that are there, and those that come, by their paths in the store. Within one of them
            ids differ.
        """
        known = self._taken(day, old)
        for path in [path for path in old if path not in known.segments]:
            known.add(path, np.sort(read_fingerprints(old[path])))
        found = False
        for path, file in fresh.items():
            prints = np.sort(read_fingerprints(file))
            found = found or known.holds_any(prints)
            known.add(path, prints)
        self._keep(day, known)
        return found

    def _taken(self, day: tuple[str, str], old: Mapping[str, Path]) -> _Day:
        """What is known of an account-day; nothing once most of it is of segments that are gone."""
        known = self._days.pop(day, None)
        if known is None:
            return _Day()
        self._held -= known.size
        return known if known.gone(old) <= known.size // 2 else _Day()

    def _keep(self, day: tuple[str, str], known: _Day) -> None:
        """Remember an account-day as the one asked for last, and forget those asked for longest ago."""
        self._days[day] = known
        self._held += known.size
        while self._held > self._most and len(self._days) > 1:
            self._held -= self._days.pop(next(iter(self._days))).size


class _Day:
    """Fingerprints of an account-day, in sorted runs each of which is longer than those after it together."""

    def __init__(self) -> None:
        self.segments: dict[str, int] = {}
        """Ids of each segment."""
        self.size = _A_DAY
        self._runs: list[Prints] = []

    def gone(self, there: Mapping[str, Path]) -> int:
        """How many ids are of segments that are there no longer."""
        return sum(count for path, count in self.segments.items() if path not in there)

    def add(self, segment: str, prints: Prints) -> None:
        self.segments[segment] = len(prints)
        self.size += len(prints)
        while self._runs and len(self._runs[-1]) < 2 * len(prints):
            prints = np.sort(np.concatenate([self._runs.pop(), prints]), kind="stable")  # merges what is sorted
        if len(prints):
            self._runs.append(prints)

    def holds_any(self, prints: Prints) -> bool:
        for run in self._runs:
            at = np.minimum(np.searchsorted(run, prints), len(run) - 1)
            if np.any(run[at] == prints):
                return True
        return False


def read_fingerprints(segment: Path) -> Prints:
    """Fingerprints of the ids of a segment's events, in their order; (rows,)."""
    with open_segment(segment) as file:
        column = file.read(columns=["event_id"]).column("event_id")
    return np.concatenate([np.zeros(0, np.uint64), *map(fingerprints, column.chunks)])

"""Know cheaply whether an event id may occur twice in an account-day, by 64 bits of each id.

Hardly any id does; reading every segment of a busy day again at each commit would take longer than all else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from pipeline.stores.fingerprints import Prints, fingerprints
from pipeline.stores.segments import open_segment

_MOST: Final = 8 << 20
"""Fingerprints that are held at most, for 64 MiB; of those of one account-day, all are."""


class SeenIds:
    """Remembers the ids of the account-days asked for last.

    Who is told that an id may occur twice has to look: two ids may have one fingerprint, and ids stay known when their
    events are gone.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._days: dict[tuple[str, str], _Day] = {}

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
        known = self._days.pop(day, None) or _Day()
        for path in [path for path in old if path not in known.segments]:
            known.add(path, np.sort(read_fingerprints(old[path])))
        found = False
        for path, file in fresh.items():
            prints = np.sort(read_fingerprints(file))
            found = found or known.holds_any(prints)
            known.add(path, prints)
        self._days[day] = known  # the last one asked for
        self._forget()
        return found

    def _forget(self) -> None:
        held = sum(len(day) for day in self._days.values())
        while held > self._most and len(self._days) > 1:
            held -= len(self._days.pop(next(iter(self._days))))


class _Day:
    """Fingerprints of an account-day, in sorted runs each of which is longer than those after it together."""

    def __init__(self) -> None:
        self.segments: set[str] = set()
        self._runs: list[Prints] = []

    def __len__(self) -> int:
        return sum(map(len, self._runs))

    def add(self, segment: str, prints: Prints) -> None:
        self.segments.add(segment)
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
    return np.concatenate([np.zeros(0, np.uint64), *_each(column)])


def _each(column: pa.ChunkedArray[Any]) -> Iterator[Prints]:
    for chunk in column.chunks:
        yield fingerprints(chunk)

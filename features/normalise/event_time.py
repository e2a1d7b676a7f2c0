"""Event times: read together as CloudTrail writes them, one by one where one is missing or written otherwise."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from features.times.instant import SECONDS, micros, read_instant, read_minute

_FIRST: Final = micros(datetime(2006, 1, 1, tzinfo=UTC))
"""AWS began in 2006; no call is older."""
_OF_TABLES: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|\+00:00| UTC)?", re.ASCII)
"""A time in UTC as Athena, CloudTrail Lake and other stores return it: nobody has touched it."""


class EventTimes(NamedTuple):
    """When calls happened, a row a record."""

    instants: list[int]
    """Microseconds since 1970, UTC; 0 where it cannot be read."""
    unreadable: list[int]
    """Rows whose time is missing or cannot be read."""
    unusual: list[int]
    """Rows whose time is written neither as CloudTrail nor as a table writes it, the unreadable among them."""

    def find_past(self) -> list[int]:
        """Find the rows of times before there was AWS."""
        instants = self.instants
        return [row for row, instant in enumerate(instants) if instant < _FIRST] if min(instants) < _FIRST else []

    def find_after(self, latest: int) -> list[int]:
        """Find the rows of times later than `latest`.

        >>> EventTimes([1, 5, 3], [], []).find_after(2)
        [1, 2]
        """
        instants = self.instants
        return [row for row, instant in enumerate(instants) if instant > latest] if max(instants) > latest else []


def read_event_times(texts: Sequence[str | None]) -> EventTimes:
    """Read event times.

    >>> read_event_times(["2025-03-03T09:00:00Z", "2025-03-03 09:00", None])
    EventTimes(instants=[1740992400000000, 1740992400000000, 0], unreadable=[2], unusual=[1, 2])
    >>> read_event_times(["2025-03-03 09:00:00.000"])
    EventTimes(instants=[1740992400000000], unreadable=[], unusual=[])
    """
    minute, seconds = read_minute, SECONDS
    try:
        return EventTimes([minute(text[:17]) + seconds[text[17:]] for text in texts], [], [])  # type: ignore[index, operator]
    except (KeyError, TypeError):  # one of them at least
        return _read_each(texts)


def _read_each(texts: Sequence[str | None]) -> EventTimes:
    instants = [read_instant(text or "") for text in texts]
    unreadable = [row for row, instant in enumerate(instants) if instant is None]
    unusual = [row for row, text in enumerate(texts) if instants[row] is None or not _is_usual(text or "")]
    return EventTimes([instant or 0 for instant in instants], unreadable, unusual)


def _is_usual(text: str) -> bool:
    """Whether a time that can be read is written as CloudTrail or as a table does."""
    return _OF_TABLES.fullmatch(text) is not None

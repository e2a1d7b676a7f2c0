"""Event times: read together as CloudTrail writes them, one by one where one is missing or written otherwise."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from features.times.instant import SECONDS, micros, read_instant, read_minute

_FIRST: Final = micros(datetime(2006, 1, 1, tzinfo=UTC))
"""AWS began in 2006; no call is older."""


class EventTimes(NamedTuple):
    """When calls happened, a row a record."""

    instants: list[int]
    """Microseconds since 1970, UTC; 0 where it cannot be read."""
    unreadable: list[int]
    """Rows whose time is missing or cannot be read."""
    unusual: list[int]
    """Rows whose time is not written as CloudTrail does, the unreadable among them."""

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
    """
    minute, seconds = read_minute, SECONDS
    try:
        return EventTimes([minute(text[:17]) + seconds[text[17:]] for text in texts], [], [])  # type: ignore[index, operator]
    except (KeyError, TypeError):  # one of them at least
        return _read_each(texts)


def _read_each(texts: Sequence[str | None]) -> EventTimes:
    instants = [read_instant(text or "") for text in texts]
    unreadable = [row for row, instant in enumerate(instants) if instant is None]
    unusual = [row for row, text in enumerate(texts) if not _is_usual(text)]
    return EventTimes([instant or 0 for instant in instants], unreadable, unusual)


def _is_usual(text: str | None) -> bool:
    """Whether a time is written as CloudTrail does."""
    return text is not None and text[17:] in SECONDS and read_minute(text[:17]) is not None

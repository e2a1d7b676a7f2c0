"""Windows of event time: half-open, so that every event belongs to exactly one of a row of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

HOUR: Final = timedelta(hours=1)
"""Bucket span of a vector."""


def zone_name(timezone: str) -> str:
    """The IANA name of a time zone, fit to stand in SQL text; anything else is refused.

    >>> zone_name("America/Argentina/Buenos_Aires")
    'America/Argentina/Buenos_Aires'
    """
    if not re.fullmatch(r"[A-Za-z0-9+_-]+(/[A-Za-z0-9+_-]+)*", timezone):
        raise ValueError(f"{timezone!r} is not the name of a time zone; give an IANA name such as 'Asia/Seoul'")
    return timezone


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """`[start, start + span)` of event time.

    Parameters
    ----------
    start
        Aware; an event at `start` belongs to the window, one at `end` to the next.
    span
        The bucket span, more than nothing.

    Examples
    --------
    >>> nine = Window(datetime(2025, 3, 3, 9, tzinfo=UTC), HOUR)
    >>> nine.start in nine, nine.end in nine
    (True, False)
    """

    start: datetime
    span: timedelta

    def __post_init__(self) -> None:
        if self.start.tzinfo is None:
            raise ValueError(f"{self.start!r} has no time zone; say which, for instance UTC")
        if self.span <= timedelta(0):
            raise ValueError(f"a window of {self.span} holds nothing; give a span above 0")

    @property
    def end(self) -> datetime:
        """The first instant after the window."""
        return (self.start.astimezone(UTC) + self.span).astimezone(self.start.tzinfo)

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end

    def closed(self, delivery_clock: datetime, lateness: timedelta) -> bool:
        """Whether the watermark, the delivery clock less the lateness, has reached the end.

        >>> nine = Window(datetime(2025, 3, 3, 9, tzinfo=UTC), HOUR)
        >>> nine.closed(datetime(2025, 3, 3, 10, 14, tzinfo=UTC), lateness=timedelta(minutes=15))
        False
        """
        return self.end <= delivery_clock - lateness

    def split(self, span: timedelta) -> Iterator["Window"]:
        """Windows of `span` from the start on; the last one ends at or after this one's end.

        >>> day = day_of(datetime(2025, 3, 3, tzinfo=UTC), UTC)
        >>> len(list(day.split(HOUR)))
        24
        """
        part = Window(self.start, span)
        while part.start < self.end:
            yield part
            part = Window(part.end, span)


def hour_of(instant: datetime) -> Window:
    """The hour of UTC that holds an instant: the window of a vector.

    >>> hour_of(datetime(2025, 3, 3, 9, 59, 59, tzinfo=UTC)).start.isoformat()
    '2025-03-03T09:00:00+00:00'
    """
    utc = instant.astimezone(UTC)
    return Window(utc.replace(minute=0, second=0, microsecond=0), HOUR)


def day_of(instant: datetime, timezone: tzinfo) -> Window:
    """The calendar day of a time zone that holds an instant; 23 or 25 hours long when clocks change.

    Examples
    --------
    >>> from datetime import timezone
    >>> seoul = timezone(timedelta(hours=9))
    >>> day_of(datetime(2025, 3, 3, 20, tzinfo=UTC), seoul).start.isoformat()
    '2025-03-04T00:00:00+09:00'
    """
    return day(instant.astimezone(timezone).date(), timezone)


def day(date: date, timezone: tzinfo) -> Window:
    """A calendar day of a time zone."""
    start, end = (datetime.combine(d, time(), timezone) for d in (date, date + timedelta(days=1)))
    return Window(start, end.astimezone(UTC) - start.astimezone(UTC))

"""The deployment's day: a calendar day of its time zone, counted since 1970, which may have 23 or 25 hours."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from features.times.instant import micros

_EPOCH: Final = date(1970, 1, 1)


def zone_name(timezone: str) -> str:
    """The IANA name of a time zone, fit to stand in SQL text; anything else is refused.

    >>> zone_name("America/Argentina/Buenos_Aires")
    'America/Argentina/Buenos_Aires'
    """
    if not re.fullmatch(r"[A-Za-z0-9+_-]+(/[A-Za-z0-9+_-]+)*", timezone):
        raise ValueError(f"{timezone!r} is not the name of a time zone; give an IANA name such as 'Asia/Seoul'")
    return timezone


def day_number(day: date) -> int:
    """Days since 1970.

    >>> day_number(date(1970, 1, 3))
    2
    """
    return (day - _EPOCH).days


def date_of(number: int) -> date:
    """The date of a day counted since 1970; the other way round from `day_number`.

    >>> date_of(2)
    datetime.date(1970, 1, 3)
    """
    return _EPOCH + timedelta(days=number)


def midnight(day: date, timezone: tzinfo) -> datetime:
    """The instant at which a day of a time zone begins, UTC.

    >>> midnight(date(2026, 3, 2), UTC).isoformat()
    '2026-03-02T00:00:00+00:00'
    """
    return datetime.combine(day, time(), timezone).astimezone(UTC)


def day_bounds(number: int, timezone: tzinfo) -> tuple[datetime, datetime]:
    """Start and end, UTC, of a day counted since 1970; half-open.

    >>> [bound.isoformat() for bound in day_bounds(1, UTC)]
    ['1970-01-02T00:00:00+00:00', '1970-01-03T00:00:00+00:00']
    """
    return midnight(date_of(number), timezone), midnight(date_of(number + 1), timezone)


def service_start(number: int, timezone: tzinfo, lateness_minutes: int) -> int:
    """When the model of a day goes into service: its midnight plus lateness, microseconds since 1970.

    >>> service_start(0, UTC, lateness_minutes=15)
    900000000
    """
    return micros(midnight(date_of(number), timezone) + timedelta(minutes=lateness_minutes))


def day_macros(timezone: str, lateness_minutes: int) -> str:
    """SQL macros: the deployment's day of an instant, the day a delivery is known on, and the hour of an instant.

    They say what is meant; `features.times.quick` makes the same of whole numbers.

    A delivery is known to the training that runs `lateness_minutes` after the midnight which follows both it and the
    event: no baseline of a day holds anything of that day.

    Parameters
    ----------
    timezone
        IANA name of the deployment's time zone.
    lateness_minutes
        How late an event may be delivered before it misses its day's training.

    Examples
    --------
    >>> "Asia/Seoul" in day_macros("Asia/Seoul", 15)
    True
    """
    return f"""
CREATE OR REPLACE TEMP MACRO day_of(instant) AS CAST(timezone('{zone_name(timezone)}', instant) AS DATE);
CREATE OR REPLACE TEMP MACRO known_day(delivered, happened) AS
    CAST(greatest(day_of(delivered - INTERVAL {int(lateness_minutes)} MINUTE), day_of(happened)) + 1 AS DATE);
CREATE OR REPLACE TEMP MACRO hour_of(instant) AS date_trunc('hour', instant);
"""

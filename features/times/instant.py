"""Instants: microseconds since 1970, UTC; and times as CloudTrail writes them, and as those who touched them may."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

SECOND: Final = 1_000_000
"""Microseconds, as the next three."""
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
SECONDS: Final = {f"{second:02d}Z": second * SECOND for second in range(60)}
"""How a time as CloudTrail writes it ends, in microseconds."""
_MINUTE = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:", re.ASCII)
_NUMBER = re.compile(r"\d{10}(?:\d{3})?(?:\.\d{0,9})?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    """Microseconds since 1970, UTC.

    >>> micros(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    passed = moment - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * SECOND + passed.microseconds


def moment_of(instant: int) -> datetime:
    """The time, UTC, that an instant is; the other way round from `micros`.

    >>> moment_of(1_000_000).isoformat()
    '1970-01-01T00:00:01+00:00'
    """
    return _EPOCH + timedelta(microseconds=instant)


def read_instant(text: str) -> int | None:
    """Microseconds since 1970 of a time in ISO 8601 or in seconds or milliseconds since 1970, whole seconds; else None.

    A time without offset is UTC.

    >>> read_instant("2025-03-03T09:00:00Z") == read_instant("2025-03-03T18:00:00.250+09:00") == 1740992400000000
    True
    >>> read_instant("1740992400"), read_instant("yesterday")
    (1740992400000000, None)
    """
    second = SECONDS.get(text[17:])
    minute = None if second is None else read_minute(text[:17])
    return _read(text) if second is None or minute is None else minute + second


@lru_cache(maxsize=16_384)
def read_minute(text: str) -> int | None:
    """The same of the first 17 characters of a time as CloudTrail writes it, without its seconds.

    >>> read_minute("2025-03-03T09:00:"), read_minute("20250303T090000.1")
    (1740992400000000, None)
    """
    return _read(f"{text}00Z") if _MINUTE.fullmatch(text) else None


def _read(text: str) -> int | None:
    text = text.strip()[:40].removesuffix(" UTC")
    if _NUMBER.fullmatch(text):
        return int(text[:10]) * SECOND
    if "T" not in text and " " not in text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return micros(moment) // SECOND * SECOND
    except (ValueError, OverflowError):
        return None

"""Times as CloudTrail writes them, and as those who touched a record on its way may have."""

import re
from datetime import UTC, datetime
from typing import Final

SECOND: Final = 1_000_000
"""Microseconds."""
_NUMBER = re.compile(r"\d{10}(?:\d{3})?(?:\.\d{0,9})?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    """Microseconds since 1970, UTC.

    >>> micros(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    passed = moment - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * SECOND + passed.microseconds


def read_instant(text: str) -> int | None:
    """Microseconds since 1970 of a time in ISO 8601 or in seconds or milliseconds since 1970, whole seconds; else None.

    A time without offset is UTC.

    >>> read_instant("2025-03-03T09:00:00Z") == read_instant("2025-03-03T18:00:00.250+09:00") == 1740992400000000
    True
    >>> read_instant("1740992400"), read_instant("yesterday")
    (1740992400000000, None)
    """
    if len(text) == 20 and text[10] == "T" and text[19] == "Z":  # as CloudTrail writes it
        try:
            return micros(datetime.fromisoformat(text)) // SECOND * SECOND
        except ValueError:
            return None
    text = text.strip()[:40]
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

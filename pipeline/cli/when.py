"""Times as people write them on a command line."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from pipeline.errors import SettingsError
from pipeline.settings import parse_span

MOST_SPAN: Final = timedelta(days=36_500)
"""A hundred years, as the function takes too: what is counted from now stays a time, and a policy's age an age."""


def read_span(text: str, option: str, least: timedelta) -> timedelta:
    """A span of time as people write it, a hundred years at most.

    Parameters
    ----------
    option
        Named in the error.

    Raises
    ------
    SettingsError
        It is none, or one that is too short or too long.

    Examples
    --------
    >>> read_span("400d", "--retention", timedelta(days=1)).days
    400
    """
    span = parse_span(text)
    if not isinstance(span, timedelta) or not least <= span <= MOST_SPAN:
        gives = "a day or more, such as 400d" if least >= timedelta(days=1) else "time such as 10m, 12h or 400d"
        raise SettingsError(f"{option} is '{text}': give a span of {gives}, up to {MOST_SPAN.days}d")
    return span


def parse_when(text: str, *, now: datetime, timezone: str, option: str) -> datetime:
    """The time meant by an ISO 8601 time or date, or by a span ago such as `7d`, `90m` or `7d ago`.

    Parameters
    ----------
    now
        Spans count back from here.
    timezone
        IANA zone of times that do not name one.
    option
        Named in the error.

    Examples
    --------
    >>> from datetime import UTC
    >>> parse_when("7d", now=datetime(2026, 3, 8, tzinfo=UTC), timezone="UTC", option="--since").isoformat()
    '2026-03-01T00:00:00+00:00'
    >>> parse_when("2026-03-01", now=datetime.max, timezone="Asia/Seoul", option="--since").isoformat()
    '2026-03-01T00:00:00+09:00'
    """
    ago = text.strip().removesuffix("ago")
    span = parse_span(ago)
    try:
        if isinstance(span, timedelta) and not ago.strip().isdigit():
            return now - span
        time = datetime.fromisoformat(text.strip())
        zoned = time if time.tzinfo else time.replace(tzinfo=ZoneInfo(timezone))
        zoned.astimezone(UTC)  # the first hours of the year 1 are none of it elsewhere
    except (ValueError, OverflowError) as error:
        raise SettingsError(
            f"{option} is '{text}': give a time as in 2026-03-01T09:00:00Z, a date, or a span as in 7d"
        ) from error
    return zoned

"""Times as people write them on a command line."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pipeline.errors import SettingsError
from pipeline.settings import parse_span


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
    if isinstance(span, timedelta) and not ago.strip().isdigit():
        return now - span
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise SettingsError(
            f"{option} is '{text}': give a time as in 2026-03-01T09:00:00Z, a date, or a span as in 7d"
        ) from error
    return time if time.tzinfo else time.replace(tzinfo=ZoneInfo(timezone))

"""Times and spans on a command line: what is none, or counts back beyond the calendar, is told in the option's name."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.cli.when import parse_when, read_span
from pipeline.errors import SettingsError

NOW = datetime(2026, 3, 8, tzinfo=UTC)
BEYOND = [
    "99999999999d",
    "9" * 400,
    "9" * 400 + "d",
    "1e9d",
    "nan",
    "inf",
    "-1d",
    "",
    "soon",
    "\N{ARABIC-INDIC DIGIT THREE}d",
]


@pytest.mark.parametrize("text", [*BEYOND, "0d", "1h", "36501d", "999999999d"])
def test_a_span_that_is_none_or_too_short_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^--retention is '.*': give a span of a day or more, such as 400d"):
        read_span(text, "--retention", timedelta(days=1))


def test_a_span_of_the_least_or_the_most_is_taken() -> None:
    assert read_span("0d", "--patience", timedelta(0)) == timedelta(0)
    assert read_span("36500d", "--keep", timedelta(days=1)) == timedelta(days=36_500)
    with pytest.raises(SettingsError, match=r"^--patience is '-1d': give a span of time such as 10m, 12h or 400d"):
        read_span("-1d", "--patience", timedelta(0))


@pytest.mark.parametrize(
    "text", [*BEYOND, "999999999d", "800000d ago", "0001-01-01T00:00+09:00", "9999-12-31T23:59-09:00"]
)
def test_a_time_that_is_none_or_not_in_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^--since is '.*': give a time as in 2026-03-01T09:00:00Z"):
        parse_when(text, now=NOW, timezone="UTC", option="--since")


def test_the_calendars_ends_are_times_of_utc() -> None:
    for zone, text in (("Asia/Seoul", "0001-01-01"), ("America/Lima", "9999-12-31T23:59")):
        with pytest.raises(SettingsError):
            parse_when(text, now=NOW, timezone=zone, option="--since")
        assert parse_when(text, now=NOW, timezone="UTC", option="--since").tzinfo is not None

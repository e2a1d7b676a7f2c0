"""The quick macros say what the plain ones say, and what Python says."""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import duckdb
import pytest

from features.times.day import day_bounds, day_macros, day_number
from features.times.instant import moment_of
from features.times.quick import SINCE, UNTIL, find_offsets, quick_macros
from features.times.tick import TICK_MACRO

ZONES = [
    "UTC", "Asia/Seoul", "Asia/Kathmandu", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Tehran",
]  # fmt: skip
_ASKED = (
    "day_of(moment), hour_of(moment), tick_of(moment), known_day(moment, moment - wait), "
    "known_day(moment - wait, moment)"
)


def _connect(macros: str, moments: list[datetime]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET timezone = 'UTC'")
    connection.execute(macros)
    connection.execute(
        "CREATE TABLE asked AS SELECT moment, to_microseconds((hash(moment) % 7200000000)::BIGINT) AS wait "
        "FROM (SELECT unnest($1::TIMESTAMPTZ[]) AS moment)",
        [moments],
    )
    return connection


@pytest.mark.parametrize("zone", ZONES)
def test_quick_and_plain_macros_agree(zone: str) -> None:
    draw, span = Random(zone), 14 * 366 * 86_400 * 1_000_000
    moments = [datetime(2012, 1, 1, tzinfo=UTC) + timedelta(microseconds=draw.randrange(span)) for _ in range(500)]
    for since, _ in find_offsets(zone)[:40]:  # as clocks are changed
        moments += [moment_of(since + near) for near in (-1, 0, 1, 3_600_000_000)]
    moments += [edge + timedelta(microseconds=near) for edge in (SINCE, UNTIL) for near in (-1, 0)]
    moments += [datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), datetime(1960, 1, 1, 1, 1, 1, tzinfo=UTC)]
    plain, quick = (_connect(macros, moments) for macros in (day_macros(zone, 15) + TICK_MACRO, quick_macros(zone, 15)))
    asked = f"SELECT moment, {_ASKED} FROM asked ORDER BY moment"
    assert quick.execute(asked).fetchall() == plain.execute(asked).fetchall()


@pytest.mark.parametrize("zone", ZONES)
def test_days_begin_where_python_says(zone: str) -> None:
    connection = _connect(quick_macros(zone, 15), [])
    for number in range(day_number(datetime(2025, 3, 1).date()), day_number(datetime(2025, 12, 1).date()), 9):
        start, end = day_bounds(number, ZoneInfo(zone))
        for moment, day in ((start - timedelta(microseconds=1), number - 1), (start, number), (end, number + 1)):
            [(found,)] = connection.execute("SELECT day_of($1::TIMESTAMPTZ)", [moment]).fetchall()
            assert day_number(found) == day


def test_no_time_stays_none() -> None:
    connection = _connect(quick_macros("Europe/Berlin", 15), [])
    assert connection.execute(
        "SELECT day_of(NULL::TIMESTAMPTZ), hour_of(NULL::TIMESTAMPTZ), tick_of(NULL::TIMESTAMPTZ)"
    ).fetchall() == [(None, None, None)]


def test_a_name_that_could_leave_its_quotes_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        quick_macros("UTC'); DROP TABLE joint; --", 15)

"""Days are those of a time zone, as long as its clocks make them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest

from features.times.day import date_of, day_bounds, day_macros, day_number, midnight, service_start, zone_name
from features.times.instant import HOUR, MINUTE, micros

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(("day", "hours"), [(date(2025, 3, 29), 24), (date(2025, 3, 30), 23), (date(2025, 10, 26), 25)])
def test_a_day_is_as_long_as_its_clocks_make_it(day: date, hours: int) -> None:
    start, end = day_bounds(day_number(day), BERLIN)
    assert end - start == timedelta(hours=hours)
    assert end == midnight(day + timedelta(days=1), BERLIN)
    assert start.tzinfo is UTC


def test_a_day_is_the_one_of_its_time_zone() -> None:
    assert midnight(date(2026, 3, 29), BERLIN) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert midnight(date(2025, 3, 4), ZoneInfo("Asia/Seoul")) == datetime(2025, 3, 3, 15, tzinfo=UTC)


def test_a_number_and_a_date_are_one_day() -> None:
    assert [day_number(date_of(number)) for number in (0, 20_454, -1)] == [0, 20_454, -1]


def test_a_model_goes_into_service_lateness_after_its_midnight() -> None:
    day = day_number(date(2025, 3, 30))
    assert service_start(day, BERLIN, 15) == micros(datetime(2025, 3, 29, 23, 15, tzinfo=UTC))
    assert service_start(day + 1, BERLIN, 0) - service_start(day, BERLIN, 15) == 23 * HOUR - 15 * MINUTE


@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul", "Europe/Berlin", "America/St_Johns"])
@pytest.mark.parametrize("day", [date(2025, 3, 29), date(2025, 3, 30), date(2025, 10, 26), date(2025, 11, 2)])
def test_sql_and_python_agree_on_the_day(zone: str, day: date) -> None:
    start, end = day_bounds(day_number(day), ZoneInfo(zone))
    connection = duckdb.connect()
    connection.execute(day_macros(zone, 15))
    moments = [start - timedelta(seconds=1), start, end - timedelta(seconds=1), end]
    found = [connection.execute("SELECT day_of($1)", [moment]).fetchone() for moment in moments]
    assert found == [(day + timedelta(days=n),) for n in (-1, 0, 0, 1)]


@pytest.mark.parametrize("name", ["", "UTC'); DROP TABLE joint; --", "Asia/Seoul ", "../etc"])
def test_a_name_that_could_leave_its_quotes_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        zone_name(name)

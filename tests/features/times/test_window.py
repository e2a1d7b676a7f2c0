"""Windows are half-open, and days are those of a time zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from features.times.window import HOUR, Window, day, day_of, hour_of, zone_name
from tests.builders import NINE


def test_an_instant_at_the_end_of_a_window_belongs_to_the_next():
    nine = hour_of(NINE)
    assert nine.start in nine
    assert nine.end not in nine
    assert nine.end in hour_of(nine.end)


def test_every_instant_is_in_exactly_one_hour_of_its_day():
    hours = list(day_of(NINE, UTC).split(HOUR))
    for minutes in (0, 1, 59, 60, 61):
        assert sum(NINE + timedelta(minutes=minutes) in hour for hour in hours) == 1


@pytest.mark.parametrize(
    ("date_", "hours"), [(date(2025, 3, 29), 24), (date(2025, 3, 30), 23), (date(2025, 10, 26), 25)]
)
def test_a_day_is_as_long_as_its_clocks_make_it(date_, hours):
    window = day(date_, ZoneInfo("Europe/Berlin"))
    assert window.span == hours * HOUR
    assert len(list(window.split(HOUR))) == hours
    assert window.end == day(date_ + timedelta(days=1), ZoneInfo("Europe/Berlin")).start


def test_a_day_is_the_one_of_its_time_zone():
    late = datetime(2025, 3, 3, 20, tzinfo=UTC)
    assert day_of(late, UTC).start.date() == date(2025, 3, 3)
    assert day_of(late, ZoneInfo("Asia/Seoul")).start.date() == date(2025, 3, 4)


def test_a_window_closes_when_the_watermark_reaches_its_end():
    nine, late = hour_of(NINE), timedelta(minutes=15)
    assert not nine.closed(nine.end + late - timedelta(seconds=1), late)
    assert nine.closed(nine.end + late, late)


def test_a_window_without_a_time_zone_or_a_span_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        Window(datetime(2025, 3, 3), HOUR)
    with pytest.raises(ValueError, match="span above 0"):
        Window(NINE, timedelta(0))


@pytest.mark.parametrize("name", ["", "UTC'); DROP TABLE joint; --", "Asia/Seoul ", "../etc"])
def test_a_name_that_could_leave_its_quotes_is_refused(name):
    with pytest.raises(ValueError, match="time zone"):
        zone_name(name)

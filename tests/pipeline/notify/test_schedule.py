"""Quiet hours, digests and so many messages an hour, on a clock on the wall."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from pipeline.notify.schedule import Schedule, parse_days, parse_hours, parse_times

SEOUL, BERLIN = ZoneInfo("Asia/Seoul"), ZoneInfo("Europe/Berlin")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("there", "quiet"),
    [("21:59", False), ("22:00", True), ("23:59", True), ("00:00", True), ("06:59", True), ("07:00", False)],
)
def test_quiet_hours_go_over_midnight_where_the_notifier_is(there, quiet):
    schedule = Schedule(SEOUL, quiet=parse_hours("22:00-07:00"))
    hour, minute = map(int, there.split(":"))
    assert schedule.is_quiet(datetime(2026, 3, 2, hour, minute, tzinfo=SEOUL)) is quiet
    assert schedule.is_quiet(datetime(2026, 3, 2, hour, minute, tzinfo=SEOUL).astimezone(UTC)) is quiet


def test_quiet_hours_of_one_day_do_not():
    schedule = Schedule(quiet=parse_hours("12:00-13:00"))
    assert [schedule.is_quiet(at(f"2026-03-02T{hour}:30")) for hour in ("11", "12", "13")] == [False, True, False]


def test_a_quiet_day_is_quiet_from_midnight_to_midnight_there():
    schedule = Schedule(SEOUL, quiet_days=parse_days("sat sun"))
    assert schedule.is_quiet(at("2026-03-06T15:00"))  # Saturday 00:00 in Seoul
    assert not schedule.is_quiet(at("2026-03-06T14:59"))
    assert not schedule.is_quiet(at("2026-03-08T15:00"))


def test_summer_time_moves_quiet_hours_with_the_wall():
    schedule = Schedule(BERLIN, quiet=parse_hours("22:00-07:00"))
    assert schedule.is_quiet(at("2026-03-28T05:30"))  # 06:30 in winter
    assert not schedule.is_quiet(at("2026-03-29T05:30"))  # 07:30 in summer


def test_a_digest_releases_what_was_queued_before_its_time_and_nothing_else():
    schedule = Schedule(SEOUL, digests=parse_times("08:30, 17:00"))
    morning = datetime(2026, 3, 2, 8, 30, tzinfo=SEOUL)
    assert not schedule.find_release(morning - timedelta(hours=3), morning - timedelta(minutes=1))
    assert schedule.find_release(morning - timedelta(hours=3), morning)
    assert schedule.find_release(morning - timedelta(hours=3), morning + timedelta(hours=5)), "however late we look"
    assert not schedule.find_release(morning + timedelta(minutes=1), morning + timedelta(hours=5))


def test_a_digest_in_quiet_hours_waits_for_their_end():
    schedule = Schedule(quiet=(time(22), time(7)), digests=(time(6),))
    queued = at("2026-03-02T01:00")
    assert not schedule.find_release(queued, at("2026-03-02T06:30"))
    assert schedule.find_release(queued, at("2026-03-02T07:00"))


def test_a_digest_at_a_time_that_spring_skips_comes_that_day():
    schedule = Schedule(BERLIN, digests=(time(2, 30),))
    queued = at("2026-03-28T22:00")
    assert schedule.find_release(queued, at("2026-03-29T02:00"))


def test_room_counts_the_hour_before():
    now = at("2026-03-02T12:00")
    sent = [now - timedelta(minutes=minutes) for minutes in (90, 60, 59, 1)]
    assert [Schedule(most=most).count_room(sent, now) for most in (1, 2, 3)] == [0, 0, 1]


@pytest.mark.parametrize("text", ["", "7", "25:00", "07:60", "7:00", "٠٧:٠٠", "07:00:00"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match=r"time|begins"):
        parse_hours(f"{text}-08:00")


def test_hours_that_end_when_they_begin_are_refused():
    with pytest.raises(ValueError, match="begins when it ends"):
        parse_hours("07:00-07:00")

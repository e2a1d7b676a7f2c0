"""A silence is where an account usually speaks."""

from datetime import UTC, datetime, timedelta

from pipeline.reports.silence import find_silences

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def office_weeks(weeks: int, calls: int = 40) -> dict[datetime, int]:
    """Calls on weekdays from nine to five, nothing else."""
    hours = (MONDAY + timedelta(hours=hour) for hour in range(weeks * 168))
    return {hour: calls for hour in hours if hour.weekday() < 5 and 9 <= hour.hour < 17}


def test_nights_and_weekends_are_no_silence() -> None:
    assert find_silences(office_weeks(4).items()) == []


def test_an_hour_in_which_the_account_usually_speaks_is_one() -> None:
    counts = office_weeks(4)
    for hour in (10, 11):
        del counts[MONDAY + timedelta(days=8, hours=hour)]
    [silence] = find_silences(counts.items())
    assert (silence.start, silence.end) == (MONDAY + timedelta(days=8, hours=10), MONDAY + timedelta(days=8, hours=12))
    assert silence.expected == 80


def test_a_day_that_is_missing_is_one_silence_with_its_nights() -> None:
    counts = {hour: count for hour, count in office_weeks(4).items() if (hour - MONDAY).days != 9}
    [silence] = find_silences(counts.items())
    assert silence.end - silence.start == timedelta(hours=40)


def test_an_account_that_says_little_has_no_silences() -> None:
    counts = office_weeks(4, calls=1)
    del counts[MONDAY + timedelta(days=8, hours=10)]
    assert find_silences(counts.items()) == []


def test_nothing_at_all_is_not_a_silence_of_anybody() -> None:
    assert find_silences([]) == []

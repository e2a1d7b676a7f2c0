"""Days and times as each language writes them."""

from datetime import date, datetime, timedelta

from pipeline.words.catalogue import find_words
from pipeline.words.dates import tell_moment, write_day, write_day_of_year, write_moment

KOREAN, ENGLISH = find_words("ko"), find_words("en")


def test_every_day_of_a_year_reads_as_the_clock_has_it_in_english() -> None:
    for number in range(365):
        day = date(2026, 1, 1) + timedelta(days=number)
        assert write_day(day, ENGLISH) == f"{day:%a} {day.day} {day:%b %Y}"
        assert write_day_of_year(day, ENGLISH) == f"{day:%a} {day.day} {day:%b}"
        assert write_day(day, KOREAN).startswith(f"2026년 {day.month}월 {day.day}일(")


def test_a_moment_in_a_kept_text_is_told_and_what_is_none_stays() -> None:
    moment = datetime(2026, 12, 9, 8, 7, 6)
    assert write_moment(moment, ENGLISH) == "09 Dec 08:07"
    assert tell_moment("09 Dec 08:07", KOREAN) == write_moment(moment, KOREAN) == "12월 9일 08:07"
    assert tell_moment("09 Dez 08:07", KOREAN) == "09 Dez 08:07"
    assert tell_moment("09 Dec 08:07", ENGLISH) == "09 Dec 08:07"

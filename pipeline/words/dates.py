"""Days and times as a reader of each language writes them."""

import re
from datetime import date, datetime
from typing import Final

from pipeline.words.language import DEFAULT
from pipeline.words.words import Words, to_say

_WEEKDAYS: Final = (
    to_say("Mon"),
    to_say("Tue"),
    to_say("Wed"),
    to_say("Thu"),
    to_say("Fri"),
    to_say("Sat"),
    to_say("Sun"),
)
_MONTHS: Final = (
    to_say("Jan"),
    to_say("Feb"),
    to_say("Mar"),
    to_say("Apr"),
    to_say("May"),
    to_say("Jun"),
    to_say("Jul"),
    to_say("Aug"),
    to_say("Sep"),
    to_say("Oct"),
    to_say("Nov"),
    to_say("Dec"),
)
_MOMENT: Final = re.compile(rf"(\d\d) ({'|'.join(_MONTHS)}) (\d\d:\d\d(?::\d\d)?)")


def write_weekday(day: date, words: Words) -> str:
    """A day's weekday, short."""
    return words.find(_WEEKDAYS[day.weekday()])


def write_day(day: date, words: Words) -> str:
    """A day with its weekday.

    >>> from pipeline.words.catalogue import find_words
    >>> write_day(date(2026, 3, 2), find_words("en")), write_day(date(2026, 3, 2), find_words("ko"))
    ('Mon 2 Mar 2026', '2026년 3월 2일(월)')
    """
    month = words.find(_MONTHS[day.month - 1])
    weekday = write_weekday(day, words)
    return words.say("{weekday} {day} {month} {year}", weekday=weekday, day=day.day, month=month, year=day.year)


def write_day_of_year(day: date, words: Words) -> str:
    """A day with its weekday, where the year is known."""
    month = words.find(_MONTHS[day.month - 1])
    return words.say("{weekday} {day} {month}", weekday=write_weekday(day, words), day=day.day, month=month)


def tell_hour(text: str, words: Words) -> str:
    """A weekday and an hour, as reports name an hour of the week.

    >>> from pipeline.words.catalogue import find_words
    >>> tell_hour("Mon 09:00", find_words("ko"))
    '월요일 09:00'
    """
    weekday, _, time = text.partition(" ")
    if weekday not in _WEEKDAYS or words.language == DEFAULT:
        return text
    return words.say("{weekday} {time}", weekday=words.find(weekday), time=time)


def write_moment(time: datetime, words: Words, *, seconds: bool = False) -> str:
    """A day of the year and a time, in the time's own zone.

    >>> from pipeline.words.catalogue import find_words
    >>> nine = datetime(2026, 3, 2, 9, 5)
    >>> write_moment(nine, find_words("en")), write_moment(nine, find_words("ko"), seconds=True)
    ('02 Mar 09:05', '3월 2일 09:05:00')
    """
    return tell_moment(f"{time:%d} {_MONTHS[time.month - 1]} {time:{'%H:%M:%S' if seconds else '%H:%M'}}", words)


def tell_moment(text: str, words: Words) -> str:
    """A day of the year and a time that stand in a kept text."""
    match = _MOMENT.fullmatch(text)
    if match is None or words.language == DEFAULT:
        return text
    return words.say("{day} {month} {time}", day=int(match[1]), month=words.find(match[2]), time=match[3])

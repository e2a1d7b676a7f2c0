"""How far back a training looks."""

from collections.abc import Sequence
from datetime import date

from features.times.day import date_of, day_number

SPAN_DAYS = 120
"""Days of history that are read at least, where there are as many, and never as many as twice that."""


def choose_first(days: Sequence[date]) -> date:
    """The first day to learn, of days with deliveries, oldest first; it moves on once in `SPAN_DAYS` days.

    If it moved each day, no model would be the beginning of the next day's, and each night would read it all.

    >>> from datetime import timedelta
    >>> nights = [[date(2026, 1, 1) + timedelta(days=day) for day in range(length)] for length in (100, 300, 301, 420)]
    >>> [str(choose_first(days)) for days in nights]
    ['2026-01-01', '2026-03-08', '2026-03-08', '2026-07-06']
    """
    turn = day_number(days[-1]) - SPAN_DAYS
    begin = date_of(turn - turn % SPAN_DAYS)
    return next(day for day in days if day >= begin)

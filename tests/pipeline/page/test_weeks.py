"""A heat map of weeks: a row a day, weeks apart, nothing but numbers and classes."""

from datetime import date
from itertools import pairwise

import pandas as pd

from pipeline.page.weeks import CELL, GAP, draw_weeks


def days(*rows: tuple[str, int, float]) -> pd.DataFrame:
    frame = pd.DataFrame(0.0, index=pd.date_range("2026-03-01", "2026-03-09"), columns=range(24))
    for day, hour, calls in rows:
        frame.loc[day, hour] = calls
    return frame


def test_each_hour_is_as_dark_as_it_is_busy() -> None:
    weeks = draw_weeks(days(("2026-03-02", 9, 80.0), ("2026-03-03", 10, 1.0)))
    shades = {(cell.day, cell.hour, cell.calls): cell.shade for cell in weeks.cells if cell.shade}
    assert shades == {(date(2026, 3, 2), 9, 80): 8, (date(2026, 3, 3), 10, 1): 1}
    assert (weeks.calls, weeks.most, len(weeks.cells)) == (81, 80, 9 * 24)


def test_weeks_are_apart_and_named_by_their_mondays() -> None:
    weeks = draw_weeks(days())
    assert [label.day for label in weeks.labels[4:]] == [date(2026, 3, day) for day in (1, 2, 9)]
    tops = sorted({cell.y for cell in weeks.cells})
    assert [later - earlier for earlier, later in pairwise(tops)] == [
        CELL + GAP,
        *[CELL] * 6,
        CELL + GAP,
    ]


def test_the_hours_of_an_alert_are_marked() -> None:
    weeks = draw_weeks(days(), frozenset({(date(2026, 3, 3), 4), (date(2026, 4, 1), 1)}))
    assert [(cell.day, cell.hour) for cell in weeks.cells if cell.marked] == [(date(2026, 3, 3), 4)]


def test_no_days_are_an_empty_picture() -> None:
    assert draw_weeks(pd.DataFrame(columns=range(24), dtype=float)).cells == []

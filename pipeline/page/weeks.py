"""Weeks of a principal as a heat map: a row a day, a column an hour, drawn by the server with classes alone."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta, tzinfo
from typing import Final, NamedTuple

import pandas as pd

from pipeline.page.shade import find_shade

CELL: Final = 12
"""Of a square, in the picture's own units, as the next ones."""
LEFT: Final = 54
TOP: Final = 14
GAP: Final = 4
"""Before each Monday."""
_HOUR: Final = timedelta(hours=1)


class Cell(NamedTuple):
    """A square."""

    x: int
    y: int
    shade: int
    day: date
    hour: int
    calls: int
    marked: bool


class Label(NamedTuple):
    """A word beside them: an hour, or a day."""

    x: int
    y: int
    text: str
    day: date | None = None


class Weeks(NamedTuple):
    """The picture."""

    width: int
    height: int
    cells: list[Cell]
    labels: list[Label]
    calls: int
    """In all."""
    most: int
    """Calls of the busiest hour."""


def list_hours(start: datetime, end: datetime, zone: tzinfo) -> Iterator[tuple[date, int]]:
    """The days and hours that a span has any part in.

    >>> from datetime import UTC
    >>> at = datetime(2026, 3, 2, 9, 40, tzinfo=UTC)
    >>> [hour for _, hour in list_hours(at, at + timedelta(minutes=30), UTC)]
    [9, 10]
    """
    at = start.replace(minute=0, second=0, microsecond=0)
    while at < end:
        local = at.astimezone(zone)
        yield local.date(), local.hour
        at += _HOUR


def draw_weeks(days: pd.DataFrame, marked: frozenset[tuple[date, int]] = frozenset()) -> Weeks:
    """The picture of `pipeline.reports.principal.days`.

    Parameters
    ----------
    marked
        Days and hours that are marked, such as an alert's.

    Examples
    --------
    >>> weeks = draw_weeks(pd.DataFrame([[0.0] * 24], index=pd.DatetimeIndex(["2026-03-02"])))
    >>> len(weeks.cells), weeks.width, weeks.labels[-1].text
    (24, 342, '')
    """
    most = float(days.to_numpy().max()) if len(days) else 0.0
    cells, labels = [], [Label(LEFT + hour * CELL, TOP - 4, f"{hour:02d}") for hour in range(0, 24, 6)]
    y = TOP
    for number, (at, row) in enumerate(zip(days.index, days.to_numpy(dtype=float).tolist(), strict=True)):
        day = at.date()
        if day.weekday() == 0 and number:
            y += GAP
        if day.weekday() == 0 or not number:
            labels.append(Label(0, y + CELL - 3, "", day))
        for hour, calls in enumerate(row):
            x, shade = LEFT + hour * CELL, find_shade(calls, most)
            cells.append(Cell(x, y, shade, day, hour, round(calls), (day, hour) in marked))
        y += CELL
    return Weeks(LEFT + 24 * CELL, y + 1, cells, labels, round(float(days.to_numpy().sum())), round(most))

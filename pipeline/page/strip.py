"""Coverage at a glance: events of all accounts by day and hour, and in which hours one was silent."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

import pandas as pd

from pipeline.errors import NoHistoryError
from pipeline.page.home import MOST_DAYS, Home
from pipeline.page.weeks import Weeks, draw_weeks
from pipeline.reports.silence import find_silences
from pipeline.stores.jsonl.receipts import Gap

_HOUR: Final = timedelta(hours=1)


def draw_strip(home: Home, gaps: Iterable[Gap]) -> Weeks | None:
    """The picture of the last days that are counted; None where no event is.

    Parameters
    ----------
    gaps
        Silences that a watch told, of whatever account. Hours in which no account said anything are found here as well.
    """
    try:
        with home.counts(MOST_DAYS) as (connection, _):
            counts = connection.sql("SELECT hour, events FROM hours ORDER BY hour").fetchall()
    except NoHistoryError:
        return None
    if not counts:
        return None
    silent = [(gap.start, gap.end) for gap in gaps]
    silent += [(one.start, one.end) for one in find_silences(counts)]
    marked = {cell for start, end in silent for cell in _list_cells(start, end, home.zone)}
    days = [hour.astimezone(home.zone).date() for hour in (counts[0][0], counts[-1][0])]
    frame = pd.DataFrame(0.0, index=pd.date_range(*days), columns=range(24))
    for hour, events in counts:
        local = hour.astimezone(home.zone)
        frame.loc[pd.Timestamp(local.date()), local.hour] += events
    return draw_weeks(frame, frozenset(marked))


def _list_cells(start: datetime, end: datetime, zone: tzinfo) -> Iterator[tuple[date, int]]:
    """The days and hours that a span has any part in."""
    while start < end:
        local = start.astimezone(zone)
        yield local.date(), local.hour
        start += _HOUR

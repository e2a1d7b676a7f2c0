"""Coverage at a glance: events of all accounts by day and hour, and in which hours one was silent."""

from collections.abc import Iterable

import pandas as pd

from pipeline.errors import NoHistoryError
from pipeline.page.home import MOST_DAYS, Home
from pipeline.page.weeks import Weeks, draw_weeks, list_hours
from pipeline.reports.silence import find_silences
from pipeline.stores.jsonl.receipts import Gap


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
    marked = frozenset(cell for start, end in silent for cell in list_hours(start, end, home.zone))
    hours = pd.DatetimeIndex([hour for hour, _ in counts]).tz_convert(home.zone)
    cells = [hours.tz_localize(None).normalize(), hours.hour]
    events = pd.Series([float(count) for _, count in counts], index=cells).groupby(level=[0, 1]).sum()
    days = pd.date_range(hours[0].date(), hours[-1].date())
    return draw_weeks(events.unstack().reindex(index=days, columns=range(24)).fillna(0.0), marked)

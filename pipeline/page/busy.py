"""When it is busiest: events by hour of the week as a heat map, in any time zone, and the hours with hardly anybody."""

from typing import Any, Final
from zoneinfo import available_timezones

from starlette.exceptions import HTTPException
from starlette.requests import Request

from pipeline.page.home import MOST_DAYS, Home
from pipeline.reports.busiest import hours_of_week, quiet_hours, quiet_stretches

DAYS: Final = MOST_DAYS
"""Days that are looked at: four of each hour of the week."""
SHADES: Final = 9
"""Of the heat map, from 0."""
STRETCHES: Final = 10


def show_busy(home: Home, request: Request) -> dict[str, Any]:
    """What the template is given."""
    zone = request.query_params.get("zone", "") or home.settings.timezone
    known = available_timezones()
    if zone not in known and zone != home.settings.timezone:
        raise HTTPException(404)
    with home.counts(DAYS) as (connection, counted):
        week = hours_of_week(connection, zone, counted=True)
        stretches = quiet_stretches(quiet_hours(connection, zone, counted=True))
    most = float(week.to_numpy().max())
    rows = [(day, [(value, find_shade(value, most)) for value in map(float, week.loc[day])]) for day in week.index]
    return {
        "zone": zone,
        "zones": sorted(known),
        "rows": rows,
        "most": most,
        "days": DAYS,
        "counted": counted,
        "stretches": stretches.head(STRETCHES).to_dict("records"),
    }


def find_shade(value: float, most: float) -> int:
    """The shade of a cell.

    >>> find_shade(0, 5), find_shade(0.1, 5), find_shade(5, 5), find_shade(0, 0)
    (0, 1, 8, 0)
    """
    if value <= 0 or most <= 0:
        return 0
    return 1 + min(int((SHADES - 1) * value / most), SHADES - 2)

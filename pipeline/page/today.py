"""A day: incidents strongest first, the budget as a line, and below it what the budget had no room for."""

from datetime import UTC, date, datetime
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request

from pipeline.page.home import Home
from pipeline.page.judged import list_later, read_judged

INCIDENTS: Final = 20
"""Of one page."""
HELD: Final = 20
"""Below the line, at most."""
DAYS: Final = 14
"""Days there is a way to."""
MOST_PAGES: Final = 10_000


def show_today(home: Home, request: Request) -> dict[str, Any]:
    """What the template is given: of the day asked for, else the newest that has alerts."""
    alerts = home.alerts
    asked = read_day(request.query_params.get("day", ""))
    page = read_page(request.query_params.get("page", "1"))
    newest = alerts.days(1)
    today = datetime.now(UTC).astimezone(home.zone).date()
    judged = read_judged(home)
    day = asked or (newest[0].day if newest else judged.day or today)
    count = alerts.count_incidents(day)
    around = alerts.days_around(day, DAYS)
    held = home.count_events(day, day)
    return {
        "day": day,
        "is_today": day == today,
        "incidents": alerts.incidents(day, INCIDENTS, (page - 1) * INCIDENTS),
        "count": count,
        "page": page,
        "pages": max(-(-count // INCIDENTS), 1),
        "held": alerts.held(day, HELD) if page == 1 else [],
        "held_count": next((one.held for one in alerts.days(1, day) if one.day == day), 0),
        "budget": home.settings.budget,
        "days": around,
        "strongest": alerts.strongest(one.day for one in around if one.raised),
        "newest": newest[0].day if newest else None,
        "most": max((one.raised for one in around), default=0),
        "bad": alerts.count_bad(),
        "events": None if held is None else held[day],
        "judged": judged,
        "state": judged.state(day),
        "later": [] if newest and day < newest[0].day else list_later(judged, day),
    }


def read_day(text: str) -> date | None:
    """The day asked for; None where none is.

    >>> read_day("2026-03-02"), read_day("")
    (datetime.date(2026, 3, 2), None)
    """
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise HTTPException(404) from error


def read_page(text: str) -> int:
    """The page asked for, from 1.

    >>> read_page("3")
    3
    """
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST_PAGES):
        raise HTTPException(404)
    return int(text[:9])

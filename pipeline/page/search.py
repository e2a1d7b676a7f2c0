"""Search: alerts and events by principal, account, call, address, resource, key, or the id of an event or alert."""

from datetime import datetime
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request

from features.times.instant import micros, moment_of
from pipeline.page.home import Home
from pipeline.page.links import LONGEST
from pipeline.page.marks import sought
from pipeline.reports.search_events import Searched, search_events
from pipeline.stores.harm_title import name_resource

MOST: Final = 50
"""Alerts, and events."""
MOST_NAMED: Final = 3
"""Resources of an event."""
_MOST_SKIPPED: Final = 100_000
_LATEST: Final = 250_000_000_000_000_000
"""Microseconds since 1970; later than any event, and far enough from the last time there is."""


def show_search(home: Home, request: Request) -> dict[str, Any]:
    """What the template is given."""
    text = request.query_params.get("q", "").strip()[:LONGEST]
    asked, skip = request.query_params.get("before", ""), read_number(request.query_params.get("skip", "0"))
    before = read_time(asked) if asked else None
    events = Searched([], None)
    if text and home.has_events:
        with home.open() as store, home.connect() as connection:
            events = search_events(store, connection, text, MOST, before, min(skip, _MOST_SKIPPED))
    found = []
    if text and before is None:  # an alert is about what its events name, as well as about what it says itself
        marks = [sought(name) for name in (text, *(str(row["event_id"]) for row in events.rows))]
        found = home.alerts.search(text, marks, MOST + 1)
    return {
        "q": text,
        "found": found[:MOST],
        "more": len(found) > MOST,
        "further": before is not None,
        "events": [
            (row, micros(row["event_time"]), [name_resource(token) for token in (row["resources"] or [])[:MOST_NAMED]])
            for row in events.rows
        ],
        "before": micros(events.before) if events.before else None,
        "reached": events.before.astimezone(home.zone) if events.before else None,
        "skip": events.skip or None,
        "has_events": home.has_events,
        "zone": home.zone,
    }


def read_number(text: str) -> int:
    """A number that an address names.

    >>> read_number("12")
    12
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise HTTPException(404)
    return int(text)


def read_time(text: str) -> datetime:
    """The time that an address names, in microseconds since 1970.

    >>> read_time("1000000").isoformat()
    '1970-01-01T00:00:01+00:00'
    """
    return moment_of(min(read_number(text), _LATEST))

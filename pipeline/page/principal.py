"""One principal: its weeks, services, places, credentials and sessions, what changed, and its peers beside it."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request

from pipeline.errors import NoHistoryError
from pipeline.page.frames import list_rows
from pipeline.page.home import Home
from pipeline.page.links import LONGEST
from pipeline.page.marks import mark_principal
from pipeline.page.population import name_peers
from pipeline.page.shade import find_shade
from pipeline.page.weeks import Weeks, draw_weeks, list_hours
from pipeline.reports import principal as reports
from pipeline.reports.activity_days import last_days
from pipeline.reports.population_kept import Kept
from pipeline.reports.principal_calls import DAYS
from pipeline.reports.principal_quick import view_hours, view_principal
from pipeline.reports.scored_hours import find_label
from pipeline.stores.alert import Alert

MOST: Final = 15
"""Rows of a table."""
SOUGHT: Final = frozenset({"call", "account", "lasting key", "resource"})
"""What may be new that a search finds (`pipeline.reports.search_events`)."""
ALERTS: Final = 20
PEERS: Final = 8


def show_principal(home: Home, request: Request) -> dict[str, Any]:
    """What the template is given: of the principal with a key, in the last weeks that there is activity of."""
    key = request.query_params.get("id", "")
    if not 0 < len(key) <= LONGEST:
        raise HTTPException(404)
    zone = home.settings.timezone
    with ExitStack() as opened:
        beside = opened.enter_context(ThreadPoolExecutor(1)).submit(find_peers, home, key)
        store = opened.enter_context(home.open())
        first, last = last_days(store, home.settings, DAYS)
        tables = opened.enter_context(home.connect())
        view_principal(store, home.settings, tables, key, last)
        who = list_rows(reports.summarize(tables, zone))
        week = reports.week(tables, zone)
        most = float(week.to_numpy().max())
        found = {
            "first": first,
            "last": last,
            "who": who[0] if who else None,
            "weeks": draw_weeks(reports.days(tables, zone)),
            "week": [
                (day, [(value, find_shade(value, most)) for value in map(float, week.loc[day])]) for day in week.index
            ],
            "changes": list_rows(reports.changes(tables, zone, most=MOST, whole=True)),
            "services": list_rows(reports.services(tables, zone, MOST)),
            "places": list_rows(reports.places(tables, zone, MOST)),
            "credentials": list_rows(reports.credentials(tables, zone, MOST)),
            "sought": SOUGHT,
            "sessions": list_rows(reports.sessions(tables, zone, MOST, whole=True)),
        }
        peers, kept = beside.result()
    alerts = home.alerts.named(mark_principal(key), ALERTS + 1)
    return found | {
        "key": key,
        "zone": home.zone,
        "peers": peers,
        "kept": kept,
        "alerts": alerts[:ALERTS],
        "more": len(alerts) > ALERTS,
    }


def find_peers(home: Home, key: str) -> tuple[list[dict[str, Any]], Kept | None]:
    """A principal among its group, in the days that the population's tables are about; nothing where there are none."""
    try:
        with home.population() as (tables, kept):
            label = find_label(tables, key) if kept else None
            if label is None:
                return [], kept
            return name_peers(tables, label, PEERS), kept
    except NoHistoryError:
        return [], None


def draw_alert_weeks(home: Home, alert: Alert) -> Weeks | None:
    """The weeks of an alert's principal up to its day, with its hours marked; None where nothing is known of them."""
    if not home.has_events:
        return None
    zone, end = home.zone, min(alert.window_end, alert.window_start + timedelta(days=2))
    marked = frozenset(list_hours(alert.window_start, end, zone))
    last = max(alert.day, *(day for day, _ in marked)) if marked else alert.day
    try:
        with home.open() as store, home.connect() as connection:
            view_hours(store, home.settings, connection, alert.principal_key, last)
            days = reports.days(connection, zone.key)
    except NoHistoryError:
        return None
    weeks = draw_weeks(days, marked)
    return weeks if weeks.calls else None

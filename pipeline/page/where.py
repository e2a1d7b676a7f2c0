"""Where calls come from: countries and networks as tables with bars, and first calls from new places."""

from typing import Any, Final

from starlette.requests import Request

from pipeline.page.home import MOST_DAYS, Home
from pipeline.reports.where_from import countries, known_share, networks, new_places

DAYS: Final = MOST_DAYS
MOST: Final = 30
"""Rows of a table."""


def show_where(home: Home, request: Request) -> dict[str, Any]:
    """What the template is given."""
    with home.counts(DAYS) as (connection, counted):
        places = countries(connection, counted=True).head(MOST).to_dict("records")
        operators = networks(connection, counted=True).to_dict("records")
        new = new_places(connection, home.settings.timezone, counted=True).head(MOST).to_dict("records")
        share = known_share(connection, counted=True)
    return {
        "days": DAYS,
        "counted": counted,
        "share": share,
        "tables": [("country", places, _most(places)), ("network", operators, _most(operators))],
        "new": new,
    }


def _most(rows: list[dict[Any, Any]]) -> int:
    return max((int(row["events"]) for row in rows), default=0)

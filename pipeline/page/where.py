"""Where calls come from: countries and networks as tables with bars, and first calls from new places."""

from typing import Any, Final

from starlette.requests import Request

from pipeline.page.home import Home
from pipeline.reports.where_from import countries, known_share, networks, new_places

DAYS: Final = 28
MOST: Final = 30
"""Rows of a table."""


def show_where(home: Home, request: Request) -> dict[str, Any]:
    """What the template is given."""
    with home.events(DAYS) as connection:
        places = countries(connection).head(MOST).to_dict("records")
        operators = networks(connection).to_dict("records")
        new = new_places(connection, home.settings.timezone).head(MOST).to_dict("records")
        share = known_share(connection)
    return {
        "days": DAYS,
        "share": share,
        "tables": [("country", places, _most(places)), ("network", operators, _most(operators))],
        "new": new,
    }


def _most(rows: list[dict[Any, Any]]) -> int:
    return max((int(row["events"]) for row in rows), default=0)

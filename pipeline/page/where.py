"""Where calls come from: countries on a map and in a table, networks, and first calls from new places."""

from typing import Any, Final

from starlette.requests import Request

from pipeline.page.home import MOST_DAYS, Home
from pipeline.page.world import draw_world
from pipeline.reports.where_from import countries, known_share, networks, new_places
from pipeline.words.countries import name_country

DAYS: Final = MOST_DAYS
MOST: Final = 30
"""Rows of a table."""


def show_where(home: Home, request: Request) -> dict[str, Any]:
    """What the template is given."""
    with home.counts(DAYS) as (connection, counted):
        everywhere = countries(connection, counted=True).to_dict("records")
        operators = networks(connection, counted=True).to_dict("records")
        firsts = new_places(connection, home.settings.timezone, counted=True, keyed=True)
        share = known_share(connection, counted=True)
    places, new = everywhere[:MOST], firsts.head(MOST).to_dict("records")
    return {
        "world": draw_world(everywhere, set(firsts["value"][firsts["what"] == "country"])),
        "name_country": name_country,
        "days": DAYS,
        "counted": counted,
        "share": share,
        "tables": [("country", places, _most(places)), ("network", operators, _most(operators))],
        "new": new,
    }


def _most(rows: list[dict[Any, Any]]) -> int:
    return max((int(row["events"]) for row in rows), default=0)

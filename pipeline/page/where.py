"""Where calls come from: countries on a map and in a table, networks, and first calls from new places."""

from typing import Any, Final

from starlette.requests import Request

from pipeline.page.home import Home
from pipeline.page.world import draw_world, name_country
from pipeline.reports.where_from import countries, known_share, networks, new_places

DAYS: Final = 28
MOST: Final = 30
"""Rows of a table."""


def show_where(home: Home, request: Request) -> dict[str, Any]:
    """What the template is given."""
    with home.events(DAYS) as connection:
        everywhere = countries(connection).to_dict("records")
        operators = networks(connection).to_dict("records")
        firsts = new_places(connection, home.settings.timezone)
        share = known_share(connection)
    places, new = everywhere[:MOST], firsts.head(MOST).to_dict("records")
    return {
        "world": draw_world(everywhere, set(firsts["value"][firsts["what"] == "country"])),
        "name_country": name_country,
        "days": DAYS,
        "share": share,
        "tables": [("country", places, _most(places)), ("network", operators, _most(operators))],
        "new": new,
    }


def _most(rows: list[dict[Any, Any]]) -> int:
    return max((int(row["events"]) for row in rows), default=0)

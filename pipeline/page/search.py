"""Search: alerts by principal, account, call, address, resource, key, or the id of an event or alert."""

from typing import Any, Final

from starlette.requests import Request

from pipeline.page.home import Home
from pipeline.page.links import LONGEST
from pipeline.page.marks import sought

MOST: Final = 50


def show_search(home: Home, request: Request) -> dict[str, Any]:
    """What the template is given."""
    text = request.query_params.get("q", "").strip()[:LONGEST]
    found = home.alerts.search(text, [sought(text)], MOST + 1) if text else []
    return {"q": text, "found": found[:MOST], "more": len(found) > MOST}

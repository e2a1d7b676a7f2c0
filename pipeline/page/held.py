"""What the home holds: accounts, events, and from when to when."""

from typing import Any

from starlette.requests import Request

from pipeline.page.home import Home
from pipeline.reports.store_info import describe


def show_held(home: Home, request: Request) -> dict[str, Any]:
    """What the template is given."""
    with home.open() as store:
        return {"held": describe(store)}

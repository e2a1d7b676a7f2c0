"""Coverage and silence: what the watch's receipts say came, what did not, and what became of it, a day a row."""

from typing import Any, Final

from starlette.requests import Request

from pipeline.page.home import Home

DAYS: Final = 31


def show_receipts(home: Home, request: Request) -> dict[str, Any]:
    """What the template is given."""
    with home.open() as store:
        receipts = sorted(store.receipts.every(), key=lambda one: one.day, reverse=True)[:DAYS]
    return {"receipts": receipts, "zone": home.zone}

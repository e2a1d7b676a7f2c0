"""Coverage and silence: what the watch's receipts say came, what did not, and what became of it, a day a row."""

from typing import Any, Final

from starlette.requests import Request

from features.times.instant import micros
from pipeline.page.home import Home
from pipeline.page.strip import draw_strip
from pipeline.reports.day_counts import list_days
from pipeline.reports.stops import find_stops

DAYS: Final = 31
MOST_GAPS: Final = 5
"""Silences of which it is looked up who may have made them, the newest."""


def show_receipts(home: Home, request: Request) -> dict[str, Any]:
    """What the template is given."""
    with home.open() as store, home.connect() as connection:
        receipts = sorted(store.receipts.every(), key=lambda one: one.day, reverse=True)[:DAYS]
        gaps = list(dict.fromkeys((gap.account, gap.start) for receipt in receipts for gap in receipt.gaps))
        stops = {
            (account, start): find_stops(store, connection, account, start, home.settings.lateness)
            for account, start in gaps[:MOST_GAPS]
        }
        held = {} if receipts else list_days(store, DAYS)
    return {
        "receipts": receipts,
        "strip": draw_strip(home, (gap for receipt in receipts for gap in receipt.gaps)),
        "stops": stops,
        "held": [(day, sum(segment.rows for segment in found)) for day, found in reversed(held.items())],
        "zone": home.zone,
        "micros": micros,
    }

"""Events as a table for a terminal: when, who, what, from where, on what."""

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from rich.table import Table

from pipeline.render.table import plain_table

_RESOURCES = 3
"""Resources of an event that are shown."""


def render_events(rows: Iterable[Mapping[str, Any]], zone: ZoneInfo) -> Table:
    """A row an event, in the order given, times in `zone`."""
    columns = {"time": "left", "principal": "fold", "call": "fold", "from": "fold", "on": "fold"}
    return plain_table(columns, [_row(row, zone) for row in rows])


def _row(row: Mapping[str, Any], zone: ZoneInfo) -> tuple[str, str, str, str, str]:
    call = f"{row['action']} ({row['error']})" if row["error"] else row["action"]
    where = " ".join(filter(None, (row["address"], row["country"], row["organisation"])))
    touched = list(row["resources"] or [])
    more = [f"and {len(touched) - _RESOURCES} more"] if len(touched) > _RESOURCES else []
    return (
        f"{row['event_time'].astimezone(zone):%Y-%m-%d %H:%M:%S}",
        row["principal_name"] or row["principal"],
        call,
        where,
        " ".join((*touched[:_RESOURCES], *more)),
    )

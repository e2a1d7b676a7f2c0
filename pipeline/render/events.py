"""Events as a table for a terminal: when, who, what, from where, on what."""

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from rich.table import Table

from pipeline.render.table import plain_table
from pipeline.words.words import ENGLISH, Words

_RESOURCES = 3
"""Resources of an event that are shown."""


def render_events(rows: Iterable[Mapping[str, Any]], zone: ZoneInfo, words: Words = ENGLISH) -> Table:
    """A row an event, in the order given, times in `zone`."""
    columns = {
        words.say("time"): "left",
        words.say("principal"): "fold",
        words.say("call"): "fold",
        words.say("from"): "fold",
        words.say("on"): "fold",
    }
    return plain_table(columns, [_row(row, zone, words) for row in rows])


def _row(row: Mapping[str, Any], zone: ZoneInfo, words: Words) -> tuple[str, str, str, str, str]:
    call = f"{row['action']} ({row['error']})" if row["error"] else row["action"]
    where = " ".join(filter(None, (row["address"], row["country"], row["organisation"])))
    touched = list(row["resources"] or [])
    shown = " ".join(touched[:_RESOURCES])
    if len(touched) > _RESOURCES:
        shown = words.say("{names} and {n} more", names=shown, n=len(touched) - _RESOURCES)
    return (
        f"{row['event_time'].astimezone(zone):%Y-%m-%d %H:%M:%S}",
        row["principal_name"] or row["principal"],
        call,
        where,
        shown,
    )

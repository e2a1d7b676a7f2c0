"""The events behind an alert, read back from the store, and a few lines of Python that query them as one likes.

What is read is what is there now: what was delivered since the alert's last revision and shows one of its reasons is
among it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from features.activity.hourly import MEASURES
from features.times.day import day_bounds, day_number
from features.times.instant import HOUR, micros, moment_of
from models.explain import Reason
from pipeline.alerts.evidence import COLUMNS as EVIDENCE_COLUMNS
from pipeline.alerts.evidence import can_seek, contributing, matching, tabulate_sought, weigh, write_condition
from pipeline.alerts.story import COLUMNS, Weight
from pipeline.connection import connect
from pipeline.settings import Settings
from pipeline.stores.alert import Alert, AlertReason
from pipeline.stores.protocols import EventStore

MOST_ROWS: Final = 20_000
"""Events that are looked at; of more, those of the rarest calls."""
_READ: Final = ", ".join(dict.fromkeys([*EVIDENCE_COLUMNS.split(", "), *COLUMNS.split(", ")]))


@dataclass(frozen=True)
class AlertEvents:
    """What the store holds now of an alert's evidence."""

    rows: Sequence[Mapping[str, Any]]
    """Events that show any of its reasons; those that the alert names come first."""
    total: int
    """All events of its principal in its hours."""
    query: str
    """Python that lists them all."""
    reasons: Sequence[Weight] = ()
    """Its reasons, with the events that hold the value of each; none of what is not looked at any more."""
    ids: Sequence[str] = ()
    """Those the alert names, and of those delivered since as many again that weigh most."""
    until: datetime | None = None
    """End of the last hour with any of them."""


def read_events(
    events: EventStore, settings: Settings, alert: Alert, reading: duckdb.DuckDBPyConnection | None = None
) -> AlertEvents:
    """Read the events that show why an alert was made, and how many others its principal made in the same hours.

    Parameters
    ----------
    reading
        A connection that is used, and closed; else one is begun.
    """
    _, midnight = day_bounds(day_number(alert.day), ZoneInfo(settings.timezone))
    since, longest = alert.window_start, max(alert.window_end, midnight)
    reasons = [found for reason in alert.reasons if can_seek(found := _reason_of(reason, alert))]
    with reading or connect(settings.threads, settings.memory) as connection:
        events.view(connection, since=since, until=longest, accounts=alert.accounts)
        table = _read_rows(connection, alert, reasons)
        frame = table.to_pandas()
        masks = [matching(frame, reason) for reason in reasons]
        named = frame["event_id"].isin(alert.event_ids).to_numpy()
        since_then = (frame["delivered_at"] > pd.Timestamp(alert.detected_at)).to_numpy() & ~named
        late = [mask & since_then for mask in masks]
        new, _ = contributing(frame, late, weigh(frame, late, [reason.nats for reason in reasons]))
        there = set(frame["event_id"][named])
        ids = [*(event_id for event_id in alert.event_ids if event_id in there), *new]
        telling = [mask & (since_then | (not _counts_all(reason))) for reason, mask in zip(reasons, masks, strict=True)]
        shown = np.logical_or.reduce([named, *telling])
        place = {event_id: number for number, event_id in enumerate(ids)}
        rows = sorted(table.filter(pa.array(shown)).to_pylist(), key=lambda row: place.get(row["event_id"], len(place)))
        principals = sorted({row["principal"] for row in rows})
        until = max([alert.window_end, *(_end_of_hour(row["event_time"]) for row in rows)])
        [total] = connection.execute(
            "SELECT count(*) FROM events WHERE event_time < $until AND principal IN (SELECT unnest($principals))",
            {"principals": principals, "until": until},
        ).fetchone() or (0,)
    held = frame["event_id"].to_numpy()
    weights = [Weight(reason.nats, frozenset(held[mask])) for reason, mask in zip(reasons, masks, strict=True)]
    query = write_query(settings.home, alert.accounts, principals, since, until)
    return AlertEvents(rows, total, query, weights, ids, until)


def _counts_all(reason: Reason) -> bool:
    """It counts every call of an hour, so that being counted says nothing of a call."""
    return reason.counts and not (MEASURES[reason.dimension].calls or MEASURES[reason.dimension].resource)


def _reason_of(reason: AlertReason, alert: Alert) -> Reason:
    """The reason again as it was when the alert was made."""
    hour = micros(reason.hour or alert.window_start) // HOUR
    return Reason(
        reason.feature, reason.dimension, reason.value, reason.typical, reason.actual, reason.nats, reason.text, hour
    )


def _read_rows(connection: duckdb.DuckDBPyConnection, alert: Alert, reasons: list[Reason]) -> pa.Table:
    """The events that an alert names, and those of its principal that show one of its reasons."""
    sought = tabulate_sought([(alert.principal_key, reasons)])
    connection.register("sought", sought)
    found = connection.sql(
        f"SELECT {_READ} FROM events "
        f"WHERE event_id IN (SELECT unnest($ids)) OR (principal = $key AND ({write_condition(sought)})) "
        "ORDER BY event_id NOT IN (SELECT unnest($ids)), count(*) OVER (PARTITION BY action, error), event_time, "
        f"event_id LIMIT {MOST_ROWS}",
        params={"ids": alert.event_ids, "key": alert.principal_key},
    )
    table: pa.Table = found.to_arrow_table()
    return table


def _end_of_hour(time: datetime) -> datetime:
    return moment_of((micros(time) // HOUR + 1) * HOUR)


def read_raw(events: EventStore, alert: Alert, found: AlertEvents) -> list[bytes]:
    """The records of an alert's events as CloudTrail delivered them, in the order they happened."""
    wanted = set(found.ids)
    ordered = sorted((row["event_time"], row["event_id"]) for row in found.rows if row["event_id"] in wanted)
    until = max(alert.window_end, found.until or alert.window_end)
    ids = [event_id for _, event_id in ordered]
    raw = events.get(ids, alert.window_start, until, alert.accounts)
    return [raw[event_id] for event_id in ids]


def write_query(
    home: Path, accounts: Sequence[str], principals: Sequence[str], since: datetime, until: datetime
) -> str:
    r'''Python that reads everything these principals did in [since, until), through the store as `open_store` opens it.

    Files alone would not do: which of them are the store, and which rows were corrected since, only the store knows.
    All of it is printable whatever the names hold, so that it can be shown and pasted.

    >>> from datetime import UTC
    >>> hour = datetime(2026, 3, 1, 9, tzinfo=UTC)
    >>> print(write_query(Path("/home"), ["1"], ["o'neill\x1b"], hour, hour.replace(hour=10)))
    import duckdb
    from datetime import datetime
    from pipeline.stores.home import open_store
    duck, at = duckdb.connect(), datetime.fromisoformat
    store = open_store('/home', create=False)
    store.events.view(duck, at('2026-03-01 09:00:00+00:00'), at('2026-03-01 10:00:00+00:00'), ['1'])
    found = duck.sql("""
    SELECT event_time, action, error, address, country, agent, resources, event_id FROM events
    WHERE principal IN ('o''neill' || chr(27))
    ORDER BY event_time, event_id
    """)
    found.show(max_rows=1000)
    '''
    named = ",\n  ".join(map(_literal, principals)) or "NULL"
    return "\n".join(
        (
            "import duckdb",
            "from datetime import datetime",
            "from pipeline.stores.home import open_store",
            "duck, at = duckdb.connect(), datetime.fromisoformat",
            f"store = open_store({str(home)!a}, create=False)",
            f"store.events.view(duck, at('{since}'), at('{until}'), {list(accounts)!a})",
            'found = duck.sql("""',
            "SELECT event_time, action, error, address, country, agent, resources, event_id FROM events",
            f"WHERE principal IN ({named})",
            "ORDER BY event_time, event_id",
            '""")',
            "found.show(max_rows=1000)",
        )
    )


def _literal(text: str) -> str:
    """A SQL literal that is printable whatever the text holds, and stays itself between Python's triple quotes."""
    parts: list[str] = []
    run = ""
    for character in text:
        if character.isprintable() and character not in '"\\':
            run += character.replace("'", "''")
            continue
        parts += ([f"'{run}'"] if run else []) + [f"chr({ord(character)})"]
        run = ""
    return " || ".join(parts + ([f"'{run}'"] if run or not parts else []))

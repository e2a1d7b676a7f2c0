"""The events behind an alert, read back from the store, and a few lines of Python that query them as one likes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.alerts.story import COLUMNS
from pipeline.connection import connect
from pipeline.settings import Settings
from pipeline.stores.alert import Alert
from pipeline.stores.protocols import EventStore


@dataclass(frozen=True)
class AlertEvents:
    """What the store still holds of an alert's evidence."""

    rows: Sequence[Mapping[str, Any]]
    """The alert's events, those that weigh most first."""
    total: int
    """All events of its principal in its hours."""
    query: str
    """Python that lists them all."""


def read_events(events: EventStore, settings: Settings, alert: Alert) -> AlertEvents:
    """Read the events an alert names, and how many others its principal made in the same hours."""
    since, until = alert.window_start, alert.window_end
    with connect(settings.threads, settings.memory) as connection:
        events.view(connection, since=since, until=until, accounts=alert.accounts)
        found = connection.sql(
            f"SELECT {COLUMNS} FROM events WHERE event_id IN (SELECT unnest($ids))",
            params={"ids": alert.event_ids},
        )
        weight = {event_id: place for place, event_id in enumerate(alert.event_ids)}
        rows = sorted(found.to_arrow_table().to_pylist(), key=lambda row: weight[row["event_id"]])
        principals = sorted({row["principal"] for row in rows})
        [total] = connection.execute(
            "SELECT count(*) FROM events WHERE principal IN (SELECT unnest($principals))", {"principals": principals}
        ).fetchone() or (0,)
    return AlertEvents(rows, total, write_query(settings.home, alert.accounts, principals, since, until))


def read_raw(events: EventStore, alert: Alert, rows: Sequence[Mapping[str, Any]]) -> list[bytes]:
    """The records of some of an alert's events as CloudTrail delivered them, in the order they happened."""
    ordered = sorted(rows, key=lambda row: (row["event_time"], row["event_id"]))
    ids = [row["event_id"] for row in ordered]
    raw = events.get(ids, alert.window_start, alert.window_end, alert.accounts)
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

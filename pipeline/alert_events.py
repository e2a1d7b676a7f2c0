"""The events behind an alert, read back from the store, and a query that does the same in DuckDB."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from pipeline.connection import connect
from pipeline.settings import Settings
from pipeline.stores.protocols import EventStore
from pipeline.story import COLUMNS


@dataclass(frozen=True)
class AlertEvents:
    """What the store still holds of an alert's evidence."""

    rows: Sequence[Mapping[str, Any]]
    """The alert's events, those that weigh most first."""
    total: int
    """All events of its principal in its hours."""
    query: str
    """DuckDB SQL that lists them all."""


def read_events(events: EventStore, settings: Settings, alert: Mapping[str, Any]) -> AlertEvents:
    """Read the events an alert names, and how many others its principal made in the same hours."""
    ids = [str(event_id) for event_id in alert.get("event_ids", [])]
    since, until = (msgspec.convert(alert[key], datetime) for key in ("window_start", "window_end"))
    accounts = [str(account) for account in alert.get("accounts") or [alert["account"]]]
    with connect(settings.threads, settings.memory) as connection:
        events.view(connection, since=since, until=until, accounts=accounts)
        found = connection.sql(
            f"SELECT {COLUMNS} FROM events WHERE event_id IN (SELECT unnest($ids))",
            params={"ids": ids},
        )
        weight = {event_id: place for place, event_id in enumerate(ids)}
        rows = sorted(found.to_arrow_table().to_pylist(), key=lambda row: weight[row["event_id"]])
        principals = sorted({row["principal"] for row in rows})
        [total] = connection.execute(
            "SELECT count(*) FROM events WHERE principal IN (SELECT unnest($principals))", {"principals": principals}
        ).fetchone() or (0,)
    return AlertEvents(rows, total, query(settings.home, accounts, principals, since, until))


def query(home: Path, accounts: Iterable[str], principals: Iterable[str], since: datetime, until: datetime) -> str:
    r"""DuckDB SQL over the store's files for everything these principals did in [since, until).

    >>> from datetime import UTC
    >>> hour = datetime(2026, 3, 1, 9, tzinfo=UTC)
    >>> print(query(Path("home"), ["1"], ["o'neill\x1b"], hour, hour.replace(hour=10)))
    SELECT event_time, action, error, address, country, agent, resources, event_id
    FROM read_parquet('home/events/account=*/day=*/*.parquet', hive_partitioning = false)
    WHERE account IN ('1') AND principal IN ('o''neill' || chr(27))
      AND event_time >= '2026-03-01 09:00:00+00:00' AND event_time < '2026-03-01 10:00:00+00:00'
    QUALIFY row_number() OVER (PARTITION BY event_id) = 1
    ORDER BY event_time;
    """
    return (
        "SELECT event_time, action, error, address, country, agent, resources, event_id\n"
        f"FROM read_parquet({_literal(str(home / 'events/account=*/day=*/*.parquet'))}, hive_partitioning = false)\n"
        f"WHERE account IN ({', '.join(map(_literal, accounts))}) "
        f"AND principal IN ({', '.join(map(_literal, principals)) or 'NULL'})\n"
        f"  AND event_time >= '{since}' AND event_time < '{until}'\n"
        "QUALIFY row_number() OVER (PARTITION BY event_id) = 1\n"
        "ORDER BY event_time;"
    )


def _literal(text: str) -> str:
    """A SQL literal that is printable whatever the text holds."""
    parts: list[str] = []
    run = ""
    for character in text:
        if character.isprintable():
            run += character.replace("'", "''")
            continue
        parts += ([f"'{run}'"] if run else []) + [f"chr({ord(character)})"]
        run = ""
    return " || ".join(parts + ([f"'{run}'"] if run or not parts else []))

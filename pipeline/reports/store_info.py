"""What a store holds, from its list of segments alone: cheap, however much it is."""

from datetime import date
from typing import Any

from pipeline.stores.home import Store


def describe(store: Store) -> dict[str, Any]:
    """Events, files and bytes, and events by account with first and last day."""
    connection = store.state.connection
    accounts = [
        {"account": account, "events": events, "first": first, "last": last, "days": days}
        for account, events, first, last, days in connection.execute(
            "SELECT account, sum(rows), min(day), max(day), count(DISTINCT day) FROM segments "
            "WHERE kind = 'events' GROUP BY account ORDER BY account"
        )
    ]
    kinds = {
        kind: {"rows": rows, "bytes": size, "segments": segments}
        for kind, rows, size, segments in connection.execute(
            "SELECT kind, sum(rows), sum(bytes), count(*) FROM segments GROUP BY kind ORDER BY kind"
        )
    }
    [files] = connection.execute("SELECT count(*) FROM files").fetchone()
    return {
        "home": str(store.home),
        "events": sum(row["events"] for row in accounts),
        "files": files,
        "bytes": sum(kind["bytes"] for kind in kinds.values()),
        "accounts": accounts,
        "kinds": kinds,
    }


def events_before(store: Store, day: date) -> int:
    """Events of days before a day: those that `prune` would forget."""
    [rows] = store.state.connection.execute(
        "SELECT coalesce(sum(rows), 0) FROM segments WHERE kind = 'events' AND day < ?", (day.isoformat(),)
    ).fetchone()
    return int(rows)

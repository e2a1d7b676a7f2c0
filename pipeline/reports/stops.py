"""Who switched logging off just before an account fell silent."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

import duckdb

from pipeline.stores.home import Store

BEFORE: Final = timedelta(hours=1)
"""A trail that is switched off may deliver what it had for some minutes more; AWS promises no moment."""
MOST: Final = 5
"""Calls that are told."""


class Stop(NamedTuple):
    """A call that switched logging or a safeguard off."""

    event_id: str
    time: datetime
    action: str
    principal: str
    """Its key."""
    name: str


def find_stops(
    store: Store, connection: duckdb.DuckDBPyConnection, account: str, since: datetime, lateness: timedelta
) -> list[Stop]:
    """Calls that switched it off for an account, or for the whole organisation, before a silence; the last first.

    Parameters
    ----------
    since
        When the silence began.
    lateness
        How late an event may come: what happened by then may still be the silence's cause.
    """
    store.events.view(connection, since - BEFORE, since + lateness)
    rows = connection.execute(
        "SELECT event_id, event_time, action, principal, principal_name FROM events "
        "WHERE list_contains(facts, 'logging_off') "
        "AND (account = $account OR service IN ('cloudtrail', 'organizations')) "
        "ORDER BY event_time DESC, event_id LIMIT $most",
        {"account": account, "most": MOST},
    ).fetchall()
    return [Stop(*row) for row in rows]

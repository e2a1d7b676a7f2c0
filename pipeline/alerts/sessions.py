"""With what an alert's calls were made: access keys, sessions and their names, tools, and who opened the sessions."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import duckdb
from msgspec.structs import replace

from features.times.instant import micros, moment_of
from pipeline.alerts.story import Row, read_key
from pipeline.stores.alert import AlertOpener, AlertSession

MOST_SESSIONS: Final = 5
MOST_AGENTS, LONGEST_AGENT = 3, 300
"""User agents of a session that are told, and characters of one."""
MOST_ADDRESSES: Final = 5
MOST_KEYS: Final = 10
MOST_HOPS: Final = 3
"""Openers of a session that are followed: who opened it, who opened the opener's, and once more."""
_BEFORE: Final = timedelta(days=2)
"""How long before the day the opening is looked for; a session lasts 36 hours at most."""

Openings: TypeAlias = Mapping[str, Sequence[Mapping[str, Any]]]
"""By access key id, the events that tell who handed it out: those that name the key of whoever asked come first, for
the record of the other account does not (`sharedEventID`), then the earliest."""
ShowIssued: TypeAlias = Callable[[Collection[str], datetime], None]
_COLUMNS: Final = (
    "issued_key, event_id, event_time, delivered_at, action, account, principal_name, kind, identity_arn, session, "
    "session_name, address, user_agent, principal"
)


def find_sessions(rows: Sequence[Row], carried: Sequence[float]) -> list[AlertSession]:
    """Sessions that made some events, those that carry most evidence first; without who opened them.

    Parameters
    ----------
    rows
        Odd events.
    carried
        Nats that each carries.
    """
    made: dict[tuple[str, str], list[Row]] = {}
    weight: dict[tuple[str, str], float] = {}
    for row, nats in zip(rows, carried, strict=True):
        key = row["session"], row["identity_arn"]
        made.setdefault(key, []).append(row)
        weight[key] = weight.get(key, 0.0) + nats
    order = sorted(made, key=lambda key: -weight[key])
    return [_describe(made[key]) for key in order[:MOST_SESSIONS]]


def _describe(rows: Sequence[Row]) -> AlertSession:
    first = min(rows, key=lambda row: (row["event_time"], row["event_id"]))
    return AlertSession(
        access_key=read_key(first["session"]),
        session_name=first["session_name"] or "",
        identity=first["identity_arn"],
        account=first["account"],
        started=first["session_start"],
        mfa=first["mfa"],
        agents=tuple(agent[:LONGEST_AGENT] for agent in _most(rows, "user_agent", MOST_AGENTS)),
        addresses=_most(rows, "address", MOST_ADDRESSES),
        calls=len(rows),
        issued_keys=_most(rows, "issued_key", MOST_KEYS),
    )


def _most(rows: Sequence[Row], column: str, most: int) -> tuple[str, ...]:
    """Distinct values of a column, the most frequent first."""
    counted = Counter(row[column] for row in rows if row[column])
    return tuple(value for value, _ in counted.most_common(most))


def find_openings(
    connection: duckdb.DuckDBPyConnection,
    keys: Collection[str],
    since: datetime,
    until: datetime,
    show: ShowIssued | None = None,
    events: str = "events",
) -> dict[str, list[dict[str, Any]]]:
    """The events that handed out access keys, and those that handed out the keys of whoever asked for them, and so on.

    Parameters
    ----------
    connection
        Has the events.
    keys
        Access key ids.
    since, until
        Half-open span of event time of what the keys were used for.
    show
        Makes the view `events`, of those since a time; it need hold no others than those that handed out any of some
        keys.
    events
        Name of the relation that has them, such as `keep_issuing` makes.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    wanted = set(filter(None, keys))
    for _ in range(MOST_HOPS):
        if not wanted:
            break
        if show is not None:
            show(wanted, since - _BEFORE)
        rows = connection.sql(
            f"SELECT {_COLUMNS} FROM {events} WHERE issued_key IN (SELECT unnest($keys)) AND error = '' "
            "AND event_time >= $since AND event_time < $until "
            "ORDER BY coalesce(session, '') = '', event_time, event_id",
            params={"keys": sorted(wanted), "since": since - _BEFORE, "until": until},
        ).to_arrow_table()
        asked: set[str] = set()
        for row in rows.to_pylist():
            found.setdefault(row["issued_key"], []).append(row)
            asked.add(read_key(row["session"] or ""))
        wanted = asked - set(found) - {""}
    return found


def keep_issuing(connection: duckdb.DuckDBPyConnection, name: str, since: datetime, until: datetime) -> None:
    """Keep what `find_openings` can find in the view `events` in a table, for who asks often of the same days."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {_COLUMNS}, error FROM events "
        "WHERE issued_key <> '' AND error = '' AND event_time >= $since AND event_time < $until",
        {"since": since - _BEFORE, "until": until},
    )


def add_openers(sessions: Sequence[AlertSession], openings: Openings, tick: int) -> tuple[AlertSession, ...]:
    """The sessions with who opened them, as far as was delivered by a tick."""
    by = moment_of(tick)
    return tuple(replace(session, opened_by=tuple(_follow(session.access_key, openings, by))) for session in sessions)


def _follow(key: str, openings: Openings, by: datetime) -> Iterable[AlertOpener]:
    for row in lead_back(key, openings, by):
        yield AlertOpener(
            principal_name=row["principal_name"],
            principal_kind=row["kind"],
            identity=row["identity_arn"],
            access_key=read_key(row["session"]),
            session_name=row["session_name"] or "",
            action=row["action"],
            time=moment_of(micros(row["event_time"])),
            address=row["address"],
            agent=row["user_agent"][:LONGEST_AGENT],
            event_id=row["event_id"],
        )


def lead_back(key: str, openings: Openings, by: datetime) -> Iterator[Mapping[str, Any]]:
    """The event that handed out a key, the one that handed out the key of whoever asked for it, and so on, as far as
    they were delivered by a time.
    """
    seen = {key}
    while len(seen) <= MOST_HOPS:
        row = next((row for row in openings.get(key, ()) if row["delivered_at"] <= by), None)
        if row is None:
            return
        yield row
        key = read_key(row["session"])
        if not key or key in seen:
            return
        seen.add(key)

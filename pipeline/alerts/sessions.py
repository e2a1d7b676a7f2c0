"""With what an alert's calls were made: access keys, sessions and their names, tools, and who opened the sessions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import duckdb
import pandas as pd
from msgspec.structs import replace

from features.times.instant import micros, moment_of
from models.baseline import Floats
from pipeline.alerts.story import read_key
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

Openings = Mapping[str, Mapping[str, Any]]
"""By access key id, the event that handed it out."""
_COLUMNS: Final = (
    "issued_key, event_id, event_time, delivered_at, action, account, principal_name, kind, identity_arn, session, "
    "session_name, address, user_agent"
)


def find_sessions(events: pd.DataFrame, carried: Floats) -> list[AlertSession]:
    """Sessions that made some events, those that carry most evidence first; without who opened them.

    Parameters
    ----------
    events
        Odd ones, in the order they happened.
    carried
        Nats that each carries, shape (len(events),).
    """
    weighed = events.assign(carried=carried)
    groups = [(float(frame["carried"].sum()), frame) for _, frame in weighed.groupby(["session", "identity_arn"])]
    groups.sort(key=lambda pair: -pair[0])
    return [_describe(frame) for _, frame in groups[:MOST_SESSIONS]]


def _describe(frame: pd.DataFrame) -> AlertSession:
    first = frame.iloc[0]
    started = first["session_start"]
    mfa = first["mfa"]
    return AlertSession(
        access_key=read_key(first["session"]),
        session_name=_text(first["session_name"]),
        identity=first["identity_arn"],
        account=first["account"],
        started=None if pd.isna(started) else pd.Timestamp(started).tz_convert("UTC").to_pydatetime(),
        mfa=None if pd.isna(mfa) else bool(mfa),
        agents=tuple(agent[:LONGEST_AGENT] for agent in _most(frame["user_agent"], MOST_AGENTS)),
        addresses=_most(frame["address"], MOST_ADDRESSES),
        calls=len(frame),
        issued_keys=_most(frame["issued_key"], MOST_KEYS),
    )


def _text(value: Any) -> str:
    """A text column that may be null in old rows."""
    return value if isinstance(value, str) else ""


def _most(values: "pd.Series[Any]", most: int) -> tuple[str, ...]:
    """Distinct values, the most frequent first, those alike in the order they came."""
    counted = values[values.astype(bool)].value_counts(sort=False)
    return tuple(map(str, counted.sort_values(ascending=False, kind="stable").index[:most]))


def find_openings(
    connection: duckdb.DuckDBPyConnection, keys: Collection[str], since: datetime, until: datetime
) -> dict[str, dict[str, Any]]:
    """The events that handed out access keys, and those that handed out the keys of whoever asked for them, and so on.

    Parameters
    ----------
    connection
        Has the view `events`.
    keys
        Access key ids.
    since, until
        Half-open span of event time of what the keys were used for.
    """
    found: dict[str, dict[str, Any]] = {}
    wanted = set(filter(None, keys))
    for _ in range(MOST_HOPS):
        if not wanted:
            break
        rows = connection.sql(
            f"SELECT {_COLUMNS} FROM events WHERE issued_key IN (SELECT unnest($keys)) AND error = '' "
            "AND event_time >= $since AND event_time < $until ORDER BY event_time, event_id",
            params={"keys": sorted(wanted), "since": since - _BEFORE, "until": until},
        ).to_arrow_table()
        new = {row["issued_key"]: row for row in reversed(rows.to_pylist())}
        found |= new
        wanted = {read_key(row["session"]) for row in new.values()} - set(found) - {""}
    return found


def add_openers(sessions: Sequence[AlertSession], openings: Openings, tick: int) -> tuple[AlertSession, ...]:
    """The sessions with who opened them, as far as was delivered by a tick."""
    by = moment_of(tick)
    return tuple(replace(session, opened_by=tuple(_follow(session.access_key, openings, by))) for session in sessions)


def _follow(key: str, openings: Openings, by: datetime) -> Iterable[AlertOpener]:
    seen = {key}
    while key in openings and openings[key]["delivered_at"] <= by and len(seen) <= MOST_HOPS:
        row = openings[key]
        key = read_key(row["session"])
        yield AlertOpener(
            principal_name=row["principal_name"],
            principal_kind=row["kind"],
            identity=row["identity_arn"],
            access_key=key,
            session_name=_text(row["session_name"]),
            action=row["action"],
            time=moment_of(micros(row["event_time"])),
            address=row["address"],
            agent=row["user_agent"][:LONGEST_AGENT],
            event_id=row["event_id"],
        )
        if not key or key in seen:
            return
        seen.add(key)

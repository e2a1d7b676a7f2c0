"""Makers of small worlds: events and alerts of which only what matters is named, and the activity events give."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import msgspec
import pyarrow as pa

from features.activity import catalogue
from features.activity import statements as activity
from features.activity.first_seen import MEMBERS
from features.activity.off_host import MET_ELSEWHERE
from features.normalise.event import EVENT
from pipeline.stores.alert import Alert
from pipeline.stores.parquet.schema import arrow_schema
from tests import worlds

NINE = datetime(2025, 3, 3, 9, tzinfo=UTC)
"""A Monday morning."""

Event = dict[str, Any]
_count = iter(range(10**9))


def an_event(at: datetime = NINE, **named: Any) -> Event:
    """An event of one principal's ordinary read, delivered five minutes later, but for what is named."""
    columns = {
        "event_id": f"event-{next(_count)}", "event_time": at, "delivered_at": at + timedelta(minutes=5),
        "region": "us-east-1", "action": "ec2:DescribeInstances", "level": "list", "principal": "user/ana",
        "kind": "human", "identity": "user/ana", "session": "key-1", "prefix": "192.0.2.0/24", "country": "DE",
        "latitude": 52.52, "longitude": 13.40, "asn": 64500, "agent": "aws-cli",
    }  # fmt: skip
    unknown = set(named) - {column.name for column in EVENT}
    assert not unknown, f"an event has no {unknown}"
    return worlds.an_event(**(columns | named))


def with_activity(
    connection: duckdb.DuckDBPyConnection, *parts: Iterable[Event], timezone: str = "UTC", by_tick: bool = False
) -> duckdb.DuckDBPyConnection:
    """Tables of activity in a connection; parts of the events are counted apart and stacked, as account-days are."""
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(activity.prelude(timezone, 15))
    connection.execute(catalogue.prelude(timezone))
    statements = {
        "joint": activity.joint(by_tick), "touched": activity.touched(by_tick), "filled": activity.FILLED,
        "principals": activity.PRINCIPALS, "places": activity.PLACES, "sessions": activity.SESSIONS,
    }  # fmt: skip
    made: dict[str, list[pa.Table]] = {name: [] for name in statements}
    for part in parts:
        table = pa.Table.from_pylist(list(part), schema=arrow_schema())
        connection.register("events", table)
        connection.execute(activity.COUNTED)
        for name, statement in statements.items():
            made[name].append(connection.sql(statement).to_arrow_table())
    for name, tables in made.items():
        connection.register(name, pa.concat_tables(tables))
    connection.execute(f"{MET_ELSEWHERE}CREATE OR REPLACE TEMP TABLE members AS {MEMBERS}")
    return connection


def vectors(*parts: Sequence[Event], timezone: str = "UTC", by_tick: bool = False) -> list[dict[str, Any]]:
    """One mapping a principal and hour, in order."""
    with duckdb.connect() as connection:
        with_activity(connection, *parts, timezone=timezone, by_tick=by_tick)
        return connection.sql(catalogue.VECTORS).to_arrow_table().to_pylist()


def vector(*events: Event, timezone: str = "UTC") -> dict[str, Any]:
    """The vector of events that are all in one principal's hour."""
    (only,) = vectors(events, timezone=timezone)
    return only


def an_alert(alert_id: str = "a1", revision: int = 1, **named: Any) -> Alert:
    """A raised alert about the role `deploy`, but for what is named; fields as JSON would have them will do."""
    fields = {
        "alert_id": alert_id, "revision": revision, "day": "2026-03-02", "account": "111122223333",
        "accounts": ["111122223333"], "principal": "arn:aws:iam::111122223333:role/deploy",
        "principal_key": "role/111122223333/AROAEXAMPLEDEPLOY", "principal_name": "deploy",
        "principal_kind": "workload", "identities": ["arn:aws:iam::111122223333:role/deploy"], "members": [],
        "window_start": "2026-03-02T09:00:00Z", "window_end": "2026-03-02T10:00:00Z",
        "detected_at": "2026-03-02T10:00:00Z", "record_score": 91.4, "raised": True, "severity": "critical",
        "title": "deploy called iam:CreateAccessKey", "evidence": 9.5, "other": 0.25,
        "reasons": [a_reason(), a_count()],
        "influencers": [{"field": "source.address", "values": ["198.51.100.7"], "share": 0.9}],
        "tactics": ["Persistence"], "techniques": ["T1098"], "event_count": 1, "event_ids": ["event-1"],
        "model_id": "20513-0123456789abcdef",
    }  # fmt: skip
    unknown = set(named) - {
        *fields,
        "version",
        "scores",
        "measures",
        "drill",
        "held_because",
        "sessions",
        "related",
        "harms",
    }
    assert not unknown, f"an alert has no {unknown}"
    return msgspec.convert(fields | named, Alert)


def a_reason(**named: Any) -> dict[str, Any]:
    """A reason of an alert: a first call, but for what is named."""
    return {
        "feature": "surprise", "dimension": "write", "value": "iam:CreateAccessKey", "typical": 0.0, "actual": 1.0,
        "nats": 8.25, "text": "first call iam:CreateAccessKey: never in 213 active hours, none of 9 peers; now 1 call",
    } | named  # fmt: skip


def a_count(**named: Any) -> dict[str, Any]:
    """A reason that counts: an hour of many calls, but for what is named."""
    return {
        "feature": "own_past", "dimension": "calls", "value": "calls", "typical": 1.4, "actual": 25.0, "nats": 1.0,
        "text": "25 calls in an hour, where 1.4 is typical",
    } | named  # fmt: skip

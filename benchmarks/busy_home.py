"""Days of a busy world (`benchmarks.busy_world`) in the stores of a home, as ingestion and trainings would leave them.

Activity of past days is written as such, for making 8 million events of each would take longer than what is measured.
Days that are read as events are written as events, in segments of some time of delivery, a file each, without the raw
records, which neither training nor scoring reads.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple

import pyarrow as pa

from benchmarks.busy_world import World
from features.activity.hourly import fill
from features.activity.statements import JOINT_KEYS, TOUCHED_KEYS, merged
from features.normalise.event import EVENT
from features.times.instant import micros
from pipeline.stores.home import Store
from pipeline.stores.parquet.layout import new_path
from pipeline.stores.parquet.schema import SHAPE
from pipeline.stores.parquet.segment import Segment
from pipeline.stores.sqlite.arrivals import Landed

SEGMENT = timedelta(hours=3)

_DELIVERED = "min(first + wait) AS delivered, min(first) AS first, max(last) AS last"
_CALLS = """
SELECT * EXCLUDE (first), nth, first + to_seconds(span * nth // greatest(calls - 1, 1)) AS event_time
FROM (SELECT *, unnest(range(calls)) AS nth FROM {atoms})
"""
"""Each call of some atoms, with its time."""
_ACTIVITY = {
    "joint": merged("of_account", JOINT_KEYS),
    "touched": merged("(FROM of_account WHERE resource <> '')", TOUCHED_KEYS),
    "filled": fill(f"""(
SELECT principal, date_trunc('hour', event_time) AS hour, known_day(event_time + wait, event_time) AS known_on,
    tick_of(event_time + wait) AS tick, action, level, write, error, agent, 1 AS calls
FROM ({_CALLS.format(atoms="of_account")}))"""),
    "principals": f"""
SELECT principal, identity, identity_arn, account AS identity_account, account, kind, 'AssumedRole' AS identity_type,
    principal_name, identity_name, permission_set, 'role' AS rule,
    known_day(min(first + wait), min(first)) AS known_on, CAST(sum(calls) AS BIGINT) AS calls, {_DELIVERED}
FROM of_account JOIN whos USING (who, principal, account) GROUP BY ALL""",
    "places": f"""
SELECT prefix, address_kind, country, '' AS city, asn, '' AS organisation, '' AS network, latitude, longitude,
    CAST(sum(calls) AS BIGINT) AS calls, {_DELIVERED}
FROM of_account GROUP BY ALL""",
    "sessions": """
SELECT session, principal, min(session_start) AS session_start, '' AS session_class, CAST(NULL AS BOOLEAN) AS mfa,
    min(first) AS first, max(last) AS last
FROM of_account GROUP BY session, principal""",
}
_TOLD = f"""
SELECT concat($number, '-', atom, '-', nth) AS event_id, $file AS file, event_time,
    event_time + wait AS delivered_at, account,
    'Management' AS category, region, split_part(action, ':', 1) AS service, action, level, write, error, principal,
    session, session_start, prefix, address_kind, agent, country, asn, latitude, longitude, identity, identity_arn,
    identity_name, account AS identity_account, 'AssumedRole' AS identity_type, principal_name, kind, permission_set,
    'role' AS rule,
    CASE WHEN starts_with(resource, 'fact:') THEN [substr(resource, 6)] ELSE [] END AS facts,
    CASE WHEN starts_with(resource, 'exposure:') THEN [substr(resource, 10)] ELSE [] END AS exposures,
    CASE WHEN resource = '' OR starts_with(resource, 'fact:') OR starts_with(resource, 'exposure:') THEN []
        ELSE [resource] END AS resources
FROM ({_CALLS.format(atoms="atoms WHERE account = $account AND first + wait < $until AND last + wait >= $since")})
JOIN whos USING (who, principal, account)
WHERE event_time + wait >= $since AND event_time + wait < $until
"""
_BLANK = {
    "string": "''",
    "bool": "false",
    "int32": "0::INTEGER",
    "int64": "0::BIGINT",
    "strings": "[]::VARCHAR[]",
    "binary": "''::BLOB",
}
_NULL = {"shared_event_id": "VARCHAR", "mfa": "BOOLEAN"}


def midnight(world: World, number: int) -> datetime:
    """When a day of the world begins; days count from 0."""
    day = world.first + timedelta(days=number)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def make_activity(world: World, number: int) -> Iterator[tuple[str, dict[str, pa.Table]]]:
    """Make a day, and the tables of activity of each account."""
    world.day(number)
    for account in _accounts(world):
        world.connection.execute("CREATE OR REPLACE TEMP TABLE of_account AS FROM atoms WHERE account = ?", [account])
        yield account, {name: world.connection.sql(sql).to_arrow_table() for name, sql in _ACTIVITY.items()}


def write_activity(world: World, store: Store, number: int) -> dict[str, int]:
    """Make a day, write its activity, and return the rows of each table."""
    rows = dict.fromkeys(_ACTIVITY, 0)
    now = midnight(world, number + 1)
    for account, tables in make_activity(world, number):
        store.activity.write(account, midnight(world, number).date(), tables, now)
        rows = {name: count + tables[name].num_rows for name, count in rows.items()}
    return rows


class Part(NamedTuple):
    """Events of an account that were delivered together."""

    until: datetime
    segment: Segment
    landed: Landed


def write_events(world: World, store: Store, number: int, since: datetime, until: datetime) -> int:
    """Make a day, write its events that were delivered in [since, until), and return how many."""
    return deliver(store, make_parts(world, store, number, since, until))


def make_parts(
    world: World, store: Store, number: int, since: datetime, until: datetime, every: timedelta = SEGMENT
) -> list[Part]:
    """Make a day, and files of its events that were delivered in [since, until); the home knows nothing of them yet."""
    world.day(number)
    day = midnight(world, number)
    edges = [day + at * every for at in range(int(timedelta(days=2) / every) + 1)]
    cuts = sorted({since, until, *(edge for edge in edges if since < edge < until)})
    made = (
        _make_part(world, store, number, account, start, stop)
        for start, stop in pairwise(cuts)
        for account in _accounts(world)
    )
    return [part for part in made if part is not None]


def deliver(store: Store, parts: Sequence[Part]) -> int:
    """Let a home know of parts, as ingestion does; return their events."""
    now = max((part.until for part in parts), default=datetime.now(UTC))
    with store.manifest.transaction():
        store.manifest.swap(out=[], into=[part.segment for part in parts], now=now)
        store.arrivals.note(part.landed for part in parts)
    return sum(part.segment.rows for part in parts)


def _make_part(world: World, store: Store, number: int, account: str, since: datetime, until: datetime) -> Part | None:
    day = str(midnight(world, number).date())
    path = new_path("events", account, day, SHAPE)
    target = store.home / path
    target.parent.mkdir(parents=True, exist_ok=True)
    file = sha256(path.encode()).hexdigest()[:16]
    chosen = {"account": account, "since": since, "until": until, "number": number, "file": file}
    told = world.connection.execute(f"DESCRIBE {_TOLD}", chosen).fetchall()
    made = {name: kind for name, kind, *_ in told}
    columns = ", ".join(c.name if c.name in made else f"{_blank(c.name, c.type)} AS {c.name}" for c in EVENT)
    world.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE part AS SELECT {columns}, '' AS origin FROM ({_TOLD}) "
        "ORDER BY principal, event_time",
        chosen,
    )
    rows, first, last = world.connection.execute(
        "SELECT count(*), epoch_us(min(event_time)), epoch_us(max(event_time)) FROM part"
    ).fetchall()[0]
    if not rows:
        target.parent.rmdir() if not any(target.parent.iterdir()) else None
        return None
    world.connection.execute(
        f"COPY part TO '{target}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 65536)"
    )
    segment = Segment(path, "events", account, day, rows, target.stat().st_size, 0, first, last)
    return Part(until, segment, Landed(file, micros(until) - 1, first, account))


def _blank(name: str, kind: str) -> str:
    return f"NULL::{_NULL[name]}" if name in _NULL else _BLANK[kind]


def _accounts(world: World) -> list[str]:
    return [
        account for (account,) in world.connection.execute("SELECT DISTINCT account FROM atoms ORDER BY 1").fetchall()
    ]

"""A company whose history ends now, in a home that has learnt it, and what comes next: calls, and thieves' among them.

The simulator makes days, and nobody simulates the 86 million calls of a day at 1,000 a second. So the company's own
next hour is called again and again, and the activity it is learnt from counts each call as often: who does what, from
where and how often in an hour is then as ever, and only thieves are odd. Each call is an event of its own, with an id
and a time of its own.
"""

import gzip
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from importlib.resources import as_file, files
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import duckdb
import msgspec
import pyarrow as pa

from features.activity.hourly import FILLED_COUNTS
from features.activity.statements import STATEMENTS
from pipeline.connection import connect
from pipeline.detect.refresh import refresh_activity
from pipeline.detect.trainer import train
from pipeline.enrich.geo import Geo
from pipeline.ingest.delivery import read_delivery
from pipeline.ingest.run import ingest
from pipeline.settings import Settings
from pipeline.simulate.company import CampaignPlan, simulate
from pipeline.stores.home import Store, open_store

DAYS = 14
"""Of history; a first training of more leaves a week to the first scoring."""
BEFORE = timedelta(minutes=5)
"""What of today is there. Its calls are made once each, where those of the days before count as many: they look odd."""
AHEAD = timedelta(hours=1)
"""What of the days to come is called again and again."""
AGE = timedelta(minutes=3)
"""From a call to its delivery, about; CloudTrail takes as long, and no file's name is older than its calls."""
LATE = timedelta(minutes=20)
"""After a day, until its last files are there."""
_ATTACKED_DAYS = 4
"""Days to come on which the simulator plants its attacks, a weekend and a working day among them."""

_INSTANT = re.compile(rb"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_TIME = re.compile(rb'"eventTime":"(20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)"')
_ID = re.compile(rb'"eventID":"([0-9a-f-]{36})"')
_REQUEST = re.compile(rb'"requestID":"[0-9a-f-]{36}"')
_ACCOUNT = re.compile(rb'"recipientAccountId":"([0-9]{12})"')
_decode = msgspec.json.Decoder(dict[str, list[msgspec.Raw]]).decode


class Theft(NamedTuple):
    """One attack: records in their order, and who is its victim."""

    degree: str
    principal: str
    records: Sequence[bytes]


class Live(NamedTuple):
    """What comes next."""

    calls: Sequence[bytes]
    """Records of the company's next hour."""
    thefts: Sequence[Theft]


def simulate_until(folder: Path, now: datetime, principals: int, thefts: int, seed: int) -> tuple[list[Path], Live]:
    """Simulate a company; the files that were delivered until now, and what comes next."""
    today = now.astimezone(UTC).date()
    midnight = datetime(today.year, today.month, today.day, tzinfo=UTC) + LATE
    truth = simulate(
        folder, seed=seed, days=DAYS + 1 + _ATTACKED_DAYS, principals=principals, start=today - timedelta(days=DAYS),
        campaigns=CampaignPlan((thefts + 1) // 2, thefts // 2, 0, today + timedelta(days=1)),
    )  # fmt: skip
    wanted = {event_id: number for number, one in enumerate(truth.campaigns) for event_id in one.event_ids}
    earlier, calls = list[Path](), list[bytes]()
    stolen: list[list[bytes]] = [[] for _ in truth.campaigns]
    for path in sorted((folder / "AWSLogs").rglob("*.json.gz"), key=lambda path: path.name):
        if (at := _delivered(path)) <= now:
            if at < midnight or at >= now - BEFORE:
                earlier.append(path)
            continue
        for record in map(bytes, _decode(gzip.decompress(path.read_bytes()))["Records"]):
            number = wanted.get(id_of(record))
            if number is not None:
                stolen[number].append(record)
            elif now <= time_of(record) < now + AHEAD:
                calls.append(record)
    found = zip(truth.campaigns, stolen, strict=True)
    return earlier, Live(
        calls, [Theft(one.degree, one.principal_key, sorted(some, key=time_of)) for one, some in found]
    )


def _delivered(path: Path) -> datetime:
    at = read_delivery(path.name).at
    assert at is not None
    return at


def time_of(record: bytes) -> datetime:
    """When a call was made."""
    return datetime.fromisoformat(_first(_TIME, record))


def id_of(record: bytes) -> str:
    """Id of an event."""
    return _first(_ID, record)


def account_of(record: bytes) -> str:
    """The account whose trail a record is in."""
    return _first(_ACCOUNT, record)


def _first(pattern: re.Pattern[bytes], record: bytes) -> str:
    found = pattern.search(record)
    if found is None:
        raise ValueError(f"a simulated record has no {pattern.pattern!r}: {record[:200]!r}")
    return found[1].decode()


def move(record: bytes, at: datetime, choice: Random | None = None) -> bytes:
    """The same call at another time, its session's times with it; with `choice` it is another event.

    Examples
    --------
    >>> begun = b'"creationDate":"2026-03-02T11:00:00Z","eventTime":"2026-03-02T12:00:00Z"'
    >>> move(begun, datetime(2026, 3, 3, 12, 0, 5, tzinfo=UTC))
    b'"creationDate":"2026-03-03T11:00:05Z","eventTime":"2026-03-03T12:00:05Z"'
    """
    by = at.replace(microsecond=0) - time_of(record)
    moved = _INSTANT.sub(lambda found: _write(datetime.fromisoformat(found[0].decode()) + by), record)
    if choice is not None:
        moved = _ID.sub(b'"eventID":"%b"' % _uuid(choice), moved, count=1)
        moved = _REQUEST.sub(b'"requestID":"%b"' % _uuid(choice), moved, count=1)
    return moved


def _write(at: datetime) -> bytes:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}".encode()


def _uuid(choice: Random) -> bytes:
    return str(UUID(int=choice.getrandbits(128), version=4)).encode()


def slices(
    live: Live, plan: Sequence[Sequence[bytes]], rate: int, choice: Random
) -> Iterator[list[tuple[bytes, bool]]]:
    """Records of each second, `rate` of them; whether each is a thief's.

    Parameters
    ----------
    plan
        By second, the thieves' records of it.
    """
    order = list(live.calls)
    choice.shuffle(order)
    calls = cycle(order)
    for stolen in plan:
        ordinary = [(next(calls), False) for _ in range(rate - len(stolen))]
        mixed = ordinary + [(record, True) for record in stolen]
        choice.shuffle(mixed)
        yield mixed


def plan_thefts(thefts: Sequence[Theft], seconds: int, lasting: int = 10) -> list[list[bytes]]:
    """By second, the thieves' records of it: thefts begin evenly apart, and each lasts some seconds.

    >>> [len(second) for second in plan_thefts([Theft("loud", "", [b"1", b"2", b"3"])], 8, lasting=2)]
    [0, 0, 0, 2, 1, 0, 0, 0]
    """
    plan: list[list[bytes]] = [[] for _ in range(seconds)]
    apart = (seconds - lasting) / max(len(thefts), 1)
    for number, theft in enumerate(thefts):
        begins = int((number + 0.5) * apart)
        for at, record in enumerate(theft.records):
            plan[begins + at * lasting // len(theft.records)].append(record)
    return plan


def pack(
    records: Sequence[tuple[bytes, bool]],
    folder: Path,
    now: datetime,
    number: int,
    choice: Random,
    *,
    untold: bool = False,
) -> list[str]:
    """Write a second's records as CloudTrail delivers them, a file an account; return their ids.

    Parameters
    ----------
    untold
        The files' names do not say when they were delivered, as CloudWatch Logs does not.
    """
    held: dict[str, list[bytes]] = {}
    ids = []
    for record, stolen in records:
        at = now - AGE + timedelta(seconds=0 if stolen else choice.randrange(-60, 60))
        moved = move(record, at, None if stolen else choice)
        held.setdefault(account_of(moved), []).append(moved)
        ids.append(id_of(moved))
    folder.mkdir()
    for account, some in held.items():
        name = f"{account}_CloudTrail_us-east-1_{now:%Y%m%dT%H%MZ}_{number:016d}.json.gz"
        (folder / (f"{account}.json.gz" if untold else name)).write_bytes(
            gzip.compress(b'{"Records":[%b]}' % b",".join(some), 1)
        )
    return ids


def make_home(settings: Settings, earlier: Sequence[Path], now: datetime, times: int) -> Any:
    """Ingest the history and learn it, each of its calls counted so many times."""
    with open_store(settings.home) as store, geo_folder() as geo:
        ingest(earlier, store.events, geo=Geo.open(geo, now), now=now, threads=settings.threads)
        with connect(settings.threads, settings.memory) as connection:
            zone, lateness = settings.timezone, settings.lateness_minutes
            refresh_activity(store, connection, timezone=zone, lateness_minutes=lateness, now=now)
            for account, day in store.activity.days():
                store.activity.write(account, day, count_times(store, connection, account, day, times), now)
        return train(store, settings, now)


def count_times(
    store: Store, connection: duckdb.DuckDBPyConnection, account: str, day: date, times: int
) -> dict[str, pa.Table]:
    """Activity of an account-day, in which each call counts so many times."""
    store.activity.view(connection, day, day + timedelta(days=1), accounts=[account])
    tables = {}
    for name in STATEMENTS:
        columns = connection.sql(f"FROM {name}").columns
        counted = [column for column in columns if column == "calls" or (name == "filled" and column in FILLED_COUNTS)]
        more = ", ".join(f"CAST({column} * {times} AS BIGINT) AS {column}" for column in counted)
        replaced = f"* REPLACE ({more})" if more else "*"
        tables[name] = connection.sql(f"SELECT {replaced} FROM {name}").to_arrow_table()
    return tables


@contextmanager
def geo_folder() -> Iterator[Path]:
    """Where the simulator's addresses lie."""
    with as_file(files("pipeline") / "data" / "demo_geo") as folder:
        yield folder

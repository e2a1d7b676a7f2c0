"""A company that has gone about its work for weeks, learnt once, into whose next days attacks are put.

Nothing is staged: an attack's records are ingested as CloudTrail would deliver them, and judged among everybody's by
the walk that every command takes. What is shared is what came before: the company's events, and the walk as it stood.
"""

import copy
import fcntl
import gzip
import json
import pickle
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from features.times.day import day_number
from models.desk import Desk
from models.model import Model
from models.priors import AttackPriors
from pipeline.alerts.document import Judge, make_alerts
from pipeline.alerts.live import LiveAlerts
from pipeline.datafiles import read_attack_priors
from pipeline.detect.activity import Activity
from pipeline.detect.hands import HandsOfDay
from pipeline.detect.walk import DayOutcome, Walk
from pipeline.enrich.geo import Geo
from pipeline.ingest.run import ingest
from pipeline.simulate.company import simulate
from pipeline.stores.alert import Alert
from pipeline.stores.home import open_store
from tests.evasion.attack import Record
from tests.evasion.neighbours import write_days

START: Final = date(2026, 2, 2)
"""A Monday."""
DAYS: Final = 24
PRINCIPALS: Final = 80
SEED: Final = 4
BUDGET: Final = 3.0
"""Alerts a day."""
DECIDES_FROM: Final = 10
"""Day from which on a desk decides."""
MORNINGS: Final = (10, 14, 16, 17)
"""Days before which the walk is kept, so that an attack may begin there."""
TODAY: Final = date(2026, 2, 19)
"""A Thursday, day 17: when most attacks happen."""
_DELAY: Final = timedelta(minutes=4)


@dataclass(frozen=True)
class Verdict:
    """What became of an attack."""

    revisions: list[Alert]
    """All that was written on the days that were walked."""
    ids: frozenset[str]
    """Events of the attack."""

    @cached_property
    def raised(self) -> list[Alert]:
        """The last revision of each raised alert."""
        last = {alert.alert_id: alert for alert in self.revisions}
        return [alert for alert in last.values() if alert.raised]

    @cached_property
    def showing(self) -> list[Alert]:
        """Raised alerts that name a call of the attack."""
        return [alert for alert in self.raised if self.ids & set(alert.event_ids)]

    @property
    def found(self) -> bool:
        """Whether any alert names a call of the attack."""
        return bool(self.showing)

    def names(self, record: Record) -> bool:
        """Whether a raised alert names this very call."""
        return any(record["eventID"] in alert.event_ids for alert in self.raised)

    def tell(self) -> str:
        """For whoever reads a failed test: what was written of the attack, raised or not."""
        last = {alert.alert_id: alert for alert in self.revisions}
        own = [alert for alert in last.values() if self.ids & set(alert.event_ids)]
        return (
            "\n".join(
                f"{alert.day} {alert.principal_key} {alert.record_score:.0f} "
                f"{'raised' if alert.raised else alert.held_because}: "
                + "; ".join(f"{reason.dimension} {reason.value} {reason.nats:.1f}" for reason in alert.reasons[:6])
                for alert in own
            )
            or f"nothing was written of it; raised were {[alert.principal_key for alert in self.raised]}"
        )


class Company:
    """The company below a folder: `made` makes it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def made(cls, folder: Path) -> "Company":
        """The company in a folder that several processes share; the first of them makes it."""
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "done").exists():
                _make(folder)
                (folder / "done").touch()
        return cls(folder)

    @cached_property
    def account(self) -> str:
        """The account in which its neighbours work (`tests.evasion.neighbours`)."""
        return min(path.name for path in (self.folder / "trail" / "AWSLogs").glob("[0-9]" * 12))

    @cached_property
    def records(self) -> list[Record]:
        """Records of the days before `TODAY` by whom an attack may be shaped, in the order of time."""
        with duckdb.connect() as connection:
            rows = connection.execute(
                f"SELECT raw FROM '{self.folder}/events.parquet' WHERE event_time < '{TODAY}' "
                f"AND event_time >= '{TODAY - timedelta(days=3)}' ORDER BY event_time, event_id"
            ).fetchall()
        return [json.loads(raw) for (raw,) in rows]

    def change(self, change: Callable[[Record], Record | None]) -> list[Record]:
        """What of `TODAY` was otherwise: records as they were then, by a function that gives none for all others."""
        with duckdb.connect() as connection:
            rows = connection.execute(
                f"SELECT raw FROM '{self.folder}/events.parquet' WHERE event_time >= '{TODAY}' "
                f"AND event_time < '{TODAY + timedelta(days=1)}' ORDER BY event_time, event_id"
            ).fetchall()
        return [changed for (raw,) in rows if (changed := change(json.loads(raw)))]

    def find(self, holds: Callable[[Record], bool]) -> Record:
        """The last record of the company for which something holds, to be copied."""
        return copy.deepcopy(next(record for record in reversed(self.records) if holds(record)))

    def judge(
        self,
        records: Sequence[Record],
        *,
        until: date | None = None,
        delivered: Callable[[Record], datetime] | None = None,
        instead: Collection[str] = (),
    ) -> Verdict:
        """Let the records happen, and judge the days from the first on which one is delivered to the last.

        Parameters
        ----------
        records
            The attack's, as CloudTrail writes them.
        until
            Last day that is judged, where it is later.
        delivered
            When each record is delivered; else four minutes after its call.
        instead
            Ids of the company's events that did not happen: what the records stand for.
        """
        when = {id(record): (delivered or _soon)(record) for record in records}
        first = min(when.values()).date()
        last = max(max(when.values()).date(), until or first)
        morning = max(day for day in MORNINGS if day <= (first - START).days)
        first = START + timedelta(days=morning)
        with TemporaryDirectory() as folder, duckdb.connect(config={"threads": 1}) as connection:
            attack = _ingest_attack(records, when, Path(folder))
            connection.execute("SET timezone = 'UTC'")
            connection.register("attack", attack)
            connection.register("instead", pa.table({"event_id": pa.array(list(instead), pa.string())}))
            connection.execute(
                f"CREATE TEMP TABLE events AS SELECT * FROM '{self.folder}/events.parquet' "
                f"WHERE event_time >= '{first - timedelta(days=1)} 00:00+00' "
                f"AND event_time < '{last + timedelta(days=1)} 00:00+00' AND event_id NOT IN (FROM instead) "
                "UNION ALL BY NAME SELECT * FROM attack"
            )
            activity = Activity.of_events(connection, by_tick=True, first=first)
            walk: Walk = pickle.loads((self.folder / f"{morning}.pickle").read_bytes())
            revisions = _walk_on(walk, activity, first, last)
        return Verdict(revisions, frozenset(attack["event_id"].to_pylist()))


def _soon(record: Record) -> datetime:
    return datetime.fromisoformat(record["eventTime"]) + _DELAY


def _make(folder: Path) -> None:
    simulate(folder / "trail", seed=SEED, days=DAYS, principals=PRINCIPALS, start=START, campaigns=None)
    first = datetime(START.year, START.month, START.day, tzinfo=UTC)
    now, logs = first + timedelta(days=DAYS), folder / "trail" / "AWSLogs"
    write_days(logs, min(path.name for path in logs.glob("[0-9]" * 12)), first, DAYS)
    events = _ingest([logs], folder / "home", now)
    pq.write_table(events.sort_by([("event_time", "ascending"), ("event_id", "ascending")]), folder / "events.parquet")
    connection = duckdb.connect(config={"threads": 1})
    connection.register("events", events)
    activity = Activity.of_events(connection, by_tick=True)
    model = Model(day_number(START), AttackPriors.from_dict(read_attack_priors()), detectors=())
    walk = Walk(model)
    members = activity.members()
    for number in range(max(MORNINGS) + 1):
        day = START + timedelta(days=number)
        if number == DECIDES_FROM:
            walk.desk = Desk(BUDGET)
        if number in MORNINGS:
            (folder / f"{number}.pickle").write_bytes(pickle.dumps(walk))
        walk.step(activity.delivered(day), members)


def _walk_on(walk: Walk, activity: Activity, first: date, last: date) -> list[Alert]:
    members, revisions, live = activity.members(), list[Alert](), LiveAlerts()
    walk.find_hands = HandsOfDay(activity, walk.model).find
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        judge = Judge(walk.model, "model", members, "test", ZoneInfo("UTC"))

        def keep(outcome: DayOutcome, judge: Judge = judge) -> None:
            outcome.decisions, events = live.follow(outcome.today(), judge, activity)
            revisions.extend(make_alerts(outcome.decisions, judge, events))

        walk.step(activity.delivered(day), members, keep)
    return revisions


def _ingest_attack(records: Iterable[Record], when: dict[int, datetime], folder: Path) -> pa.Table:
    """Events of records, each in the file of its account, region and minute of delivery."""
    batches: dict[tuple[str, str, str], list[Record]] = defaultdict(list)
    for record in records:
        minute = f"{when[id(record)]:%Y%m%dT%H%MZ}"
        batches[record["recipientAccountId"], record["awsRegion"], minute].append(record)
    for number, ((account, region, minute), some) in enumerate(batches.items()):
        path = folder / f"{account}_CloudTrail_{region}_{minute}_{number:016d}.json.gz"
        path.write_bytes(gzip.compress(json.dumps({"Records": some}).encode(), 1))
    return _ingest(sorted(folder.glob("*.json.gz")), folder / "home", max(when.values()) + timedelta(hours=1))


def _ingest(paths: list[Path], home: Path, now: datetime) -> pa.Table:
    with open_store(home) as store, as_file(files("pipeline") / "data" / "demo_geo") as geo:
        report = ingest(paths, store.events, geo=Geo.open(geo, now), now=now)
        assert not report.set_aside
        with duckdb.connect(config={"threads": 1}) as connection:
            store.events.view(connection, corrected=False)
            table: Any = connection.sql("SELECT * FROM events").to_arrow_table()
    return table

"""Two days of a small deployment that are watched tick by tick, wherever its records come from; and what came of them.

A theft, a file that lands two days late, one that lands too late to be judged, and one event that two files hold.
"""

import gzip
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from features.times.instant import micros
from pipeline.connection import connect
from pipeline.detect import promotion
from pipeline.detect.gate import Figure, Verdict
from pipeline.detect.scoring import CHECKPOINT, UNTIL
from pipeline.ingest import sources
from pipeline.ingest.delivery import read_delivery
from pipeline.publish.setting import Setting
from pipeline.publish.target import Target
from pipeline.search.engine import Engine
from pipeline.search.url import parse_url
from pipeline.settings import Settings
from pipeline.sources import several
from pipeline.sources.index.listing import IndexListing
from pipeline.sources.index.snapshot import OPENSEARCH
from pipeline.sources.queue import QueueListing
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.home import Store
from pipeline.stores.parquet.verify import verify
from pipeline.stores.unjudged import count_unjudged
from pipeline.watch.plan import Plan
from pipeline.watch.watch import Watch
from tests.pipeline.publish.playing import PlayedTarget, Playing
from tests.pipeline.sources.index.documents import ours
from tests.pipeline.sources.index.played import PlayedEngine
from tests.worlds import START, _record, a_company, a_theft, an_event, as_person, as_role, numbered

OTHER = "222222222222"
"""The second account."""
DAYS = 10
SPLIT = START + timedelta(days=9, minutes=20)
"""Training was done, and the watch begins."""
MIDNIGHT = START + timedelta(days=10, minutes=15)
"""The day is over: all that a tick does but training."""
NIGHT = START + timedelta(days=10, hours=4, minutes=20)
"""Training is due."""
END = START + timedelta(days=10, hours=12, minutes=20)
BLOCK = 4
"""Hours that a file holds."""
PLAYED = "opensearch+http://127.0.0.1:9/cloudtrail-*"


def settings_of(home: Path) -> Settings:
    return Settings(home=home, threads=1, memory=2**30, budget=2.0)


def write_trail(folder: Path) -> list[Path]:
    """Write all files; return them in the order in which they were delivered."""
    rows = a_company(days=DAYS + 1, people=3, roles=2) + a_theft(9, victim=as_person("person1"))
    other = as_role("batch", OTHER)
    rows += numbered(
        [
            an_event(**other, action="s3:GetObject", event_time=START + timedelta(hours=n, minutes=7))
            for n in range(24 * (DAYS + 1))
        ],
        prefix="other",
    )
    first, ancient, late = (
        an_event(**other, action=f"s3:Get{name}", event_time=START + timedelta(days=days), event_id=name)
        for name, days in (("First", -40), ("Ancient", -38), ("Late", 7))
    )
    blocks: dict[tuple[str, datetime], list[dict[str, Any]]] = {(OTHER, START): [first]}
    for row in rows:
        time = row["event_time"]
        begins = time.replace(hour=time.hour // BLOCK * BLOCK, minute=0, second=0)
        blocks.setdefault((row["account"], begins), []).append(row)
    repeated = blocks[OTHER, START + timedelta(days=9, hours=8)][0]
    files = [
        _write(folder, account, begins + timedelta(hours=BLOCK, minutes=5), of)
        for (account, begins), of in blocks.items()
    ]
    files += [
        _write(folder, OTHER, START + timedelta(days=9, hours=10), [late], "late"),
        _write(folder, OTHER, START + timedelta(days=1, hours=1), [ancient], "ancient"),
        _write(folder, OTHER, START + timedelta(days=9, hours=20), [repeated], "again"),
    ]  # fmt: skip
    return sorted(files, key=lambda path: (delivered(path), path.name))


def _write(folder: Path, account: str, at: datetime, rows: list[dict[str, Any]], mark: str = "") -> Path:
    name = f"{account}_CloudTrail_us-east-1_{at:%Y%m%dT%H%MZ}_{mark:x<16}.json.gz"
    path = folder / f"AWSLogs/{account}/CloudTrail/us-east-1/{at:%Y/%m/%d}" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(json.dumps({"Records": [_record(row) for row in rows]}).encode(), mtime=0))
    return path


def delivered(path: Path) -> datetime:
    """When a file was delivered, as its name says; one that is ancient lands when the watch is under way."""
    at = read_delivery(path.name).at
    assert at is not None
    return START + timedelta(days=9, hours=12) if "ancient" in path.name else at


def key_of(path: Path) -> str:
    """Where CloudTrail puts a file."""
    return path.as_posix()[path.as_posix().index("AWSLogs/") :]


@dataclass(frozen=True)
class Setup:
    """Where records come from and alerts go to; a process of its own makes it anew."""

    source: str
    home: Path
    landed: tuple[Path, ...] = ()
    """Files that an index holds."""
    target: str = ""
    """Address of a real search engine, in place of the played one."""
    environment: Mapping[str, str] = field(default_factory=dict)
    refuses: bool = False
    """Whether the gate refuses every model."""

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Have queues give back at once what nobody acknowledged, and the played index hold what landed."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment.items():
                patch.setenv(name, value)
            patch.setattr(sources, "_SETTLED", 0)
            patch.setattr(several, "QueueListing", lambda address: QueueListing(address, visibility=1, wait=0))
            patch.setattr(several, "open_index", self._open_index)
            if self.refuses:
                figure = Figure("reach", 9.0, 1.0, "at most 3", False, "it reaches 75 nine times a day")
                patch.setattr(promotion, "compare", lambda *_: Verdict((figure,)))
            yield

    @contextmanager
    def _open_index(self, place: Any, since: Any = None) -> Iterator[IndexListing]:
        engine = PlayedEngine()
        for path in self.landed:
            for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]:
                name = f"cloudtrail-{record['eventTime'][:10].replace('-', '.')}"
                index = engine.indices.get(name) or engine.index(name)
                index.put(
                    record["eventID"],
                    ours(record, created=f"{delivered(path):%Y-%m-%dT%H:%M:%S.000Z}", key=key_of(path)),
                )
        yield IndexListing(engine, OPENSEARCH, place.pattern, since=since, patience=0)

    def engine(self) -> "KeptPlaying":
        """The played engine, as it stands."""
        return KeptPlaying(self.home.with_name("engine.json"))

    def make_target(self) -> Target:
        """Where alerts go."""
        return Target(parse_url(self.target), Setting()) if self.target else PlayedTarget(self.engine())

    def read_engine(self) -> Any:
        """The engine that alerts go to; what it holds can be asked for."""
        return RealEngine(Engine(parse_url(self.target))) if self.target else self.engine()

    def watch(self, store: Store, *, trains: bool) -> Watch:
        """A watch of it."""
        plan = Plan((self.source,), (self.make_target(),), trains=trains, keep=timedelta(days=9))
        return Watch(store, settings_of(store.home), plan)


class KeptPlaying(Playing):
    """A played engine whose documents are in a file, so that they outlive who wrote them."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        if path.exists():
            held = json.loads(path.read_bytes())
            self.aliases = held["aliases"]
            self.indices = {
                name: {key: tuple(each) for key, each in of.items()} for name, of in held["indices"].items()
            }

    def _answer(self, method, path, body):
        if method == "PUT" and "/_doc/" in path:
            index, _, name = path.strip("/").partition("/_doc/")
            self.indices.setdefault(index, {})[name] = (0, body)
        answer = super()._answer(method, path, body)
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps({"indices": self.indices, "aliases": self.aliases}))
        beside.replace(self.path)
        return answer


class RealEngine:
    """What a real engine holds."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def documents(self, beginning: str) -> dict[str, Any]:
        """Documents of the indices whose names begin so, by id."""
        self._engine.ask("POST", f"/{beginning}*/_refresh")
        hits = self._engine.ask("GET", f"/{beginning}*/_search", {"size": 1_000}).body["hits"]["hits"]
        found = {hit["_id"]: hit["_source"] for hit in hits}
        assert len(found) == len(hits), "an alert in two indices"
        return found


def gather(store: Store) -> dict[str, Any]:
    """What came of it; the same whoever was killed on the way, or the one who asks is told what is twice or missing."""
    events = [event_id for (event_id,) in _query(store, "SELECT event_id FROM events ORDER BY event_id")]
    assert len(events) == len(set(events)), "an event twice"
    hours = [(one.account, one.hour) for one in store.coverage.records()]
    assert len(hours) == len(set(hours)), "two coverage records of an hour and account"
    lines = [
        json.loads(line)
        for line in (store.home / "receipts.jsonl").read_bytes().splitlines()
        if line.startswith(b"{") and line.endswith(b"}")
    ]
    days = [line["day"] for line in lines]
    assert len(days) == len(set(days)), "two receipts of a day"
    assert verify(store, END).lost == []
    assert not list((store.home / "staging").glob("**/*.parquet"))
    bundles = Bundles(store.home)
    return {
        "events": events,
        "set aside": sum(
            held.rows for held in store.manifest.kinds() if held.kind != "events" and "/" not in held.kind
        ),
        "alerts": [alert.as_dict() for alert in store.alerts.revisions()],
        "coverage": store.coverage.records(),
        "regions": store.coverage.regions(),
        "receipts": [{k: v for k, v in line.items() if k != "written_at"} for line in lines],
        "never judged": count_unjudged(store.state),
        "scored": store.state.checkpoint(CHECKPOINT),
        "waiting": store.arrivals.waiting(),
        "late": store.arrivals.late(None),
        "notes": [note.as_dict() for note in store.models.every()],
        "bundles": [info.path.name for info in bundles.every()],
        "serving": [info.path.name for info in bundles.serving()],
        "operations": _read_operations(store),
    }


def _read_operations(store: Store) -> list[str]:
    """Kinds of what was noted, but for silences: whoever ticks at other times hears others."""
    path = store.home / "operations.jsonl"
    lines = path.read_bytes().splitlines() if path.exists() else []
    kinds = [json.loads(line)["kind"] for line in lines if line.endswith(b"}")]
    return [kind for kind in kinds if not kind.startswith("silence")]


def _query(store: Store, sql: str) -> list[tuple[Any, ...]]:
    with connect(1, 2**30) as connection:
        store.events.view(connection)
        return connection.execute(sql).fetchall()


def check_told(store: Store, engine: Any) -> None:
    """The engine holds each alert once in its last revision, and every revision in the history."""
    revisions = store.alerts.revisions()
    last = {alert.alert_id: alert for alert in revisions}
    told = engine.documents("opensearch-ad-plugin-result-oddtrail")
    assert {name: document["revision"] for name, document in told.items()} == {
        name: alert.revision for name, alert in last.items()
    }
    assert {name: document["record_score"] for name, document in told.items()} == {
        name: alert.record_score for name, alert in last.items()
    }
    history = engine.documents("oddtrail-alerts-history")
    assert set(history) == {f"{alert.alert_id}-{alert.revision}" for alert in revisions}


def check_not_ahead(store: Store, setup: Setup, undisturbed: Mapping[str, Any]) -> None:
    """Right after a kill: what the checkpoint says is judged has its alerts, what the outbox says is told is there."""
    judged = (store.state.checkpoint(CHECKPOINT) or {}).get(UNTIL, 0)
    lines = [line for line in store.alerts.follow(0) if line.alert is not None]
    there = {(line.alert.alert_id, line.alert.revision) for line in lines if line.alert}
    for alert in undisturbed["alerts"]:
        if micros(datetime.fromisoformat(alert["detected_at"])) <= judged:
            assert (alert["alert_id"], alert["revision"]) in there, "the checkpoint is ahead of the alerts"
    place = store.state.checkpoint(f"publish {setup.make_target().name}") or {"offset": 0}
    told = setup.read_engine().documents("oddtrail-alerts-history")
    for line in lines:
        if line.alert and line.end <= place["offset"]:
            assert f"{line.alert.alert_id}-{line.alert.revision}" in told, "the outbox is ahead of the engine"

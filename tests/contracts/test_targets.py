"""What everything promises that takes in events from ingestion, whatever it is made of."""

import json
import pickle
import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.enrich.geo import Geo
from pipeline.enrich.networks import Networks
from pipeline.enrich.ranges import Ranges
from pipeline.errors import StoreError
from pipeline.ingest import run, tasks
from pipeline.ingest.run import ingest
from pipeline.ingest.set_aside import ASIDE, make_aside
from pipeline.ingest.sink import Batch, FileDone
from pipeline.stores.home import open_store
from pipeline.stores.parquet.schema import STORED
from tests.digests import Trail
from tests.pipeline.ingest.memory_sink import MemoryTarget
from tests.pipeline.ingest.outcome import Readable, beside, rows
from tests.pipeline.ingest.records import NOW, a_name, a_record, envelope, subscription, write
from tests.pipeline.stores.rows import NOON, a_row, make_rows, put
from tests.records import a_root, a_service, an_assumed_role, an_sso_person

TARGETS: dict[str, Callable[[Path], Readable]] = {
    "parquet": lambda home: open_store(home).events,
    "memory": lambda home: MemoryTarget(),
}
DAY = timedelta(days=1)
REAL = Path(__file__).parents[3] / "shared" / "data" / "cloudtrail"


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Readable:
    return TARGETS[request.param](tmp_path / "home")


def test_writing_the_same_record_twice_is_harmless(target):
    row = a_row()
    assert put(target, row) == (1, 0)
    assert put(target, row) == (0, 1)
    assert rows(target) == [(row["event_id"],)]


def test_of_several_deliveries_the_earliest_wins_then_the_place_it_lay(target):
    late = a_row(event_id="x", delivered_at=NOON + DAY, file="late")
    put(target, late)
    assert put(target, a_row(event_id="x", delivered_at=NOON, file="b", origin="b")) == (0, 1)
    put(target, a_row(event_id="x", delivered_at=NOON, file="a", origin="a"))
    assert rows(target, "file") == [("a",)]


@pytest.mark.parametrize("together", [True, False])
def test_deliveries_of_a_day_that_tell_two_times_are_still_one_event(target, together):
    """The id decides: were the time to decide with it, what is stored would depend on the batches."""
    early = a_row(event_id="x", event_time=NOON - timedelta(hours=9), delivered_at=NOON + DAY, file="late")
    later = a_row(event_id="x", event_time=NOON + timedelta(hours=9), delivered_at=NOON, file="first")
    if together:
        assert put(target, early, later) == (1, 1)
    else:
        assert put(target, early) == (1, 0)
        assert put(target, later) == (0, 1)
    assert rows(target, "file") == [("first",)]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**6))
@pytest.mark.parametrize("kind", TARGETS)
def test_the_rows_do_not_depend_on_the_order_or_the_batches_of_deliveries(kind, tmp_path_factory, seed):
    chance = random.Random(seed)
    deliveries = [
        a_row(
            event_id=f"event-{chance.randrange(6)}",
            delivered_at=NOON + timedelta(minutes=chance.randrange(3)),
            origin=chance.choice("abc"),
            position=number,
            file=f"file-{number}",
        )
        for number in range(14)
    ]
    expected: dict[str, Any] = {}
    for row in sorted(deliveries, key=lambda row: (row["delivered_at"], row["origin"], row["position"])):
        expected.setdefault(row["event_id"], row["file"])
    chance.shuffle(deliveries)
    target = TARGETS[kind](tmp_path_factory.mktemp("home"))
    stored = 0
    while deliveries:
        size = chance.randint(1, 5)
        outcome = put(target, *deliveries[:size])
        stored += outcome.stored
        deliveries = deliveries[size:]
    assert dict(rows(target, "event_id, file")) == expected
    assert stored == len(expected)


def test_twins_of_two_accounts_are_both_stored(target):
    put(
        target,
        a_row(event_id="a", shared_event_id="s"),
        a_row(event_id="b", shared_event_id="s", account="999900001111"),
    )
    assert rows(target, "event_id, shared_event_id") == [("a", "s"), ("b", "s")]


def test_a_file_is_known_once_its_batch_is_committed(target):
    digests = [f"{number:064x}" for number in range(1200)]
    assert target.known(digests) == set()
    put(target, a_row(), digest=digests[7])
    assert target.known(digests) == {digests[7]}


def test_a_file_is_recalled_by_its_stamp_once_it_is_taken_in(target):
    stamps = {number.to_bytes(16, "big"): f"{number:064x}" for number in range(1200)}
    target.remember(stamps)
    assert target.recall(stamps) == {}
    put(target, a_row(), digest=stamps[bytes(15) + b"\7"])
    assert target.recall(stamps) == {bytes(15) + b"\7": f"{7:064x}"}
    target.remember({b"other": f"{7:064x}"})
    assert target.recall([b"other", b"none"]) == {b"other": f"{7:064x}"}


def test_a_file_of_which_no_event_came_is_barren(target):
    counts = {"0" * 64: (2, 0, {}), "1" * 64: (2, 2, {}), "2" * 64: (2, 1, {"digest": 1}), "3" * 64: (2, 0, {"x": 1})}
    done = [FileDone(digest, "a", None, n, aside, Counter(other)) for digest, (n, aside, other) in counts.items()]
    with target.writing(NOON):
        target.commit(Batch(done), NOON)
    assert target.barren(counts) == {"1" * 64, "2" * 64}


def test_there_is_one_writer_at_a_time(target):
    with target.writing(NOON), pytest.raises(StoreError, match="wait"), target.writing(NOON):
        pass


def test_a_batch_that_was_never_committed_is_not_there(target, tmp_path):
    with target.writing(NOON):
        there = set(tmp_path.rglob("*"))
        assert target.sink.write(make_rows([a_row()])).parts
        assert rows(target) == []
    with target.writing(NOON):
        assert set(tmp_path.rglob("*")) == there, "nothing is left behind"
    assert rows(target) == []


def test_a_commit_that_fails_changes_nothing(target):
    put(target, a_row(event_id="x"), digest="d" * 64)
    with pytest.raises(Exception, match="UNIQUE"):
        put(target, a_row(event_id="y"), digest="d" * 64)
    assert rows(target) == [("x",)]
    with target.writing(NOON):
        pass
    assert rows(target) == [("x",)]


# the same rows for the same files


def write_mixed(folder: Path) -> Path:
    """Files of every kind that ingestion knows, with callers, credentials, places and faults of all sorts."""
    addendum = {"reason": "UPDATED_DATA", "updatedFields": "errorCode", "originalEventID": "gone"}
    key = {"accessKey": {"accessKeyId": "AKIAEXAMPLE000000002", "userName": "bob"}}
    opened = {"groupId": "sg-1", "cidrIp": "0.0.0.0/0", "fromPort": 22, "toPort": 22}
    records = [
        a_record(),
        a_record(userIdentity=a_root(), sourceIPAddress="198.51.100.7", eventName="ConsoleLogin"),
        a_record(userIdentity=an_sso_person(), sourceIPAddress="10.1.2.3", errorCode="AccessDenied", errorMessage="no"),
        a_record(userIdentity=an_assumed_role("app"), sharedEventID="5" * 36, vpcEndpointId="vpce-1"),
        a_record(userIdentity=a_service(), sourceIPAddress="ec2.amazonaws.com", userAgent="ec2.amazonaws.com"),
        a_record(eventName="CreateAccessKey", readOnly=False, responseElements=key),
        a_record(eventSource="ec2.amazonaws.com", eventName="AuthorizeSecurityGroupIngress", requestParameters=opened),
        a_record(eventTime="2099-01-01T00:00:00Z"),
        a_record(eventTime="1999-01-01T00:00:00Z", recipientAccountId="no account"),
        a_record(eventTime="yesterday"),
        a_record(errorCode="AccessDenied", addendum=addendum),
        a_record(eventType="AwsCloudTrailInsight", eventCategory="Insight", insightDetails={}, eventName=None),
    ]
    write(folder / a_name("20260302T1210Z"), envelope(*records[:6]))
    write(
        folder / a_name("20260302T1215Z", mark="B" * 16), envelope(*records[4:], json.dumps(a_record())[:-2].encode())
    )
    write(folder / "undated.json", "\n".join(map(json.dumps, records[2:8])).encode())
    write(folder / "payload.gz", subscription(records[0], a_record(eventName="Other", userAgent="caf\xe9")))
    write(folder / "empty.json", b"")
    (folder / "cut.json.gz").write_bytes((folder / "payload.gz").read_bytes()[:-30])
    if REAL.exists():
        (folder / "real").symlink_to(REAL)
    return folder


@pytest.mark.parametrize("threads", [1, 2])
def test_every_target_holds_the_same_for_the_same_files(tmp_path, monkeypatch, threads):
    monkeypatch.setattr(run, "_WORTH_A_POOL", 0)
    monkeypatch.setattr(tasks, "_TASK_FILES", 3)
    places = Ranges.of([["203.0.113.0", "203.0.113.255", "64500", "Example"]])
    given = {"geo": Geo([places]), "networks": Networks.of([("10.1.0.0/16", "office")]), "now": NOW, "threads": threads}
    folder = write_mixed(tmp_path / "in")
    held = {}
    for kind, make in TARGETS.items():
        target = make(tmp_path / kind)
        report = ingest([folder], target, **given)
        assert report.records == report.stored + report.duplicates + report.set_aside + sum(report.other.values())
        asides = ", ".join(column.name for column in ASIDE)
        told = {"report": report.as_dict() | {"seconds": 0, "memo_hit_rate": 0}, "events": as_stored(target)}
        held[kind] = told | {name: beside(target, name, asides) for name in ("set_aside", "other")}
    assert held["memory"] == held["parquet"]
    [events, set_aside, other] = [held["memory"][name] for name in ("events", "set_aside", "other")]
    assert len(events) >= 11
    assert {row["network"] for row in events} >= {"", "office"}
    assert {row["asn"] for row in events} >= {0, 64500}
    assert len(set_aside) >= 3
    assert len(other) >= 1


def as_stored(target: Readable) -> list[dict[str, Any]]:
    """Rows as they lie there, which is before a reader puts corrections in their place."""
    if isinstance(target, MemoryTarget):
        table = pa.Table.from_pylist(list(target.events.values()), schema=STORED)
    else:
        with open_store(target.home) as store:
            segments = [store.home / segment.path for segment in store.manifest.live("events")]
        table = pa.concat_tables(pq.read_table(path, schema=STORED, partitioning=None) for path in segments)
    return table.sort_by([(name, "ascending") for name in ("account", "event_id", "event_time")]).to_pylist()


def test_a_sink_is_carried_to_another_process(target):
    """Pickled, as it is for a worker, it writes what a commit of its target takes in."""
    carried = pickle.loads(pickle.dumps(target.sink))
    aside = make_aside(b"{}", file="f", origin="a", position=3, reason="cut off", account="", delivered_at=None)
    with target.writing(NOON):
        carried.open()
        parts = [*carried.write(make_rows([a_row(event_id="x")])).parts, *carried.keep("set_aside", [aside], NOON)]
        parts = pickle.loads(pickle.dumps(parts))
        assert target.commit(Batch([], parts), NOON) == (1, 0)
    assert rows(target) == [("x",)]
    assert beside(target, "set_aside", "position, reason, raw") == [(3, "cut off", b"{}")]
    assert beside(target, "other") == []


def test_nothing_to_write_is_no_part(target):
    with target.writing(NOON):
        assert target.sink.write(make_rows([])) == ([], 0)
        assert list(target.sink.keep("other", [], NOON)) == []
        assert target.commit(Batch(), NOON) == (0, 0)


def test_digest_files_are_taken_in_once_and_from_then_on_files_are_hashed(target, tmp_path):
    trail = Trail(tmp_path / "trail").deliver(2)
    assert (target.takes_digest_files, target.has_digest_files()) == (True, False)
    report = ingest([trail.folder], target, now=NOW)
    assert (report.files, report.stored, report.passed_over) == (8, 6, {"CloudTrail digests": 2})
    assert target.has_digest_files()
    again = ingest([trail.folder], target, now=NOW)
    assert (again.files, again.skipped_files, again.passed_over) == (0, 8, {})

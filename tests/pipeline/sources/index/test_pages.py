"""What becomes of the documents of a page."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.documents.document import Transport
from pipeline.ingest.delivery import read_delivery
from pipeline.ingest.run import ingest
from tests.pipeline.documents.making import documents
from tests.pipeline.ingest.memory_sink import MemoryTarget
from tests.pipeline.ingest.records import NOW, a_name, write_bucket
from tests.pipeline.sources.index.documents import DAY, a_numbered, an_id, elastic, ids, ours, stock
from tests.pipeline.sources.index.played import PlayedEngine, Watched


def test_log_events_of_other_groups_are_counted_and_a_bad_one_of_the_trail_is_set_aside_alone():
    engine = PlayedEngine()
    index = engine.index("cwl-2026.03.02")
    for number in range(4):
        index.put(f"r{number}", stock(a_numbered(number)))
        index.put(f"l{number}", stock(f"START RequestId: {number}", group="/aws/lambda/x"))
    for name, text in (
        ("plain", "no JSON"),
        ("cut", json.dumps(a_numbered(50))[:-20]),
        ("nest", '{"Records":[{"'),
        ("none", ""),
    ):
        index.put(name, stock(text))
    for number in range(4, 8):
        index.put(f"r{number}", stock(a_numbered(number)))
    home = Watched(engine)
    report = home.read()
    assert ids(8) <= home.ids
    assert home.listing.passed_over == {"log events of other log groups": 4}
    assert report.set_aside >= 2
    assert report.records == report.stored + report.duplicates + report.set_aside + sum(report.other.values())
    assert all(kept.aside.raw for kept in home.target.asides if kept.kind == "set_aside")


def test_documents_without_a_record_are_set_aside_and_told():
    engine = PlayedEngine()
    index = engine.index("logs-aws.cloudtrail-default")
    for number in range(20):
        index.put(f"d{number}", elastic(json.dumps(a_numbered(number)) if number != 11 else None))
    home = Watched(engine)
    report = home.read()
    assert (report.stored, report.set_aside, report.reasons) == (19, 1, {"the document holds no record": 1})
    [kept] = home.target.asides
    assert kept.aside.origin == "logs-aws.cloudtrail-default/d11"
    assert home.listing.notes[0].startswith("1 document of logs-aws.cloudtrail-default without a record")


def test_deliveries_are_those_that_documents_tell():
    engine = PlayedEngine()
    index = engine.index(DAY)
    key = a_name("20260302T0010Z")
    index.put("key", ours(a_numbered(1), created="2026-03-02T00:10:00.000Z", key=key))
    index.put("told", ours(a_numbered(2), created="2026-03-02T03:00:00.000Z"))
    index.put("untold", ours(a_numbered(3)))
    home = Watched(engine)
    home.read()
    told = {
        row["event_id"]: (datetime.fromtimestamp(row["delivered_at"] / 1e6, UTC).strftime("%H:%M"), row["origin"])
        for row in home.target.events.values()
    }
    assert told == {an_id(1): ("00:10", key), an_id(2): ("03:00", DAY), an_id(3): ("00:08", DAY)}


def test_what_says_no_delivery_was_delivered_when_it_is_read_at_the_latest():
    """A call of three minutes ago is here, and not to be judged in two minutes only."""
    engine = PlayedEngine()
    index, home = engine.index(DAY), Watched(engine)
    now = home.clock() + timedelta(seconds=1)

    def called(number: int, before: float) -> dict[str, Any]:
        return a_numbered(number) | {"eventTime": f"{now - timedelta(seconds=before):%Y-%m-%dT%H:%M:%SZ}"}

    key, kept = a_name(f"{now + timedelta(minutes=2):%Y%m%dT%H%MZ}"), "2026-01-01T00:00:00Z"
    hidden = called(6, 301) | {"requestParameters": {"eventTime": f"{now:%Y-%m-%dT%H:%M:%SZ}", "x": {"eventTime": 7}}}
    made = {
        1: stock(called(1, 180)), 2: stock(called(2, 300)), 3: stock(called(3, 3_600)), 4: stock(called(4, -60)),
        5: ours(called(5, 120), created=kept, key=key), 6: stock(hidden), 7: stock(called(7, 1) | {"eventTime": 7}),
    }  # fmt: skip
    for number, document in made.items():
        index.put(f"d{number}", document)
    home.clock.pass_by(seconds=1)
    assert home.read().set_aside == 1, "the time that is none"
    delivered = {row["event_id"]: row["delivered_at"] - row["event_time"] for row in home.target.events.values()}
    usual = 300 * 1_000_000
    fraction = now.microsecond
    assert delivered.pop(an_id(5)) > 120 * 1_000_000, "as its key says"
    assert delivered == {
        an_id(1): 180 * 1_000_000 + fraction, an_id(2): usual, an_id(3): usual, an_id(4): usual, an_id(6): usual
    }  # fmt: skip


def test_rows_are_those_of_the_files_with_their_places_and_times(tmp_path):
    """As the function makes documents of a bucket's objects."""
    write_bucket(tmp_path, 12, 5)
    engine, files = PlayedEngine(), MemoryTarget()
    for path in sorted(tmp_path.rglob("*.gz")):
        key = str(path.relative_to(tmp_path))
        records = json.loads(gzip.decompress(path.read_bytes()))["Records"]
        transport, at = Transport(bucket="trail", key=key), read_delivery(key).at
        for document in documents(*records, transport=transport, delivered_at=at, now=NOW):
            (engine.indices.get(document.index_name) or engine.index(document.index_name)).put(
                document.id, json.loads(document.body)
            )
    home = Watched(engine)
    home.read()
    ingest([tmp_path], files, now=NOW)
    assert len(home.target.events) == len(files.events) == 60
    rows = [
        {name: row[name] for name in row if name not in ("file", "position")}
        for target in (home.target, files)
        for _, row in sorted(target.events.items())
    ]
    assert rows[:60] == rows[60:], "the origin and the time of delivery among them"
    assert len(home.target.files) == 12, "a file a delivery"

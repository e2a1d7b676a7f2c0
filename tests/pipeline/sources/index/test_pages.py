"""What becomes of the documents of a page."""

import gzip
import json
from datetime import UTC, datetime

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

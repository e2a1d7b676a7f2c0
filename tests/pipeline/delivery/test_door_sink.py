"""The sink of a function counts each record once, by account and region too, and holds nothing back."""

import json
from datetime import UTC, datetime

import pytest

from pipeline.delivery.box import BoxError
from pipeline.delivery.door_sink import DoorSink, MisconfiguredError, _Maker
from pipeline.enrich.intel import Intel, Told
from pipeline.search.engine import Answer, UnreachableError
from pipeline.search.url import parse_url
from tests.pipeline.delivery.doors import (
    FOREVER,
    KEY,
    MemoryLetters,
    a_door,
    a_file,
    document,
    held,
    logs_event,
    s3_event,
    some_records,
    sqs_event,
)
from tests.pipeline.search.scripted import META, ScriptedEngine, items, vanish


def test_lag_is_the_oldest_events_by_account_and_region():
    records = [
        *some_records("a", recipientAccountId="1" * 12, awsRegion="eu-west-1"),
        *some_records("b", recipientAccountId="1" * 12, awsRegion="eu-west-1", eventTime="2025-03-03T07:00:00Z"),
        *some_records("c", recipientAccountId="2" * 12, awsRegion="us-east-1"),
    ]
    door = a_door(objects={KEY: a_file(records)})
    door.handle(s3_event(), 60)
    assert door.tally.events == {("1" * 12, "eu-west-1"): 2, ("2" * 12, "us-east-1"): 1}
    wanted = (datetime.now(UTC) - datetime(2025, 3, 3, 7, tzinfo=UTC)).total_seconds()
    assert door.tally.lag[("1" * 12, "eu-west-1")] == pytest.approx(wanted, abs=60)


def test_counts_are_conserved_whatever_becomes_of_records():
    no = (400, "mapper_parsing_exception", "cannot")
    busy = (429, "es_rejected_execution_exception", "busy")
    engine = ScriptedEngine(items(201, 409, no, busy, 201), items(201), items(no), items(no), *[vanish] * 500)
    objects = {KEY: a_file([*some_records(*"abcde"), {"eventTime": 5, "eventName": "x"}])}
    door = a_door(engine, objects=objects | {"AWSLogs/f": a_file(some_records(*"fg"))}, spills=True)
    door.handle(sqs_event(s3_event(KEY, "AWSLogs/f")), 60)
    tally = door.tally
    assert (tally.indexed, tally.duplicates, tally.dead_lettered, tally.spilled) == (3, 1, 2, 2)
    assert tally.records == tally.indexed + tally.duplicates + tally.dead_lettered + tally.spilled


def test_what_cannot_be_buried_is_not_acknowledged():
    class Full(MemoryLetters):
        def put(self, letters):
            raise BoxError("the queue cannot be used (AccessDenied): check its name and the role's permissions")

    door = a_door(objects={KEY: a_file([{"eventTime": 5, "eventName": "x"}]), "AWSLogs/a": a_file(some_records("a"))})
    door.sink.letters = Full()
    answer = door.handle(sqs_event(s3_event(), s3_event("AWSLogs/a")), 60)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-0"}]}
    assert held(door) == {"a"}


def test_what_cannot_be_spilled_is_not_acknowledged():
    door = a_door(ScriptedEngine(*[vanish] * 500), spills=True)

    def refuse(bodies):
        raise BoxError("full")

    door.spill.put = refuse
    with pytest.raises(Exception, match="full"):
        door.handle(logs_event(some_records("a")), 60)


def test_a_sink_connects_once():
    sink = DoorSink(parse_url("opensearch+http://localhost"), FOREVER, MemoryLetters())
    sink.open()
    opened = sink._opened
    sink.open()
    assert sink._opened is opened


def test_a_record_that_is_none_is_buried_with_its_reason_and_origin():
    door = a_door(objects={KEY: a_file([{"eventTime": 5, "eventName": "x"}])})
    door.handle(s3_event(), 60)
    [letter] = door.letters.letters
    assert json.loads(letter.raw) == {"eventTime": 5, "eventName": "x"}
    assert (letter.origin, bool(letter.reason)) == (KEY, True)


def test_what_others_know_of_an_address_is_added_once_it_is_known():
    class Source:
        def ask(self, address):
            return Told("test", "tor", f"https://example.com/{address}")

    records = [
        *some_records("a", sourceIPAddress="1.1.1.1"), *some_records("b", sourceIPAddress="10.0.0.1"),
        *some_records("c", sourceIPAddress="AWS Internal"),
    ]  # fmt: skip
    door = a_door(objects={KEY: a_file(records)})
    intel = Intel(Source(), 60)
    door.sink._opened = (door.scripted, _Maker(FOREVER, lambda address: None, intel))
    door.handle(s3_event(), 60)
    assert all("threat" not in document(door, name) for name in "abc")
    assert intel.work_off() == 1
    door.scripted.held.clear()
    door.handle(s3_event(), 60)
    [enrichment] = document(door, "a")["threat"]["enrichments"]
    assert enrichment == {
        "indicator": {
            "ip": "1.1.1.1", "type": "ipv4-addr", "provider": "test", "description": "tor",
            "reference": "https://example.com/1.1.1.1",
        },
        "matched": {"field": "source.ip", "atomic": "1.1.1.1"},
    }  # fmt: skip
    assert all("threat" not in document(door, name) for name in "bc")


def test_nothing_is_written_where_the_template_is_not_there():
    door = a_door(objects={KEY: a_file(some_records("a"))}, spills=True)
    door.scripted.template = Answer(200, {"template": {}})
    with pytest.raises(MisconfiguredError, match="run `oddtrail setup URL` first"):
        door.handle(s3_event(), 60)
    assert (door.scripted.asked, door.buried, door.spill.bodies) == ([], [], [])
    door.scripted.template = Answer(200, {"template": {"mappings": {"_meta": META}}})
    door.handle(s3_event(), 60)
    door.handle(s3_event(), 60)
    assert door.scripted.asked_for_template == 2  # once it is there, nobody asks again


def test_an_engine_that_does_not_say_whether_its_template_is_there_is_asked_again():
    door = a_door(ScriptedEngine(*[vanish] * 99), objects={KEY: a_file(some_records("a"))}, spills=True)
    door.scripted.template = UnreachableError("no answer")
    door.handle(s3_event(), 60)
    assert len(door.spill.bodies) == 1
    door.handle(s3_event(), 60)
    assert door.scripted.asked_for_template == 2

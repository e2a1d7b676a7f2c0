"""The sink of a function counts each record once, by account and region too, and holds nothing back."""

import base64
import json
from contextlib import nullcontext
from datetime import UTC, datetime
from threading import Event

import pytest

from pipeline.delivery.box import BoxError
from pipeline.delivery.dead_letter import write_letter
from pipeline.delivery.door_sink import DoorSink, MisconfiguredError, _Maker
from pipeline.delivery.lambda_settings import read_settings
from pipeline.delivery.make_door import make_door
from pipeline.delivery.spill import SpilledRecord, write_spills
from pipeline.documents.capabilities import Capabilities
from pipeline.documents.sink import UnfinishedError
from pipeline.documents.template import make_templates
from pipeline.enrich.intel import Intel, Told
from pipeline.ingest.set_aside import KEPT_BYTES
from pipeline.search.engine import Answer, UnreachableError
from pipeline.search.url import parse_url
from tests.pipeline.delivery.doors import (
    FOREVER,
    KEY,
    MemoryLetters,
    Notes,
    a_door,
    a_file,
    document,
    held,
    logs_event,
    s3_event,
    some_records,
    sqs_event,
)
from tests.pipeline.delivery.test_lambda_settings import NEEDED
from tests.pipeline.search.scripted import META, ScriptedEngine, items, refuse, vanish, wait_for


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


def test_lag_is_until_the_events_are_in_the_index():
    class Noting(ScriptedEngine):
        def ask(self, method, path, body=None, **named):
            answer = super().ask(method, path, body, **named)
            self.answered = datetime.now(UTC)
            return answer

    door = a_door(Noting())
    door.handle(logs_event(some_records("a", eventTime="2025-03-03T07:00:00Z")), 60)
    [lag] = door.tally.lag.values()
    assert lag >= (door.scripted.answered - datetime(2025, 3, 3, 7, tzinfo=UTC)).total_seconds()


def test_each_invocation_tells_the_lag_of_its_own_events():
    door = a_door()
    door.handle(logs_event(some_records("a", awsRegion="eu-west-1")), 60)
    first = door.tally.lag
    door.handle(logs_event(some_records("b", awsRegion="us-east-1")), 60)
    assert [{region for _, region in lag} for lag in (first, door.tally.lag)] == [{"eu-west-1"}, {"us-east-1"}]
    door.scripted.replies = [vanish] * 500
    with pytest.raises(UnfinishedError):
        door.handle(logs_event(some_records("c", awsRegion="eu-west-1")), 60)
    assert {region for _, region in door.tally.lag} == {"eu-west-1"}, "also of what was not finished"


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


# Bad records that are many or long


BAD = {"eventTime": 5, "eventName": "x"}


def conserved(door) -> bool:
    """Whether each record ended in one way."""
    tally = door.tally
    ended = tally.indexed + tally.duplicates + tally.dead_lettered + tally.in_whole + tally.spilled
    return tally.records == ended + tally.other.total()


def many_bad(count: int = 700) -> list[dict]:
    return [BAD | {"requestID": str(at)} for at in range(count)]


def test_of_many_bad_records_of_an_object_a_letter_names_the_object():
    door = a_door(objects={KEY: a_file([*some_records("a"), *many_bad()])})
    door.handle(s3_event(), 60)
    *single, whole = door.letters.letters
    assert (door.tally.dead_lettered, door.tally.in_whole, len(single)) == (500, 200, 500)
    assert (whole.origin, whole.raw, whole.cut) == (f"s3://the-trail/{KEY}", b"", True)
    assert whole.reason == "200 more records of this file were set aside, of which none is kept"
    assert not any(letter.cut for letter in single)
    assert conserved(door)
    door.handle(json.loads(write_letter(whole)), 60)
    assert (door.tally.records, door.tally.duplicates, door.tally.in_whole) == (701, 1, 200)


@pytest.mark.parametrize("way", ["logs", "message", "spilled"])
def test_of_many_bad_records_of_a_message_a_letter_has_all_of_it(way):
    records = [*some_records("a"), *many_bad()]
    [spill] = write_spills(SpilledRecord(json.dumps(each).encode(), "o") for each in records)
    event = {
        "logs": logs_event(records),
        "message": sqs_event({"Records": records}),
        "spilled": sqs_event(spill.decode()),
    }[way]
    door = a_door()
    door.handle(event, 60)
    *single, whole = door.letters.letters
    assert (len(single), whole.cut, conserved(door)) == (500, False, True)
    assert (door.tally.dead_lettered, door.tally.in_whole) == (500, 200)
    door.scripted.held.clear()
    door.scripted.indices.clear()
    door.handle(json.loads(write_letter(whole)), 60)
    assert held(door) == {"a"}
    assert (door.tally.records, door.tally.in_whole, conserved(door)) == (701, 200, True)


def test_a_bad_record_that_is_longer_than_is_kept_is_in_the_letter_of_its_message():
    long = BAD | {"requestID": "x" * (KEPT_BYTES + 1)}
    event = logs_event([*some_records("a"), long, BAD, long])
    door = a_door()
    door.handle(event, 60)
    assert [len(letter.raw) < 1_000 for letter in door.letters.letters].count(True) == 1
    [whole] = [letter for letter in door.letters.letters if len(letter.raw) > 1_000]
    assert (whole.raw, whole.cut) == (base64.b64decode(event["awslogs"]["data"]), False)
    assert (door.tally.dead_lettered, held(door), conserved(door)) == (3, {"a"}, True)


def test_each_message_has_a_letter_of_its_own():
    some, others = many_bad(501), many_bad(502)
    door = a_door(objects={KEY: a_file(some), "AWSLogs/b": a_file(others)})
    door.handle(sqs_event(s3_event(), s3_event("AWSLogs/b"), {"Records": others}), 60)
    wholes = [letter for letter in door.letters.letters if len(letter.raw) > 1_000 or not letter.raw]
    assert [letter.origin for letter in wholes[:2]] == [f"s3://the-trail/{KEY}", "s3://the-trail/AWSLogs/b"]
    assert json.loads(wholes[2].raw) == {"Records": others}
    assert (door.tally.in_whole, conserved(door)) == (5, True)


def test_what_is_no_json_and_long_is_in_the_letter_of_its_message():
    event = logs_event(["{" + "[" * 3_000_000, *some_records("a")])
    door = a_door()
    door.handle(event, 60)
    assert [(letter.raw, letter.cut) for letter in door.letters.letters] == [
        (base64.b64decode(event["awslogs"]["data"]), False)
    ]
    assert (held(door), conserved(door)) == ({"a"}, True)


# Requests as texts


OLD_TEMPLATE = make_templates(Capabilities("opensearch", (2, 6, 0)), FOREVER)[0]


def request_of(door, name: str) -> str | None:
    return document(door, name)["aws"]["cloudtrail"].get("request_parameters")


def test_requests_are_texts_where_the_engines_template_cannot_search_them_otherwise():
    door = a_door()
    door.scripted.template = Answer(200, {"template": {"mappings": OLD_TEMPLATE.body["template"]["mappings"]}})
    door.handle(logs_event(some_records("a", requestParameters={"userName": "eve"})), 60)
    assert request_of(door, "a") == "{userName=eve}"


@pytest.mark.parametrize("texts", ["auto", "on"])
def test_requests_are_texts_where_a_setting_says_so(texts):
    settings = read_settings(NEEDED | {"ODDTRAIL_TEXTS": texts, "ODDTRAIL_RETENTION": "10000"})
    made, door = make_door(settings, Notes()), a_door()
    made.sink._opened = door.scripted, made.sink.opened[1]
    made.handle(logs_event(some_records("a", requestParameters={"userName": "eve"})), 60)
    assert request_of(door, "a") == (None if texts == "auto" else "{userName=eve}")


def test_requests_are_texts_as_long_as_nobody_knows_whether_they_have_to_be():
    door = a_door()
    door.scripted.template = UnreachableError("no answer")
    door.handle(logs_event(some_records("a", requestParameters={"userName": "eve"})), 60)
    door.scripted.template = Answer(200, {"template": {"mappings": {"_meta": META}}})
    door.handle(logs_event(some_records("b", requestParameters={"userName": "eve"})), 60)
    assert (request_of(door, "a"), request_of(door, "b")) == ("{userName=eve}", None)


def many(count):
    """More records than are worked on at a time."""
    return some_records(*(f"r{at}" for at in range(count)))


def test_the_next_records_become_documents_while_those_before_are_under_way():
    class Slow(ScriptedEngine):
        def ask(self, method, path, body=None, **named):
            if path == "/_bulk":
                assert second.wait(20)
            return super().ask(method, path, body, **named)

    engine, second, calls = Slow(), Event(), []
    door = a_door(engine)
    door.sink.requests = 4
    make = door.sink.opened[1].make

    def made(*given):
        calls.append(given)
        if len(calls) == 2:
            second.set()
        return make(*given)

    door.sink.opened[1].make = made
    answer = door.handle(logs_event(many(2_500)), 60)
    assert (answer["indexed"], len(held(door)), len(calls)) == (2_500, 2_500, 2)


@pytest.mark.parametrize("requests", [1, 4])
@pytest.mark.parametrize("spills", [False, True])
def test_what_does_not_get_through_at_the_end_is_left_as_at_the_beginning(spills, requests):
    engine = ScriptedEngine(lambda ids: items(*[201] * len(ids))(ids), *[vanish] * 5_000)
    door = a_door(engine, spills=spills)
    door.sink.requests = requests
    with nullcontext() if spills else pytest.raises(UnfinishedError):
        door.handle(logs_event(many(4_100)), 60)
    tally = door.tally
    assert tally.indexed in (1_000, 100)
    assert tally.spilled == (4_100 - tally.indexed if spills else 0)


def test_who_is_not_let_in_in_the_middle_connects_anew_and_nothing_is_missing():
    taken = [lambda ids: items(*[201] * len(ids))(ids)] * 2
    door = a_door(ScriptedEngine(*taken, refuse(401)))
    answer = door.handle(logs_event(many(5_000)), 60)
    assert (answer["records"], answer["indexed"]) == (5_000, 5_000)
    assert len(held(door)) == 3_000  # the engine holds none of those it was told to say yes to
    assert door.scripted.closed == 1


def test_who_is_not_let_in_at_the_end_has_nothing_acknowledged():
    taken = [lambda ids: items(*[201] * len(ids))(ids)] * 2
    door = a_door(ScriptedEngine(*taken, *[refuse(401)] * 50))
    with pytest.raises(MisconfiguredError):
        door.handle(logs_event(many(2_500)), 60)
    assert (door.tally.indexed, door.tally.dead_lettered) == (2_000, 0)


def test_what_ended_before_something_else_failed_is_counted():
    door = a_door()
    work, calls = door._slice, []

    def fail(slice_):
        calls.append(slice_)
        if len(calls) == 2:
            wait_for(lambda: len(held(door)) == 2_000)  # a request that has not begun is not sent any more
            raise RuntimeError
        work(slice_)

    door._slice = fail
    with pytest.raises(RuntimeError):
        door.handle(logs_event(many(2_500)), 60)
    assert door.tally.indexed == len(held(door)) == 2_000
    assert door.sink._writer is None


@pytest.mark.parametrize("failing", [1, 2, 3])
@pytest.mark.parametrize("requests", [1, 4])
def test_what_ended_before_documents_could_not_be_made_is_counted(failing, requests):
    door = a_door()
    door.sink.requests = requests
    make, calls = door.sink.opened[1].make, []

    def made(*given):
        calls.append(given)
        for at, each in enumerate(make(*given)):
            if len(calls) == failing and at == 1_500:
                wait_for(lambda: len(held(door)) == 2_000 * (failing - 1) + 1_000)
                raise RuntimeError
            yield each

    door.sink.opened[1].make = made
    with pytest.raises(RuntimeError):
        door.handle(logs_event(many(5_600)), 60)
    assert door.tally.indexed == len(held(door)) == 2_000 * (failing - 1) + 1_000

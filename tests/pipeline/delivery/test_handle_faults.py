"""What does not go well in a function: what comes again, what is spilled, and what is buried."""

import gzip
import json

import pytest

from pipeline.delivery.box import BoxPlace
from pipeline.delivery.door_sink import MisconfiguredError
from pipeline.delivery.fetch import FetchError
from pipeline.delivery.item import LogEvents
from pipeline.delivery.spill import SpilledRecord, read_spill, write_pointer, write_spills
from pipeline.delivery.trigger import recognise
from pipeline.documents.sink import UnfinishedError
from tests.pipeline.delivery.doors import (
    ACCOUNT,
    ALLOWED,
    BUCKET,
    KEY,
    a_door,
    a_file,
    an_id,
    document,
    held,
    kinesis_event,
    logs_event,
    packed_logs,
    s3_event,
    some_records,
    sqs_event,
)
from tests.pipeline.search.scripted import ScriptedEngine, items, refuse, vanish
from tests.records import a_record


def test_an_engine_that_is_down_leaves_the_messages_where_they_are():
    door = a_door(ScriptedEngine(*[vanish] * 500), objects={KEY: a_file(some_records("e-1"))}, spills=True)
    with pytest.raises(UnfinishedError, match="2 messages came and none is done"):
        door.handle(sqs_event(s3_event(), s3_event()), 900)
    assert door.spill.bodies == []
    assert held(door) == set()


def test_an_engine_that_is_down_has_what_cannot_come_again_spilled_and_it_comes_back_as_it_was():
    records = some_records("e-1", "e-2")
    down = a_door(ScriptedEngine(*[vanish] * 500), spills=True)
    down.handle(logs_event(records), 900)
    assert held(down) == set()
    assert (down.tally.spilled, len(down.spill.bodies)) == (2, 1)
    up, usual = a_door(), a_door()
    assert up.handle(sqs_event(down.spill.bodies[0].decode()), 60) == {"batchItemFailures": []}
    usual.handle(logs_event(records), 60)
    for name in ("e-1", "e-2"):
        one, other = document(up, name), document(usual, name)
        one["event"].pop("ingested"), other["event"].pop("ingested")
        assert one == other


def test_without_a_spill_what_cannot_come_again_alone_fails_the_invocation():
    door = a_door(ScriptedEngine(*[vanish] * 500))
    with pytest.raises(UnfinishedError, match="2 events are not indexed"):
        door.handle(logs_event(some_records("e-1", "e-2")), 900)


def test_backing_off_ends_before_the_grace():
    door = a_door(ScriptedEngine(*[refuse(429)] * 500), spills=True)
    door.handle(logs_event(some_records("e-1")), 900)
    assert 500 < door.clock.time <= 840
    door = a_door(ScriptedEngine(*[refuse(429)] * 500), spills=True)
    door.handle(logs_event(some_records("e-1")), 60)
    assert 20 < door.clock.time <= 45


def test_what_is_begun_late_is_handed_over_whole():
    event = {"Records": s3_event()["Records"] * 2}

    def be_slow(ids):
        door.clock.sleep(44)
        return vanish(ids)

    door = a_door(ScriptedEngine(be_slow), objects={KEY: a_file(some_records("e-1"))}, spills=True)
    door.handle(event, 60)
    first, second = door.spill.bodies
    assert read_spill(first)[0][0].raw
    assert json.loads(second) == {"s3Bucket": BUCKET, "s3ObjectKey": [KEY]}
    up = a_door(objects={KEY: a_file(some_records("e-1"))})
    up.handle(sqs_event(first.decode(), second.decode()), 60)
    assert (held(up), up.tally.duplicates) == ({"e-1"}, 1)


def test_a_blocked_disk_buries_nothing_and_drains_afterwards():
    blocked = refuse(403, "cluster_block_exception", "index [x] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded]")
    door = a_door(ScriptedEngine(*[blocked] * 5), objects={KEY: a_file(some_records("e-1", "e-2"))})
    assert door.handle(sqs_event(s3_event()), 900) == {"batchItemFailures": []}
    assert (held(door), door.buried) == ({"e-1", "e-2"}, [])
    assert all(wait >= 5 for wait in door.clock.waits)


@pytest.mark.parametrize(
    "reply",
    [refuse(403, "security_exception", "no permissions"), refuse(401),
     items((403, "security_exception", "no permissions")),
     items((400, "illegal_argument_exception", "Limit of total fields [1000] has been exceeded"))],
)  # fmt: skip
@pytest.mark.parametrize("spills", [False, True])
def test_a_fault_of_configuration_fails_the_invocation_and_buries_nothing(reply, spills):
    for event in (logs_event(some_records("e-1")), sqs_event(s3_event(), {"Event": "s3:TestEvent"})):
        door = a_door(ScriptedEngine(*[reply] * 20), objects={KEY: a_file(some_records("e-1"))}, spills=spills)
        with pytest.raises(MisconfiguredError, match="takes nothing"):
            door.handle(event, 60)
        assert len(door.scripted.asked) <= 2
        assert door.buried == []
        assert not spills or door.spill.bodies == []


@pytest.mark.parametrize(
    "reply", [refuse(401), refuse(403, "", "The security token included in the request is expired")]
)
def test_who_is_not_let_in_any_more_connects_anew_once(reply):
    """A password was changed, or credentials ran out, while the function was warm."""
    door = a_door(ScriptedEngine(reply))
    door.handle(logs_event(some_records("e-1", "e-2")), 60)
    assert (held(door), door.scripted.closed, door.tally.indexed) == ({"e-1", "e-2"}, 1, 2)
    door.scripted.replies = [reply, reply]
    with pytest.raises(MisconfiguredError):
        door.handle(logs_event(some_records("e-3")), 60)
    assert door.scripted.closed == 2
    door.handle(logs_event(some_records("e-3")), 60)
    assert held(door) == {"e-1", "e-2", "e-3"}


def test_only_the_message_that_failed_is_named():
    denied = FetchError("s3://x cannot be read (AccessDenied)")
    door = a_door(objects={KEY: a_file(some_records("e-1")), "AWSLogs/denied": denied})
    answer = door.handle(sqs_event(s3_event(), s3_event("AWSLogs/denied"), s3_event()), 60)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}
    assert held(door) == {"e-1"}
    assert door.notes.troubles[0][1]["receives"] == 1


def test_a_bug_in_one_message_does_not_keep_the_others():
    door = a_door(objects={KEY: a_file(some_records("e-1")), "AWSLogs/odd": ZeroDivisionError("a bug")})
    answer = door.handle(sqs_event(s3_event("AWSLogs/odd"), s3_event()), 60)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-0"}]}
    assert held(door) == {"e-1"}
    with pytest.raises(ZeroDivisionError):
        door.handle(s3_event("AWSLogs/odd"), 60)


def test_when_no_message_is_done_the_invocation_fails():
    door = a_door(objects={"AWSLogs/denied": FetchError("denied")})
    with pytest.raises(UnfinishedError, match="1 message came and none is done, the first because: denied"):
        door.handle(sqs_event(s3_event("AWSLogs/denied")), 60)


def test_of_a_stream_what_was_done_does_not_come_again():
    engine = ScriptedEngine(items(201), *[vanish] * 500)
    door = a_door(engine)
    payloads = [packed_logs([json.dumps(record)]) for record in some_records("e-0", "e-1", "e-2")]
    answer = door.handle(kinesis_event(*payloads), 60)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "seq-1"}, {"itemIdentifier": "seq-2"}]}
    assert not any(an_id("e-2") in asked for asked in engine.asked)  # it comes again with the one before it


def test_what_is_left_of_a_message_is_spilled_once_part_of_it_is_done():
    partly = items(201, (429, "es_rejected_execution_exception", "busy"))
    engine = ScriptedEngine(partly, *[vanish] * 500)
    door = a_door(engine, objects={KEY: a_file(some_records("e-1", "e-2"))}, spills=True)
    assert door.handle(sqs_event(s3_event()), 60) == {"batchItemFailures": []}
    [spill] = door.spill.bodies
    [record] = read_spill(spill)[0]
    assert json.loads(record.raw)["eventID"] == an_id("e-2")
    assert (record.bucket, record.key) == (BUCKET, KEY)


def test_a_spill_counts_how_often_it_was_spilled():
    [body] = write_spills(
        [SpilledRecord(json.dumps(a_record(eventID=an_id(f"e-{at}"))).encode(), "a") for at in (1, 2)], 3
    )
    door = a_door(ScriptedEngine(items(201, (429, "x", "y")), *[vanish] * 500), spills=True)
    door.handle(sqs_event(body.decode()), 60)
    assert read_spill(door.spill.bodies[0])[1] == 4


def test_a_spill_that_cannot_be_read_is_kept():
    door = a_door()
    for body in (
        {"oddtrail": "spilled", "version": 2},
        {"oddtrail": "spilled", "version": 1, "tries": 1, "records": "x"},
    ):
        door.handle(sqs_event(body), 60)
    assert len(door.buried) == 2


def test_a_pointer_to_what_is_no_box_of_ours_is_refused():
    door = a_door(boxes=(BoxPlace(bucket="spills", prefix="late/"),))
    door.handle(
        sqs_event(write_pointer("somebody-elses", "late/a").decode(), write_pointer("spills", "x").decode()), 60
    )
    assert (door.tally.refused, len(door.buried)) == (2, 2)


def test_an_object_that_is_gone_is_counted_told_and_acknowledged():
    door = a_door()
    assert door.handle(sqs_event(s3_event()), 60) == {"batchItemFailures": []}
    assert door.tally.gone == 1
    assert [what for what, _ in door.notes.troubles] == ["an object is gone: look who deletes logs"]


def test_what_an_engine_refuses_for_good_is_buried_with_its_bytes():
    no = (400, "mapper_parsing_exception", "cannot")
    engine = ScriptedEngine(items(201, no), items(no), items(no))
    door = a_door(engine, objects={KEY: a_file(some_records("e-1", "e-2"))})
    door.handle(sqs_event(s3_event()), 60)
    [letter] = door.letters.letters
    assert (letter.event_id, json.loads(letter.raw)["eventID"]) == (an_id("e-2"), an_id("e-2"))
    assert "mapper_parsing_exception" in letter.reason


def test_what_was_buried_comes_back_through_the_door():
    door = a_door()
    door.handle(logs_event(['{"eventName": "A", "eventTime": 5}', *some_records("e-1")]), 60)
    [letter] = door.letters.letters
    [item] = recognise(json.loads(letter.raw) and sqs_event(letter.raw.decode()), ALLOWED).messages[0].items
    assert item.content == letter.raw


def test_a_log_event_whose_text_is_half_a_character_is_not_lost():
    event = {"messageType": "DATA_MESSAGE", "owner": ACCOUNT, "logGroup": "g", "logStream": "s", "logEvents": []}
    message = json.dumps(a_record(eventID=an_id("e-1"), userAgent="x"))[:-1] + ', "odd": "\\ud800"}'
    text = json.dumps(event | {"logEvents": [{"id": "1", "timestamp": 1, "message": message}]})
    raw = gzip.compress(text.replace('"x"', '"\ud83d"').encode("utf-8", "surrogatepass"))
    door = a_door()
    door.handle(kinesis_event(raw), 60)
    assert len(held(door)) + len(door.buried) == 1
    assert isinstance(recognise(kinesis_event(raw), ALLOWED).messages[0].items[0], LogEvents)

"""The work of a function, event by event: what is indexed, what comes again, what is kept, and what is refused."""

import gzip
import json

import pytest

from pipeline.delivery.box import BoxPlace
from pipeline.delivery.door_sink import MisconfiguredError
from pipeline.delivery.fetch import FetchError
from pipeline.delivery.handle import UnknownShapeError
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
    bus_call,
    document,
    held,
    kinesis_event,
    logs_event,
    packed_logs,
    s3_event,
    sns_event,
    some_records,
    sqs_event,
)
from tests.pipeline.search.scripted import ScriptedEngine, items, refuse, vanish
from tests.records import a_record

EVENTS = {
    "a subscription": lambda records: logs_event(records),
    "S3": lambda records: s3_event(),
    "SNS": lambda records: sns_event(s3_event()),
    "EventBridge": lambda records: bus_call(records[0]),
    "a queue": lambda records: sqs_event(s3_event()),
    "a stream": lambda records: kinesis_event(packed_logs([json.dumps(record) for record in records])),
}


@pytest.mark.parametrize("trigger", EVENTS)
def test_records_are_indexed_however_they_come(trigger):
    records = some_records("e-1") if trigger == "EventBridge" else some_records("e-1", "e-2", "e-3")
    door = a_door(objects={KEY: a_file(records)})
    answer = door.handle(EVENTS[trigger](records), 60)
    assert {an_id(name) for name in held(door)} == {record["eventID"] for record in records}
    assert answer.get("batchItemFailures", []) == []
    assert (door.tally.records, door.tally.indexed, door.buried) == (len(records), len(records), [])


def test_a_document_tells_how_its_record_came_by_cloudwatch():
    odd = '{"eventName": "Broken", "eventID": "x", "eventTime": "2025-03-03T09:00:00Z", "userIdentity": {'
    pretty = json.dumps(a_record(eventID=an_id("e-3")), indent=2)
    messages = [*some_records("e-0"), "no record at all", odd, pretty, *some_records("e-4", "e-5")]
    door = a_door()
    door.handle(logs_event(messages), 60)
    told = {name: document(door, name)["@id"] for name in ("e-0", "e-3", "e-4", "e-5")}
    assert told == {"e-0": "cw-0", "e-3": "cw-3", "e-4": "cw-4", "e-5": "cw-5"}
    first = document(door, "e-0")
    assert (first["@owner"], first["@log_group"]) == (ACCOUNT, "trail")
    assert first["@log_stream"] == f"{ACCOUNT}_CloudTrail_eu-west-1"
    assert b"no record at all" in door.buried


def test_a_document_tells_how_its_record_came_by_s3():
    door = a_door(objects={KEY: a_file(some_records("e-1"))})
    door.handle(s3_event(), 60)
    found = document(door, "e-1")
    assert found["aws"]["s3"] == {"bucket": {"name": BUCKET}, "object": {"key": KEY}}
    assert found["event"]["created"] == "2025-03-03T09:05:00.000Z"  # as the key says
    assert "@log_group" not in found


def test_messages_that_hold_several_records_lose_none():
    lines = json.dumps({"Records": some_records("e-1", "e-2")})
    door = a_door()
    door.handle(logs_event([*some_records("e-0"), lines, *some_records("e-3")]), 60)
    assert held(door) == {"e-0", "e-1", "e-2", "e-3"}
    assert [document(door, name)["@id"] for name in ("e-0", "e-3")] == ["cw-0", "cw-2"]


def test_a_payload_of_many_thousand_records_is_worked_on_in_slices_and_keeps_its_ids():
    records = some_records(*(f"e-{at}" for at in range(4_500)))
    door = a_door()
    door.handle(logs_event(records), 60)
    assert len(held(door)) == 4_500
    assert all(document(door, f"e-{at}")["@id"] == f"cw-{at}" for at in (0, 1_999, 2_000, 2_001, 4_499))


@pytest.mark.parametrize(
    ("event", "name"),
    [
        (logs_event([], kind="CONTROL_MESSAGE"), "CONTROL_MESSAGE"),
        (sqs_event({"Event": "s3:TestEvent"}), "s3:TestEvent"),
        (sqs_event(s3_event(event="ObjectRemoved:Delete")), "other object event"), ({}, "empty message"),
        (kinesis_event(packed_logs([], kind="CONTROL_MESSAGE")), "CONTROL_MESSAGE"), ({"Records": None}, "no records"),
    ],
)  # fmt: skip
def test_what_has_nothing_in_it_is_counted(event, name):
    door = a_door()
    door.handle(event, 60)
    assert door.tally.other == {name: 1}
    assert (held(door), door.buried) == (set(), [])


def test_records_that_are_no_event_are_counted_by_name():
    insight = a_record(
        eventID=an_id("i-1"), eventCategory="Insight", eventType="AwsCloudTrailInsight", insightDetails={}
    )
    door = a_door(objects={KEY: a_file([insight, *some_records("e-1")])})
    door.handle(s3_event(), 60)
    assert held(door) == {"e-1"}
    assert sum(door.tally.other.values()) == 1
    assert door.tally.records == 2


def test_an_unknown_event_fails_loudly_and_is_kept():
    door = a_door()
    with pytest.raises(UnknownShapeError, match="was kept as a dead letter"):
        door.handle({"what": "is this?"}, 60)
    assert door.buried == [b'{"what":"is this?"}']
    assert door.tally.unknown == 1


def test_an_unknown_message_of_a_queue_is_kept_and_the_others_are_indexed():
    door = a_door(objects={KEY: a_file(some_records("e-1"))})
    assert door.handle(sqs_event("what is this?", s3_event()), 60) == {"batchItemFailures": []}
    assert door.buried == [b"what is this?"]
    assert held(door) == {"e-1"}
    assert [what for what, _ in door.notes.troubles] == ["an unknown message was kept"]


def test_a_forged_notification_is_refused_counted_and_kept():
    door = a_door(objects={KEY: a_file(some_records("e-1")), "AWSLogs/x": a_file(some_records("e-2"))})
    door.handle(sqs_event(s3_event(bucket="somebody-elses"), s3_event(region="us-east-1")), 60)
    assert (held(door), door.tally.refused, len(door.buried)) == (set(), 2, 2)


def test_a_payload_of_an_account_that_may_not_send_is_refused_and_kept():
    door = a_door()
    door.handle(logs_event(some_records("e-1"), owner="999999999999"), 60)
    assert (held(door), door.tally.refused, len(door.buried)) == (set(), 1, 1)


def test_a_damaged_payload_is_kept_with_its_bytes():
    packed = packed_logs([json.dumps(a_record())])[:-20]
    door = a_door()
    door.handle(kinesis_event(packed), 60)
    assert door.buried == [packed]


def test_a_payload_that_inflates_without_end_is_kept_and_not_inflated():
    bomb = gzip.compress(bytes(200 << 20), 9)
    door = a_door()
    door.handle(kinesis_event(bomb), 60)
    assert door.buried == [bomb]
    assert "64 MiB" in door.letters.letters[0].reason


def test_an_object_that_inflates_without_end_is_named_by_a_dead_letter():
    door = a_door(objects={KEY: gzip.compress(b" " * (300 << 20), 9)})
    door.handle(sqs_event(s3_event()), 60)
    [letter] = door.letters.letters
    assert letter.origin == f"s3://{BUCKET}/{KEY}"
    assert "250-fold" in letter.reason


def test_a_truncated_object_gives_its_whole_records_and_is_named_by_a_dead_letter():
    whole = a_file(some_records(*(f"e-{at}" for at in range(200))))
    door = a_door(objects={KEY: whole[:-40]})
    door.handle(sqs_event(s3_event()), 60)
    assert len(held(door)) > 100
    assert [letter.reason for letter in door.letters.letters] == ["gzip is truncated"]


@pytest.mark.parametrize(
    ("content", "indexed", "buried"),
    [
        (b"", 0, 0), (b"\x1f\x8b", 0, 1), (b"not gzip at all", 0, 1), (b"{}", 0, 0), (b"[]", 0, 0),
        (b'{"Records": null}', 0, 0),
        (json.dumps({"Records": some_records("e-1")}).encode(), 1, 0),
        (b"\n".join(json.dumps(record).encode() for record in some_records("e-1", "e-2")), 2, 0),
        (a_file(some_records("e-1")) + a_file(some_records("e-2")), 2, 0),
        (a_file([{"digestS3Bucket": "b", "digestStartTime": "2025-03-03T08:00:00Z", "logFiles": []}]), 0, None),
        (a_file([{"eventVersion": "9.99", **some_records("e-1")[0]}]), 1, 0),
    ],
)  # fmt: skip
def test_whatever_an_object_holds_ends(content, indexed, buried):
    door = a_door(objects={KEY: content})
    assert door.handle(sqs_event(s3_event()), 60) == {"batchItemFailures": []}
    assert len(held(door)) == indexed
    assert buried is None or len(door.buried) == buried


def test_an_aggregated_record_and_a_network_activity_event_are_routed():
    aggregated = {"eventVersion": "1.11", "eventId": "a", "eventCategory": "Aggregated", "accountId": ACCOUNT}
    network = a_record(eventID=an_id("n-1"), eventCategory="NetworkActivity", eventType="AwsVpceEvent")
    door = a_door(objects={KEY: a_file([aggregated, network, *some_records("e-1")])})
    door.handle(s3_event(), 60)
    assert held(door) >= {"e-1"}
    assert door.tally.records == 3
    assert len(held(door)) + sum(door.tally.other.values()) + len(door.buried) == 3


def test_a_whole_batch_that_comes_five_times_is_indexed_once():
    door = a_door(objects={KEY: a_file(some_records("e-1", "e-2"))})
    for _ in range(5):
        door.handle(sqs_event(s3_event(), s3_event()), 60)
    assert held(door) == {"e-1", "e-2"}
    assert sum(tally.indexed for tally in door.notes.tallies) == 2
    assert sum(tally.duplicates for tally in door.notes.tallies) == 18


def test_the_same_event_by_cloudwatch_and_by_s3_is_one_document():
    records = some_records("e-1", "e-2")
    door = a_door(objects={KEY: a_file(records)})
    door.handle(logs_event(records), 60)
    door.handle(s3_event(), 60)
    assert held(door) == {"e-1", "e-2"}
    assert door.tally.duplicates == 2


def test_one_action_recorded_in_two_accounts_is_two_documents():
    records = [a_record(eventID=an_id(f"e-{at}"), sharedEventID="s", recipientAccountId=f"{at}" * 12) for at in (1, 2)]
    door = a_door(objects={KEY: a_file(records)})
    door.handle(s3_event(), 60)
    assert [document(door, f"e-{at}")["aws"]["cloudtrail"]["shared_event_id"] for at in (1, 2)] == ["s", "s"]


@pytest.mark.parametrize(
    ("time", "index"),
    [("2099-01-01T00:00:00Z", "quarantine"), ("1970-01-01T00:00:00Z", "quarantine"),
     ("2025-03-03T09:00:00+09:00", "2025.03.03"),
     (..., None), ("yesterday", None), ("0000-00-00T00:00:00Z", None)],
)  # fmt: skip
def test_a_time_that_cannot_be_believed_opens_no_index(time, index):
    door = a_door(objects={KEY: a_file([a_record(eventID=an_id("e-1"), eventTime=time)])})
    door.handle(s3_event(), 60)
    indices = [each for some in door.scripted.indices.values() for each in some]
    assert indices == ([f"cloudtrail-{index}"] if index else [])
    assert len(door.buried) == (index is None)
    assert door.tally.quarantined == (index == "quarantine")


# What does not go well


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

"""The work of a function, event by event: what is indexed, what is counted, what is kept, and what is refused."""

import gzip
import json

import pytest

from pipeline.delivery.handle import UnknownShapeError
from tests.pipeline.delivery.doors import (
    ACCOUNT,
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

"""Each shape that AWS invokes a function with is known by itself, in any wrapping; any other is kept."""

import base64
import gzip
import json

import pytest

from pipeline.delivery.allowed import Allowed, Place
from pipeline.delivery.dead_letter import DeadLetter, write_letter
from pipeline.delivery.item import LogEvents, Pointer, Records, S3Object, Skipped, Spilled, Unusable
from pipeline.delivery.spill import SpilledRecord, write_packed, write_pointer, write_spills
from pipeline.delivery.trigger import recognise
from tests.pipeline.delivery.doors import (
    ACCOUNT,
    ALLOWED,
    BUCKET,
    KEY,
    bus_call,
    bus_object,
    kinesis_event,
    logs_event,
    packed_logs,
    s3_event,
    s3_record,
    sns_event,
    sns_wrapped,
    sqs_event,
)
from tests.records import a_record

OBJECT = S3Object(BUCKET, KEY)
RECORD = a_record(eventID="e-1")
PACKED = packed_logs([json.dumps(RECORD)])
[SPILL] = write_spills([SpilledRecord(b"raw", "a")])


def of(kind):
    """A test of an item by its type."""
    return lambda items: [type(item) for item in items] == [kind]


SHAPES = {
    "a subscription": (logs_event([RECORD]), "logs", of(LogEvents)),
    "S3": (s3_event(), "s3", [OBJECT]),
    "S3, several objects": (s3_event(KEY, KEY), "s3", [OBJECT, OBJECT]),
    "SNS": (sns_event(s3_event()), "sns", [OBJECT]),
    "EventBridge, a call": (bus_call(RECORD), "events", of(Records)),
    "EventBridge, an object": (bus_object(), "events", [OBJECT]),
    "a trail's own topic": (sns_event({"s3Bucket": BUCKET, "s3ObjectKey": [KEY]}), "sns", [OBJECT]),
    "a destination on failure": ({"requestContext": {}, "requestPayload": s3_event()}, "replay", [OBJECT]),
    "a dead letter": (
        json.loads(write_letter(DeadLetter("odd", "2026", "a.json", b'{"eventName":"A","eventSource":"b"}'))),
        "replay",
        [Records(b'{"eventName":"A","eventSource":"b"}', "a.json")],
    ),
    "a dead letter of an object": (
        json.loads(write_letter(DeadLetter("odd", "2026", f"s3://{BUCKET}/{KEY}", b"\x1f\x8b"))), "replay", [OBJECT],
    ),
    "a dead letter of an event": (
        json.loads(write_letter(DeadLetter("odd", "2026", "message", json.dumps(s3_event()).encode()))),
        "replay", [OBJECT],
    ),
    "a spill": (json.loads(SPILL), "replay", of(Spilled)),
    "nothing": ({}, "nothing", [Skipped("empty message")]),
    "no records": ({"Records": None}, "nothing", [Skipped("no records")]),
    "an empty list of records": ({"Records": []}, "nothing", [Skipped("no records")]),
    "an empty list": ([], "nothing", [Skipped("empty message")]),
    "a record": (RECORD, "records", of(Records)),
    "a trail's document": ({"Records": [RECORD]}, "records", of(Records)),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_is_known_when_it_invokes_the_function(shape):
    event, kind, wanted = SHAPES[shape]
    trigger = recognise(event, ALLOWED)
    [message] = trigger.messages
    assert trigger.kind == kind
    assert wanted(message.items) if callable(wanted) else message.items == wanted


@pytest.mark.parametrize("shape", [name for name in SHAPES if name != "an empty list"])
def test_the_same_shape_is_known_in_a_queue(shape):
    event, _, wanted = SHAPES[shape]
    trigger = recognise(sqs_event(event, receives=3), ALLOWED)
    [message] = trigger.messages
    assert (trigger.kind, trigger.in_order, message.id, message.receives) == ("sqs", False, "m-0", 3)
    assert wanted(message.items) if callable(wanted) else message.items == wanted


IN_QUEUE = {
    "SNS": (sns_wrapped(s3_event()), [OBJECT]),
    "SNS around EventBridge": (sns_wrapped(bus_object()), [OBJECT]),
    "a test": ({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": BUCKET}, [Skipped("s3:TestEvent")]),
    "a test by SNS": (sns_wrapped({"Event": "s3:TestEvent", "Bucket": BUCKET}), [Skipped("s3:TestEvent")]),
    "a deletion": (s3_event(event="ObjectRemoved:Delete"), [Skipped("other object event")]),
    "tags": (bus_object(kind="Object Tags Added"), [Skipped("other object event")]),
    "a copy": (s3_event(event="ObjectCreated:Copy"), [OBJECT]),
    "SNS wants to be confirmed": ({"Type": "SubscriptionConfirmation", "TopicArn": "x"}, [Skipped("SNS confirmation")]),
    "a pointer": (write_pointer("spills", "a").decode(), [Pointer("spills", "a")]),
    "a packed message": (write_packed(json.dumps(s3_event()).encode()).decode(), [OBJECT]),
    "a payload as text": (base64.b64encode(PACKED).decode(), [LogEvents(PACKED)]),
    "records a line": (f"{json.dumps(RECORD)}\n{json.dumps(RECORD)}", of(Records)),
    "a control message": ({"messageType": "CONTROL_MESSAGE", "logEvents": []}, [Skipped("CONTROL_MESSAGE")]),
    "log events as they are": (json.loads(gzip.decompress(PACKED)), of(Records)),
    "two of which one is a deletion": (
        {"Records": [s3_record(), s3_record(event="ObjectRemoved:DeleteMarkerCreated")]},
        [OBJECT, Skipped("other object event")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", IN_QUEUE)
def test_a_message_of_a_queue_is_known(shape):
    body, wanted = IN_QUEUE[shape]
    [message] = recognise(sqs_event(body), ALLOWED).messages
    assert wanted(message.items) if callable(wanted) else message.items == wanted


@pytest.mark.parametrize("key", ["AWSLogs/a b+c/ü=&.json.gz", "AWSLogs/%41.json", "AWSLogs/日本.json"])
def test_a_key_is_read_as_it_was_written(key):
    [message] = recognise(sqs_event(s3_event(key)), ALLOWED).messages
    assert message.items == [S3Object(BUCKET, key)]
    [message] = recognise(bus_object(key), ALLOWED).messages  # EventBridge writes it plainly
    assert message.items == [S3Object(BUCKET, key)]


def test_a_stream_brings_payloads_in_order():
    trigger = recognise(kinesis_event(PACKED, b'{"Event": "s3:TestEvent"}'), ALLOWED)
    assert (trigger.kind, trigger.in_order, trigger.is_batch) == ("kinesis", True, True)
    assert [message.id for message in trigger.messages] == ["seq-0", "seq-1"]
    assert [message.items for message in trigger.messages] == [[LogEvents(PACKED)], [Skipped("s3:TestEvent")]]


def test_a_queue_that_keeps_order_is_worked_on_in_order():
    assert recognise(sqs_event({}, queue="trail.fifo"), ALLOWED).in_order


@pytest.mark.parametrize(
    "event",
    [
        {"key1": "value1"}, {"awslogs": {"data": 5}}, {"awslogs": {"data": "*"}}, {"Records": [{"no": "shape"}]},
        {"Records": {}}, {"detail-type": "Scheduled Event", "source": "aws.events", "detail": {"x": 1}},
        {"oddtrail": "something new"}, ["text"], "text", None, 7, {"s3ObjectKey": [], "x": 1},
        {"reason": "a", "at": "b", "origin": "c", "raw": "*"}, {"Records": [s3_record() | {"s3": {}}]},
    ],
)  # fmt: skip
def test_what_is_not_known_is_kept_with_its_bytes(event):
    [message] = recognise(event, ALLOWED).messages
    [item] = message.items
    assert isinstance(item, Unusable)
    assert not item.forged
    [item] = recognise(sqs_event(event), ALLOWED).messages[0].items
    assert isinstance(item, Unusable)


@pytest.mark.parametrize("body", ["", "no JSON", "\x00", "{" * 5_000, '{"a": ' * 5_000, "[1,2]", "\ud800"])
def test_a_message_that_is_no_json_is_kept(body):
    event = sqs_event("x")
    event["Records"][0]["body"] = body
    [message] = recognise(event, ALLOWED).messages
    assert [type(item) for item in message.items] == [Unusable]


def test_wrappings_without_end_are_kept_and_not_followed():
    message = s3_event()
    for _ in range(20):
        message = sns_wrapped(message)
    [item] = recognise(sqs_event(message), ALLOWED).messages[0].items
    assert isinstance(item, Unusable)


FORGED = {
    "another bucket": (s3_event(bucket="somebody-elses"), "bucket"),
    "another prefix": (s3_event("other/key.json"), "prefix"),
    "another region": (s3_event(region="us-east-1"), "region"),
    "another bucket, on EventBridge": (bus_object(bucket="somebody-elses"), "bucket"),
    "another region, on EventBridge": (bus_object(region="us-east-1"), "region"),
    "another bucket, by a trail's topic": (sns_wrapped({"s3Bucket": "other", "s3ObjectKey": KEY}), "bucket"),
    "another account's topic": (sns_wrapped(s3_event(), "999999999999"), "account"),
    "another account's call": (bus_call(RECORD, "999999999999"), "account"),
    "a dead letter that names another's object": (
        json.loads(write_letter(DeadLetter("x", "y", "s3://other/AWSLogs/a", b"z"))), "bucket",
    ),
}  # fmt: skip


@pytest.mark.parametrize("forgery", FORGED)
def test_a_forged_notification_is_refused_and_kept(forgery):
    body, why = FORGED[forgery]
    [item] = recognise(sqs_event(body), ALLOWED).messages[0].items
    assert isinstance(item, Unusable)
    assert item.forged
    assert why in item.reason
    assert item.raw


def test_a_queue_a_stream_or_a_topic_of_another_account_is_refused():
    for event in (sqs_event(s3_event(), account="999999999999"), sns_event(s3_event(), "999999999999")):
        [item] = recognise(event, ALLOWED).messages[0].items
        assert item.forged
    event = kinesis_event(PACKED)
    event["Records"][0]["eventSourceARN"] = "arn:aws:kinesis:eu-west-1:999999999999:stream/x"
    [item] = recognise(event, ALLOWED).messages[0].items
    assert item.forged


def test_a_bucket_whose_arn_names_another_is_refused():
    event = s3_event()
    event["Records"][0]["s3"]["bucket"]["arn"] = "arn:aws:s3:::another"
    [item] = recognise(sqs_event(event), ALLOWED).messages[0].items
    assert item.forged


def test_without_named_buckets_none_may_be_read_and_without_accounts_all_may_send():
    [item] = recognise(sqs_event(s3_event(), account="999999999999"), Allowed()).messages[0].items
    assert item.forged
    anywhere = Allowed((Place(BUCKET),))
    [item] = recognise(sqs_event(s3_event(region="ap-south-1"), account="999999999999"), anywhere).messages[0].items
    assert item == OBJECT


def test_nothing_that_a_caller_writes_into_a_record_makes_it_look_like_a_wrapping():
    hostile = RECORD | {
        "requestParameters": {"Records": [s3_record()], "awslogs": {"data": "x"}},
        "awslogs": {"data": "x"}, "Records": [s3_record(bucket="other")], "detail-type": "Object Created",
        "Event": "s3:TestEvent",
    }  # fmt: skip
    for event in (hostile, sqs_event(hostile), sqs_event(sns_wrapped(hostile))):
        [item] = recognise(event, ALLOWED).messages[0].items
        assert isinstance(item, Records)


def test_a_call_on_eventbridge_keeps_its_bytes_where_it_comes_as_text():
    body = '{"detail-type": "AWS API Call via CloudTrail", "account": "%s", "detail": {"eventName" :  "A", "n": 1e400}}'
    [item] = recognise(sqs_event(body % ACCOUNT), ALLOWED).messages[0].items
    assert item.content == b'{"eventName" :  "A", "n": 1e400}'


def test_a_letter_that_has_only_the_beginning_is_kept_as_it_is():
    letter = write_letter(DeadLetter("long", "2026", "a.json", b'{"eventName":"A","eventSource":"b"', cut=True))
    [message] = recognise(sqs_event(letter.decode()), ALLOWED).messages
    [item] = message.items
    assert isinstance(item, Unusable)
    assert (item.raw, "send the whole of it again" in item.reason) == (letter, True)

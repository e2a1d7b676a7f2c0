"""Dead letters in AWS hold the record and the reason; what Lambda itself gave up beside them is shown as well."""

import json
import random

import pytest

from pipeline.delivery.aws_dead_letters import BoxedDeadLetters, open_dead_letters
from pipeline.delivery.box import BoxError, BoxPlace, S3Box, SqsBox
from pipeline.delivery.dead_letter import DeadLetter


def letters(*raws):
    return [DeadLetter("too odd", f"2026-03-01T00:00:0{at}Z", "a.json", raw, f"e-{at}") for at, raw in enumerate(raws)]


def test_letters_are_kept_in_a_queue_or_a_bucket(aws):
    some = letters(b"{", b"\xff\x00", "é".encode())
    for place in (BoxPlace(aws.queue()), BoxPlace(bucket=aws.bucket(), prefix="dead/")):
        store = open_dead_letters(place)
        store.put(some)
        kept = dict(store.read())
        assert sorted(kept.values(), key=lambda letter: letter.at) == some
        store.remove(kept)
        assert list(store.read()) == []


def test_large_letters_come_back_whole(aws):
    noise = random.Random(0).randbytes(1_500_000)
    store = BoxedDeadLetters(SqsBox(aws.queue(), S3Box(aws.bucket())))
    store.put(letters(b" " * 1_500_000, noise))
    assert sorted(letter.raw for _, letter in store.read()) == sorted([b" " * 1_500_000, noise])


def test_what_lambda_gave_up_is_shown_with_its_bytes(aws):
    store = BoxedDeadLetters(SqsBox(aws.queue()))
    store.box.put([b'{"awslogs": {"data": "H4sI"}}', b"[1]", b"no JSON"])
    assert sorted(letter.raw for _, letter in store.read()) == [b"[1]", b"no JSON", b'{"awslogs": {"data": "H4sI"}}']
    assert {letter.reason for _, letter in store.read()} <= {"given up by Lambda or by a queue"}


def test_the_same_letter_twice_is_kept(aws):
    store = BoxedDeadLetters(S3Box(aws.bucket()))
    store.put(letters(b"{"))
    store.put(letters(b"{"))
    assert {letter.raw for _, letter in store.read()} == {b"{"}


def test_a_large_letter_goes_with_its_object(aws):
    store = BoxedDeadLetters(SqsBox(aws.queue(), overflow := S3Box(aws.bucket(), "dead/")))
    store.put(letters(random.Random(0).randbytes(1_500_000)))
    [(name, _)] = store.read()
    assert overflow.count() == 1
    store.remove([name])
    assert (overflow.count(), store.count()) == (0, 0)


def test_a_message_that_points_elsewhere_is_not_followed(aws):
    """Whoever can send may name any object that we may read."""
    other, own = aws.bucket("other"), S3Box(aws.bucket(), "dead/")
    for bucket, key in ((other, "dead/a"), (own.bucket, "spill/a")):
        aws.client("s3").put_object(Bucket=bucket, Key=key, Body=b'{"reason":"secret"}')
        pointer = json.dumps({"oddtrail": "pointer", "bucket": bucket, "key": key}).encode()
        store = BoxedDeadLetters(SqsBox(aws.queue(), own))
        store.box.put([pointer])
        [(name, letter)] = store.read()
        assert (letter.reason, letter.raw) == ("given up by Lambda or by a queue", pointer)
        store.remove([name])
        assert aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()


@pytest.mark.parametrize(
    "body",
    [
        '{"oddtrail": "pointer", "bucket": 7, "key": {}}', '{"oddtrail": "packed", "data": "x"}', "[" * 50_000,
        '{"oddtrail": "packed", "data": "H4sI"}', '{"oddtrail": ["packed"]}', '{"reason": 7, "raw": ""}', "null",
    ],
)  # fmt: skip
def test_a_message_that_is_made_to_be_odd_is_shown_as_it_is(aws, body):
    store = BoxedDeadLetters(SqsBox(aws.queue(), S3Box(aws.bucket(), "dead/")))
    store.box.put([body.encode()])
    assert [letter.raw for _, letter in store.read()] == [body.encode()]


def test_a_large_letter_whose_object_is_gone_stays_to_be_seen(aws):
    store = BoxedDeadLetters(SqsBox(aws.queue(), S3Box(aws.bucket(), "dead/")))
    store.put(letters(random.Random(0).randbytes(1_500_000)))
    store.box.overflow.remove([key for key, _ in store.box.overflow.read()])
    [(_, letter)] = store.read()
    assert b"pointer" in letter.raw


def test_a_bucket_that_may_not_be_read_is_said(aws):
    with pytest.raises(BoxError, match="NoSuchBucket"):
        list(open_dead_letters(BoxPlace(bucket=f"{aws.name}-no")).read())

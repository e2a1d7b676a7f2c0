"""Dead letters in AWS hold the record and the reason; what Lambda itself gave up beside them is shown as well."""

import random

from pipeline.delivery.aws_dead_letters import S3Store, SqsStore, open_dead_letters
from pipeline.delivery.box import BoxPlace, S3Box
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
    store = SqsStore(aws.queue(), S3Box(aws.bucket()))
    store.put(letters(b" " * 1_500_000, noise))
    assert sorted(letter.raw for _, letter in store.read()) == sorted([b" " * 1_500_000, noise])


def test_what_lambda_gave_up_is_shown_with_its_bytes(aws):
    store = SqsStore(aws.queue())
    store.box.put([b'{"awslogs": {"data": "H4sI"}}', b"[1]", b"no JSON"])
    assert sorted(letter.raw for _, letter in store.read()) == [b"[1]", b"no JSON", b'{"awslogs": {"data": "H4sI"}}']
    assert {letter.reason for _, letter in store.read()} <= {"given up by Lambda or by a queue"}


def test_the_same_letter_twice_is_kept(aws):
    store = S3Store(aws.bucket())
    store.put(letters(b"{"))
    store.put(letters(b"{"))
    assert {letter.raw for _, letter in store.read()} == {b"{"}

"""Boxes in AWS: what was put is there, large or small, and what cannot be kept is said and not forgotten."""

import json
import random

import pytest

from pipeline.delivery.box import LARGEST, BoxError, BoxPlace, S3Box, SqsBox, open_box, read_place
from tests.pipeline.delivery.played_queue import PlayedQueue


@pytest.fixture(params=["queue", "bucket", "both"])
def box(request, aws):
    """Each kind of box."""
    queue = aws.queue() if request.param != "bucket" else ""
    bucket = aws.bucket() if request.param != "queue" else ""
    return open_box(BoxPlace(queue, bucket, "late/" if bucket else ""))


def test_what_is_put_is_there_until_it_is_removed(box):
    bodies = [json.dumps({"at": at}).encode() for at in range(23)]
    box.put(bodies)
    kept = dict(box.read())
    assert sorted(kept.values()) == sorted(bodies)
    box.remove(kept)
    assert list(box.read()) == []


def test_many_messages_that_are_too_large_together_are_sent_apart(aws):
    box = SqsBox(aws.queue())
    box.put([b"x" * 300_000] * 7)
    assert [len(body) for _, body in box.read()] == [300_000] * 7


def test_a_message_that_is_too_large_is_packed_or_lies_in_the_bucket(aws):
    noise = random.Random(0).randbytes(LARGEST).hex().encode()
    box = SqsBox(aws.queue(), S3Box(aws.bucket(), "late/"))
    box.put([b"x" * (LARGEST + 1), noise])
    first, second = (json.loads(body) for _, body in box.read())
    assert first["oddtrail"] == "packed"
    assert (second["oddtrail"], second["bucket"]) == ("pointer", box.overflow.bucket)
    assert box.overflow.get(second["key"]) == noise


def test_a_message_that_fits_nowhere_is_refused(aws):
    noise = random.Random(0).randbytes(LARGEST).hex().encode()
    with pytest.raises(BoxError, match=r"is too large for .*name a bucket beside it"):
        SqsBox(aws.queue()).put([noise])


@pytest.mark.parametrize(
    "place", ["https://sqs.eu-west-1.amazonaws.com/123456789012/nowhere", "s3://no-such-bucket-here/a"]
)
def test_what_is_not_there_is_said_with_its_name(aws, place):
    with pytest.raises(BoxError, match=r"cannot be used .*check its name and the role's permissions"):
        open_box(read_place(place)).put([b"{}"])


def test_what_a_queue_did_not_take_is_sent_again_and_then_said(aws, monkeypatch):
    sent = []

    class Lame:
        def send_message_batch(self, QueueUrl, Entries):
            sent.append([entry["Id"] for entry in Entries])
            return {"Successful": [{"Id": Entries[0]["Id"]}] if len(sent) == 1 else [], "Failed": [{"Id": "x"}]}

    monkeypatch.setattr("pipeline.delivery.box.client", lambda *asked: Lame())
    with pytest.raises(BoxError, match="did not take 1 of 2 messages"):
        SqsBox(aws.queue()).put([b"a", b"b"])
    assert sent == [["0", "1"], ["1"], ["1"]]


@pytest.mark.parametrize(
    "text",
    ["", "queue", "http://sqs.eu-west-1.amazonaws.com/1/q", "s3://", "s3://a s3://b", "https://x/y", "file:///x"],
)
def test_what_is_no_box_is_said(text):
    with pytest.raises(ValueError, match=r"neither a queue's|names no place"):
        read_place(text)


def test_a_place_may_be_a_queue_a_bucket_or_both():
    queue = "https://sqs.eu-west-1.amazonaws.com/111122223333/spill"
    assert read_place(queue) == BoxPlace(queue)
    assert read_place("s3://b/late") == BoxPlace("", "b", "late/")
    assert read_place(f"s3://b, {queue}") == BoxPlace(queue, "b")
    assert read_place(queue.replace("https", "sqs")) == BoxPlace(queue)
    assert read_place("sqs://127.0.0.1:5000/1/q") == BoxPlace("http://127.0.0.1:5000/1/q")


def test_what_was_read_and_not_removed_is_seen_by_others_again_at_once(box):
    box.put([b"a", b"b"])
    (name, _), _ = box.read()
    box.remove([name])
    box.release()
    assert len(list(box.read())) == 1


def test_what_is_there_is_counted_though_somebody_reads_it(box):
    assert box.count() == 0
    box.put([b"%d" % n for n in range(12)])
    next(box.read())
    assert box.count() == 12


def test_reading_a_queue_ends_though_messages_come_again_meanwhile(aws, monkeypatch):
    monkeypatch.setattr("pipeline.delivery.box._HIDDEN", 0)
    box = SqsBox(aws.queue())
    box.put([b"a"])
    [(name, _)] = box.read()
    box.remove([name])  # by the newest handle
    assert list(box.read()) == []


def test_what_a_queue_did_not_delete_is_removed_again_or_shown(monkeypatch):
    queue = PlayedQueue({"a": b"1", "b": b"2"}, [["a", "b"]])
    monkeypatch.setattr("pipeline.delivery.box.client", lambda *asked: queue)
    box = SqsBox("https://sqs.eu-west-1.amazonaws.com/1/q")
    names = [name for name, _ in box.read()]
    queue.fails = ["a", "a"]
    for _ in range(2):
        with pytest.raises(BoxError, match="AccessDenied"):
            box.remove(names)
    assert queue.hidden.keys() == {"a", "b"}
    box.remove(["a"])
    box.release()
    assert (list(queue.bodies), queue.hidden) == (["b"], {})


@pytest.mark.parametrize("again", [1, 2])
def test_reading_a_queue_goes_on_though_an_answer_brings_nothing_new(monkeypatch, again):
    """What was hidden by who reads comes again in between, in a long run."""
    queue = PlayedQueue({"a": b"1", "b": b"2", "c": b"3"}, [["a", "b"], *[["b", "a"]] * again, ["a", "c"], ["b"]])
    monkeypatch.setattr("pipeline.delivery.box.client", lambda *asked: queue)
    box = SqsBox("https://sqs.eu-west-1.amazonaws.com/1/q")
    assert [body for _, body in box.read()] == [b"1", b"2", b"3"]
    box.remove("abc")
    assert queue.bodies == {}, "by the newest handle of each"


def test_an_object_that_is_larger_than_any_of_ours_is_read_as_empty(aws, monkeypatch):
    monkeypatch.setattr("pipeline.delivery.box.LARGEST_OBJECT", 10)
    box = S3Box(aws.bucket())
    box.put([b"x" * 11])
    assert [body for _, body in box.read()] == [b""]


def test_an_object_that_somebody_removes_meanwhile_is_left_out(aws):
    box = S3Box(aws.bucket())
    box.put([b"a", b"b"])
    reading = box.read()
    next(reading)
    box.remove([name for name, _ in box.read()])
    assert list(reading) == []


def test_very_many_objects_are_counted_so_far_only(aws, monkeypatch):
    monkeypatch.setattr("pipeline.delivery.box._MOST_COUNTED", 2)
    page = {"KeyCount": 2, "IsTruncated": True, "NextContinuationToken": "more"}
    monkeypatch.setattr("pipeline.delivery.box.ask", lambda *asked, **named: page)
    assert S3Box("b").count() == 2


def test_without_a_region_it_is_said_in_one_line(aws, monkeypatch):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    with pytest.raises(BoxError, match=r"cannot be used \(NoRegionError\)"):
        list(SqsBox("https://queue.example.com/1/q").read())

"""Boxes in AWS: what was put is there, large or small, and what cannot be kept is said and not forgotten."""

import json
import random

import pytest

from pipeline.delivery.box import LARGEST, BoxError, BoxPlace, S3Box, SqsBox, open_box, read_place


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

"""What is handed over comes back as it was, in messages of bounded size."""

import json
import random

import pytest

from pipeline.delivery.box import LARGEST
from pipeline.delivery.item import LogEvents, Pointer, Records, S3Object, Spilled
from pipeline.delivery.spill import SpilledRecord, read_packed, read_spill, record_of, write_item, write_spills
from pipeline.documents.document import Transport
from pipeline.search.bulk import Document
from tests.records import a_record


def test_records_come_back_as_they_were_whatever_their_bytes():
    records = [SpilledRecord(bytes([at]) * at, "a", f"id-{at}", "o", "g", "s", "b", "k") for at in range(256)]
    [body] = write_spills(records)
    assert read_spill(body) == (records, 1)


def test_many_records_become_messages_that_a_queue_takes():
    draw = random.Random(0)
    raws = [json.dumps(a_record(eventID=str(at), requestID=draw.randbytes(16).hex())).encode() for at in range(20_000)]
    bodies = list(write_spills(SpilledRecord(raw, "a") for raw in raws))
    assert len(bodies) > 1
    assert max(map(len, bodies)) < LARGEST
    assert [record.raw for body in bodies for record in read_spill(body)[0]] == raws


def test_nothing_is_no_message():
    assert list(write_spills([])) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"{}", b'{"version": 2}', b'{"version": 1}', b'{"version": 1, "records": "*", "tries": 1}',
     b'{"version": 1, "records": "H4sI", "tries": 1}', b'{"version": 1, "records": 5, "tries": 1}'],
)  # fmt: skip
def test_what_is_no_spill_is_said(body):
    with pytest.raises(ValueError, match=r".+"):
        read_spill(body)
    with pytest.raises(ValueError, match=r".+"):
        read_packed(body)


def test_how_a_record_came_is_read_from_its_document():
    s3 = {"bucket": {"name": "b"}, "object": {"key": "k"}}
    fields = {"@id": "cw", "@owner": "1", "@log_group": "g", "@log_stream": "s", "aws": {"s3": s3}}
    body = json.dumps(fields).encode()
    assert record_of(Document("i", "e", body, b"raw")) == SpilledRecord(b"raw", "k", "cw", "1", "g", "s", "b", "k")
    assert record_of(Document("i", "e", b"{}", b"raw")) == SpilledRecord(b"raw", "")


def test_an_item_that_was_not_begun_is_written_as_what_brought_it():
    assert json.loads(write_item(LogEvents(b"packed"))[0]) == {"awslogs": {"data": "cGFja2Vk"}}
    assert json.loads(write_item(S3Object("b", "é\ufffe"))[0]) == {"s3Bucket": "b", "s3ObjectKey": ["é\ufffe"]}
    assert write_item(S3Object("b", "é\ufffe"))[0].isascii()  # a queue refuses some characters
    assert write_item(Spilled(b"body")) == [b"body"]
    assert json.loads(write_item(Pointer("b", "k"))[0]) == {"oddtrail": "pointer", "bucket": "b", "key": "k"}
    [body] = write_item(Records(b"{}", "message", Transport("o", "g", "s", ["cw"])))
    assert read_spill(body)[0] == [SpilledRecord(b"{}", "message", "cw", "o", "g", "s")]

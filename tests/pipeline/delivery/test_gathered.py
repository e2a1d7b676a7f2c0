"""Payloads as files for ingestion: a slice at a time, each record's id at its position."""

import gzip
import json

import pytest

from pipeline.delivery.gathered import PayloadError, of_records, of_spill, open_log_events
from pipeline.delivery.item import Records
from pipeline.delivery.spill import SpilledRecord
from pipeline.documents.document import Transport
from tests.pipeline.delivery.doors import packed_logs
from tests.records import a_record


def test_records_stand_at_the_position_of_their_ids_and_what_is_none_stands_alone():
    records = [json.dumps(a_record(eventID=str(at))) for at in range(4)]
    [slice_] = open_log_events(packed_logs([records[0], "odd", records[1], "{", records[2], records[3]])).slices
    told = {file.content: list(slice_.transports[file.digest[:16]].ids) for file in slice_.files}
    assert told == {
        b"odd": ["cw-1"],
        b"{": ["cw-3"],
        b'{"Records":[%b]}' % ",".join(records).encode(): ["cw-0", "cw-2", "cw-4", "cw-5"],
    }


def test_a_text_that_closes_the_list_early_stands_alone():
    """`…}, {…` is no record; were it put between others, every id after it would be another's."""
    one = json.dumps(a_record(eventID="1"))
    [slice_] = open_log_events(packed_logs([f"{one},{one}", one])).slices
    assert [list(transport.ids) for transport in slice_.transports.values()] == [["cw-0"], ["cw-1"]]


def test_slices_are_bounded_by_count_and_by_size():
    small, large = json.dumps(a_record()), json.dumps(a_record(requestParameters={"x": "y" * 1_000_000}))
    slices = list(open_log_events(packed_logs([small] * 4_001)).slices)
    assert [len(next(iter(slice_.transports.values())).ids) for slice_ in slices] == [2_000, 2_000, 1]
    assert len(list(open_log_events(packed_logs([large] * 9)).slices)) == 2


def test_records_that_came_in_several_ways_are_files_apart():
    records = [SpilledRecord(json.dumps(a_record()).encode(), name, "", log_group=name) for name in ("a", "a", "b")]
    [slice_] = of_spill(records)
    assert [(file.origin, slice_.transports[file.digest[:16]].log_group) for file in slice_.files] == [
        ("a", "a"),
        ("b", "b"),
    ]


@pytest.mark.parametrize(
    "packed", [b"", b"\x1f\x8b", gzip.compress(b"{}", mtime=0)[:-5], gzip.compress(bytes(65 << 20), mtime=0), b"plain"]
)
def test_what_cannot_be_opened_is_said(packed):
    with pytest.raises(PayloadError, match="damaged, cut off or inflates to more than 64 MiB"):
        open_log_events(packed)


@pytest.mark.parametrize("data", [b"{}", b"[]", b'{"messageType": 5}', b'{"logEvents": [{"id": {}}]}', b"\xff"])
def test_what_is_no_payload_is_left_to_ingestion(data):
    [slice_] = open_log_events(gzip.compress(data)).slices
    assert [file.content for file in slice_.files] == [data]


def test_records_of_a_message_are_one_file():
    slice_ = of_records(Records(b"{}", "EventBridge", Transport("1")))
    [file] = slice_.files
    assert (file.content, file.origin, file.delivery.account) == (b"{}", "EventBridge", "1")

"""Events for an operator: a line each, whatever was cut short before."""

from datetime import UTC, datetime

import pytest

from pipeline.errors import StoreError
from pipeline.stores.jsonl.operations import OperationsJsonl

AT = datetime(2026, 3, 2, tzinfo=UTC)


def test_events_are_added_and_read_in_order(tmp_path):
    events = OperationsJsonl(tmp_path / "operations.jsonl")
    assert events.every() == []
    events.add("model_refused", AT, "one", figures=[{"name": "calibration", "now": 4.0}])
    events.add("model_promoted", AT, "two\nlines")
    assert [event["text"] for event in events.every()] == ["one", "two\nlines"]
    assert events.every()[0]["figures"] == [{"name": "calibration", "now": 4.0}]


def test_a_line_that_was_cut_short_takes_no_other_with_it(tmp_path):
    events = OperationsJsonl(tmp_path / "operations.jsonl")
    events.path.write_bytes(b'{"at": "2026-0')
    events.add("model_refused", AT, "why")
    assert [event["kind"] for event in events.every()] == ["model_refused"]


def test_what_is_no_plain_file_is_told(tmp_path):
    events = OperationsJsonl(tmp_path / "operations.jsonl")
    events.path.symlink_to("/dev/zero")
    with pytest.raises(StoreError, match=r"operations\.jsonl"):
        events.every()
    with pytest.raises(StoreError, match=r"operations\.jsonl"):
        events.add("model_refused", AT, "why")

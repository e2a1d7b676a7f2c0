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


def test_what_was_said_last_of_a_kind_is_known_whatever_came_between(tmp_path):
    events = OperationsJsonl(tmp_path / "operations.jsonl")
    assert not events.ends_with("model_refused", "why")
    events.add("model_refused", AT, "why")
    events.add("model_promoted", AT, "another")
    assert events.ends_with("model_refused", "why")
    assert not events.ends_with("model_refused", "another")
    events.add("model_refused", AT, "x" * 5_000)
    assert events.ends_with("model_refused", "x" * 5_000)
    assert not events.ends_with("model_refused", "why")


def test_what_is_no_plain_file_is_told(tmp_path):
    events = OperationsJsonl(tmp_path / "operations.jsonl")
    events.path.symlink_to("/dev/zero")
    with pytest.raises(StoreError, match=r"operations\.jsonl"):
        events.every()
    with pytest.raises(StoreError, match=r"operations\.jsonl"):
        events.add("model_refused", AT, "why")

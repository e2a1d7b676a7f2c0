"""What only some records have or are."""

import json
import re

import pytest

from features.normalise.not_call import elsewhere, hashed_id, not_json, patched
from features.record.cloudtrail import Record


@pytest.mark.parametrize(
    ("record", "data", "told"),
    [
        (Record(event_category="Insight"), b"{}", "=insight"),
        (Record(event_type="AwsCloudTrailInsight"), b"{}", "=insight"),
        (Record(event_category="Aggregated"), b"{}", "=aggregated"),
        (Record(event_category="New<thing>"), b"{}", "=category New_thing_"),
        (Record(event_category="x" * 500), b"{}", "=category " + "x" * 40),
        (Record(), b'{"digestStartTime":"x"}', "=digest"),
        (Record(), b'{"Event":"s3:TestEvent"}', "=test event"),
        (Record(event_category="Management"), b"{}", "no eventName"),
    ],
)
def test_what_is_no_call(record: Record, data: bytes, told: str) -> None:
    assert elsewhere(record, data) == told


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"CWL CONTROL MESSAGE: Checking health of destination", "=control message"),
        (b'"CWL CONTROL MESSAGE: Checking health"', "=control message"),
        (b"", "empty"),
        (b" \n", "empty"),
        (b"text", "no JSON object"),
        (b"\xff\xfe", "no JSON object"),
    ],
)
def test_what_is_no_json(data: bytes, told: str) -> None:
    assert not_json(data) == told


def test_the_hash_is_that_of_the_canonical_record() -> None:
    record = {"b": [1, {"y": None, "x": 2.5}], "a": "é"}
    ids = {
        hashed_id(json.dumps(record).encode()),
        hashed_id(json.dumps(record, ensure_ascii=False, indent=3).encode()),
        hashed_id(json.dumps(dict(reversed(record.items()))).encode()),
    }
    assert len(ids) == 1
    assert re.fullmatch("sha256:[0-9a-f]{64}", ids.pop())
    assert hashed_id(b'{"a":NaN}') == hashed_id(b'{ "a" : NaN }') != hashed_id(b"{}")


@pytest.mark.parametrize(
    ("addendum", "original"),
    [
        (b'{"reason":"UPDATED_DATA","originalEventID":"first"}', "first"),
        (b'{"reason":"UPDATED_DATA"}', ""),
        (b'{"reason":"SERVICE_OUTAGE","originalEventID":"first"}', ""),
        (b'"UPDATED_DATA"', ""),
        (b"null", ""),
    ],
)
def test_only_an_update_corrects_a_record(addendum: bytes, original: str) -> None:
    assert patched(addendum) == original

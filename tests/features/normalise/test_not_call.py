"""What only some records have or are."""

import pytest

from features.normalise.not_call import elsewhere, not_json
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

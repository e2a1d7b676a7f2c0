"""Why a record becomes no event."""

import pytest

from features.normalise.problem import Fault, OtherKind, Problem, is_call, tell_problem, tell_problem_of_text
from features.record.cloudtrail import Record


@pytest.mark.parametrize(
    ("name", "category", "type_", "call"),
    [
        ("ListUsers", "Management", "AwsApiCall", True),
        ("ListUsers", None, None, True),
        ("GetObject", "Data", "AwsApiCall", True),
        ("GetObject", "NetworkActivity", "AwsVpceEvent", True),
        ("ListUsers", "Insight", None, False),
        ("ListUsers", "Novel", None, False),
        ("ListUsers", None, "AwsCloudTrailInsight", False),
        ("", "Management", "AwsApiCall", False),
        (None, "Management", "AwsApiCall", False),
    ],
)
def test_a_call_has_a_name_and_a_category_of_calls(
    name: str | None, category: str | None, type_: str | None, call: bool
) -> None:
    assert is_call(name, category, type_) is call


@pytest.mark.parametrize(
    ("record", "raw", "problem"),
    [
        (Record(event_category="Insight"), b"{}", OtherKind("insight")),
        (Record(event_type="AwsCloudTrailInsight"), b"{}", OtherKind("insight")),
        (Record(event_category="Aggregated"), b"{}", OtherKind("aggregated")),
        (Record(event_category="New<thing>"), b"{}", OtherKind("category New_thing_")),
        (Record(event_category="x" * 500), b"{}", OtherKind("category " + "x" * 40)),
        (Record(event_category="=odd"), b"{}", OtherKind("category _odd")),
        (Record(), b'{"digestStartTime":"x"}', OtherKind("digest")),
        (Record(), b'{"digestS3Object":"x"}', OtherKind("digest")),
        (Record(), b'{"Event":"s3:TestEvent"}', OtherKind("test event")),
        (Record(event_category="Management"), b"{}", Fault("no eventName")),
    ],
)
def test_a_record_that_is_no_call(record: Record, raw: bytes, problem: Problem) -> None:
    assert tell_problem(record, raw) == problem


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"CWL CONTROL MESSAGE: Checking health of destination", OtherKind("control message")),
        (b'"CWL CONTROL MESSAGE: Checking health"', OtherKind("control message")),
        (b"", Fault("empty")),
        (b" \n", Fault("empty")),
        (b"text", Fault("no JSON object")),
        (b"\xff\xfe", Fault("no JSON object")),
    ],
)
def test_a_record_without_an_object(raw: bytes, problem: Problem) -> None:
    assert tell_problem_of_text(raw) == problem


def test_a_fault_and_another_kind_are_never_the_same() -> None:
    assert Fault("digest") != OtherKind("digest")

"""Event times, read together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.normalise.event_time import EventTimes, read_event_times
from features.times.instant import SECOND, read_instant
from tests.records import NINE

USUAL = "2025-03-03T09:00:00Z"


def test_times_as_cloudtrail_writes_them() -> None:
    assert read_event_times([USUAL, "2025-03-03T09:00:59Z"]) == EventTimes([NINE, NINE + 59 * SECOND], [], [])


@pytest.mark.parametrize(
    "written",
    [
        "2025-03-03 09:00:00.000",  # Athena, Lake
        "2025-03-03 09:00:00.000 UTC",
        "2025-03-03 09:00:00",
        "2025-03-03T09:00:00.250Z",
        "2025-03-03T09:00:00+00:00",
    ],
)
def test_a_time_as_a_table_writes_it_is_read_and_nothing_unusual(written: str) -> None:
    assert read_event_times([USUAL, written]) == EventTimes([NINE] * 2, [], [])


@pytest.mark.parametrize(
    "written", ["2025-03-03T18:00:00+09:00", "2025-03-03T09:00", " 2025-03-03 09:00:00", "1740992400"]
)
def test_a_time_written_otherwise_is_read_and_is_unusual(written: str) -> None:
    assert read_event_times([USUAL, written, USUAL]) == EventTimes([NINE] * 3, [], [1])


@pytest.mark.parametrize("written", [None, "", "yesterday", "2025-03-03T09:00:60Z", "2025-13-03T09:00:00Z", "9" * 1000])
def test_a_time_that_cannot_be_read_is_told_and_takes_no_neighbour(written: str | None) -> None:
    assert read_event_times([USUAL, written]) == EventTimes([NINE, 0], [1], [1])


@given(st.lists(st.sampled_from([USUAL, "2024-02-29T23:59:59Z", "2025-02-29T00:00:00Z", "0", None]) | st.text()))
def test_it_says_what_reading_each_says(texts: list[str | None]) -> None:
    times = read_event_times(texts)
    each = [read_instant(text or "") for text in texts]
    assert times.instants == [instant or 0 for instant in each]
    assert times.unreadable == [row for row, instant in enumerate(each) if instant is None]
    assert set(times.unreadable) <= set(times.unusual)


def test_the_past_ends_where_aws_begins() -> None:
    times = read_event_times(["2005-12-31T23:59:59Z", "2006-01-01T00:00:00Z", "1970-01-01T00:00:00Z"])
    assert times.find_past() == [0, 2]
    assert read_event_times([USUAL]).find_past() == []


def test_what_is_later_than_the_latest() -> None:
    times = EventTimes([NINE, NINE + 1, NINE - 1], [], [])
    assert times.find_after(NINE) == [1]
    assert times.find_after(NINE + 1) == []

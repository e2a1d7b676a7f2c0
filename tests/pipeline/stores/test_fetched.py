"""Of an account-day that two sides counted one stands, and what the other has beside is told."""

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from pipeline.stores.fetched import (
    Fetched,
    count_hours,
    count_spans,
    find_unseen,
    list_spans,
    note_fetched,
    put_fetched,
    read_fetched,
)
from pipeline.stores.home import open_store

MONDAY = date(2026, 3, 2)
WHOLE = Fetched({"joint": "a" * 64}, "/mnt/shared", {"9": 4, "10": 4}, stands=True)


def days(*numbers: int, account: str = "1", stands: bool = True) -> dict[tuple[str, date], Fetched]:
    return {(account, MONDAY + timedelta(days=n)): Fetched({}, "/mnt/shared", {}, stands) for n in numbers}


@pytest.mark.parametrize(
    ("own", "stands", "lacks"),
    [
        ({"10": 3}, True, 0),
        ({"9": 4, "10": 4}, False, 0),
        ({"9": 4, "10": 5}, False, 0),
        ({"10": 2, "11": 5}, True, 5),
        ({"10": 4, "11": 9}, False, 4),
        ({}, True, 0),
    ],
)
def test_the_side_with_more_calls_stands_and_hours_that_it_lacks_are_told(own, stands, lacks):
    held = WHOLE.hold_against(own)
    assert (held.stands, held.lacks) == (stands, lacks)
    assert held.hold_against({"9": 4, "10": 4, "11": 9}).lacks == 0, "once all is ingested nothing is lacking"


def test_calls_are_counted_by_the_hour_of_whatever_zone():
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    table = pa.table({"hour": pa.array([at, at, at + timedelta(hours=1)], pa.timestamp("us", "Asia/Seoul"))})
    hour = int(at.timestamp()) // 3600
    counted = count_hours(table.append_column("calls", pa.array([1, 2, 5])))
    assert counted == {str(hour): 3, str(hour + 1): 5}
    assert Fetched({}, "", counted, True).list_hours() == [(at, 3), (at + timedelta(hours=1), 5)]


def test_what_is_noted_is_read_again_until_it_is_forgotten(tmp_path):
    with open_store(tmp_path) as store:
        put_fetched(store.state, "1", MONDAY, WHOLE)
        store.state.put_setting("activity/pulled/2/2026-03-02", {"joint": "a" * 64})  # as it was noted before
        assert read_fetched(store.state) == {("1", MONDAY): WHOLE}
        put_fetched(store.state, "1", MONDAY, None)
        assert read_fetched(store.state) == {}


def test_a_day_is_unseen_until_the_own_count_of_an_account_stands():
    fetched = days(0, 1, 2) | days(2, account="2")
    held = {*days(2, 3), *days(2, 3, account="2")}
    assert find_unseen(fetched, held) == MONDAY + timedelta(days=2), "a few calls of a day are not the day"
    assert find_unseen(fetched | days(2, account="2", stands=False), held) == MONDAY + timedelta(days=1)
    assert find_unseen({}, held) is None


def test_days_are_told_as_spans_by_place_and_account():
    fetched = days(0, 1, 3, 9) | days(4, stands=False) | days(0, account="2")
    spans = list_spans(fetched, MONDAY, MONDAY + timedelta(days=9))
    assert spans == {
        "/mnt/shared": {"1": ["2026-03-02/2026-03-03", "2026-03-05/2026-03-05"], "2": ["2026-03-02/2026-03-02"]}
    }
    assert count_spans(spans) == [("/mnt/shared", 4, "2026-03-02", "2026-03-05")]
    [note] = note_fetched(fetched, MONDAY, MONDAY + timedelta(days=9))
    assert note == "the activity of 4 account-days from 2026-03-02 to 2026-03-05 was fetched from /mnt/shared"


@pytest.mark.parametrize("noted", [None, {}, "text"])
def test_a_manifest_that_says_nothing_of_it_has_no_spans(noted):
    assert count_spans(noted) == []

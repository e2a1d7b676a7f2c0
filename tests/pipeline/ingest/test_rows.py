"""Rows as plain columns: what the normaliser says, and what the file and the address add to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from features.normalise.event import EVENT
from features.times.instant import micros
from pipeline.enrich.networks import Networks
from pipeline.enrich.places import Places
from pipeline.enrich.ranges import Ranges
from pipeline.ingest.rows import ORIGIN, Rows, Span
from tests.records import a_record, normalised

AT = datetime(2025, 3, 3, 9, 7, tzinfo=UTC)
GEO = Ranges.of([["203.0.113.0", "203.0.113.255", "64500", "Example"]])


def some_rows(*records: dict[str, Any], spans: list[Span] | None = None) -> Rows:
    places = Places(GEO, Networks.of([("10.0.0.0/8", "office")]))
    return Rows(normalised(records), spans or [Span("f", "o", 0, AT, 0)], places)


def test_there_is_every_column_of_an_event_in_order_and_where_its_file_lay() -> None:
    columns = some_rows(a_record(), a_record()).columns()
    assert list(columns) == [*(column.name for column in EVENT), ORIGIN]
    assert {len(values) for values in columns.values()} == {2}


def test_without_rows_there_are_the_same_columns() -> None:
    rows = some_rows()
    assert len(rows) == 0
    assert list(rows.columns()) == [*(column.name for column in EVENT), ORIGIN]
    assert set(map(len, rows.columns().values())) == {0}


def test_a_row_is_of_the_file_whose_span_its_record_lies_in() -> None:
    spans = [Span("one", "a", 40, AT, 0), Span("none", "b", 0, AT, 2), Span("two", "c", 7, None, 2)]
    records = [a_record(), a_record(eventTime="never"), a_record(), a_record(eventTime="2025-03-03T08:00:00Z")]
    columns = some_rows(*records, spans=spans).columns()
    assert columns["file"] == ["one", "two", "two"]
    assert columns[ORIGIN] == ["a", "c", "c"]
    assert columns["position"] == [40, 7, 8], "a record that is set aside has a position, too"


def test_delivery_is_what_the_file_says_else_five_minutes_after_the_call() -> None:
    spans = [Span("told", "a", 0, AT, 0), Span("untold", "b", 0, None, 1)]
    columns = some_rows(a_record(), a_record(), spans=spans).columns()
    told, assumed = columns["delivered_at"]
    assert told == micros(AT)
    assert assumed == columns["event_time"][1] + timedelta(minutes=5) // timedelta(microseconds=1)


def test_a_delivery_before_the_call_is_not_believed_unless_the_call_is_of_another_day() -> None:
    minute = timedelta(minutes=1) // timedelta(microseconds=1)
    calls = ("2025-03-03T09:06:59Z", "2025-03-03T09:07:30Z", "2025-03-03T10:23:00Z", "2125-03-03T09:00:00Z")
    columns = some_rows(*(a_record(eventTime=time) for time in calls)).columns()
    lags = [told - time for told, time in zip(columns["delivered_at"], columns["event_time"], strict=True)]
    assert lags[:3] == [minute // 60, 5 * minute, 5 * minute]
    assert columns["delivered_at"][3] == micros(AT)


def test_places_and_networks_are_looked_up() -> None:
    addresses = ("203.0.113.7", "10.1.2.3", "ec2.amazonaws.com")
    columns = some_rows(*(a_record(sourceIPAddress=address) for address in addresses)).columns()
    assert columns["asn"] == [64500, 0, 0]
    assert columns["organisation"] == ["Example", "", ""]
    assert columns["network"] == ["", "office", ""]
    assert columns["latitude"] == [None, None, None]

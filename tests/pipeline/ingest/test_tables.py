"""CSV and Parquet: whole, with odd rows, damaged and as bombs."""

import csv
import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.record.container import Contents
from pipeline.ingest import tables
from pipeline.ingest.inflate import Limits, Reading
from pipeline.ingest.tables import read_csv, read_header, read_parquet

NAMES = ("eventname", "eventsource", "eventtime", "useridentity", "requestparameters")


def a_row(number: int, **given: str) -> dict[str, str]:
    row = {"eventname": f"E{number}", "eventsource": "iam.amazonaws.com", "eventtime": "2026-03-01 09:00:00.000"}
    return {**row, "useridentity": "{type=Root, accountid=1}", "requestparameters": json.dumps({"a": 'b"\n,'}), **given}


def as_csv(rows: list[dict[str, str]], **given: Any) -> bytes:
    held = io.StringIO()
    writer = csv.DictWriter(held, NAMES, quoting=csv.QUOTE_ALL, **given)
    writer.writeheader()
    writer.writerows(rows)
    return held.getvalue().encode()


def of_csv(data: bytes, size: int = 1 << 20) -> Contents:
    known = read_header(data)
    assert known is not None
    whole = Contents()
    for found in read_csv((data[start : start + size] for start in range(0, len(data), size)), known):
        whole.extend(found)
    return whole


def of_parquet(table: pa.Table, limits: Limits | None = None) -> tuple[Contents, Reading]:
    held, reading, whole = io.BytesIO(), Reading(), Contents()
    pq.write_table(table, held)
    for found in read_parquet(held, reading, limits or Limits()):
        whole.extend(found)
    return whole, reading


def names(contents: Contents) -> list[str]:
    return [json.loads(bytes(record))["eventName"] for record in contents.records]


@pytest.mark.parametrize("given", [{}, {"delimiter": ";"}, {"delimiter": "\t"}, {"lineterminator": "\n"}])
@pytest.mark.parametrize("size", [5, 1 << 20])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_each_row_of_a_csv_is_a_record(given: Any, size: int, mark: bytes) -> None:
    contents = of_csv(mark + as_csv([a_row(number) for number in range(5)], **given), size)
    assert (names(contents), contents.broken) == ([f"E{n}" for n in range(5)], [])
    assert json.loads(bytes(contents.records[0]))["requestParameters"] == {"a": 'b"\n,'}


def test_a_row_with_other_columns_or_without_a_clear_caller_takes_no_neighbour() -> None:
    odd = as_csv([a_row(1, useridentity="{type=Root, username=x, type=y}")]).split(b"\n", 1)[1]
    contents = of_csv(as_csv([a_row(0)]) + b'"a","b"\r\n' + odd + as_csv([a_row(2)]).split(b"\n", 1)[1])
    assert names(contents) == ["E0", "E2"]
    assert [reason for reason, _ in contents.broken] == [
        "row has 2 of 5 columns",
        "a value of userIdentity or resources looks like one of its fields",
    ]


def test_a_quote_that_never_ends_is_one_piece_and_what_came_before_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "LONGEST_RECORD", 1 << 16)
    before = csv.field_size_limit()
    contents = of_csv(as_csv([a_row(0)]) + b'"' + b"x,\n" * 100_000)
    assert names(contents) == ["E0"]
    assert [reason[:15] for reason, _ in contents.broken] == ["CSV is damaged:"]
    contents = of_csv(as_csv([a_row(0)]) + b"x" * 300_000, 1 << 10)
    assert contents.broken[0][0] == "CSV is damaged: a line is longer than a record can be"
    assert csv.field_size_limit() == before


def test_a_csv_of_something_else_is_told() -> None:
    assert dict(of_csv(b"srcaddr,dstaddr\n1,2\n").other) == {"VPC flow logs": 1}
    assert "download it as JSON" in of_csv(b"Event name,Event time\nA,x\n").broken[0][0]
    assert read_header(b"a,b\n") is None
    assert read_header(b"\xff\xfe\n") is None


def test_each_row_of_parquet_is_a_record() -> None:
    rows = [a_row(number) | {"readonly": True} for number in range(600)]
    contents, reading = of_parquet(pa.Table.from_pylist(rows))
    assert (names(contents), reading.problem) == ([f"E{n}" for n in range(600)], "")


def test_structures_maps_and_nanoseconds_of_parquet_are_read() -> None:
    columns = {
        "eventname": pa.array(["A"]),
        "eventsource": pa.array(["s"]),
        "eventtime": pa.array([1772355600 * 10**9 + 7], pa.timestamp("ns")),
        "useridentity": pa.array([{"type": "Root", "accountid": "1"}]),
        "requestparameters": pa.array([[("a", "b")]], pa.map_(pa.string(), pa.string())),
    }
    held = io.BytesIO()
    pq.write_table(pa.table(columns), held, version="2.6")
    [found] = read_parquet(held, Reading(), Limits())
    assert json.loads(bytes(found.records[0])) == {
        "eventName": "A",
        "eventSource": "s",
        "eventTime": "2026-03-01T09:00:00Z",
        "userIdentity": {"type": "Root", "accountId": "1"},
        "requestParameters": {"a": "b"},
    }


def test_parquet_of_something_else_is_told() -> None:
    other = of_parquet(pa.table({"class_uid": [1], "metadata": [{"version": "1"}]}))[0].other
    assert dict(other) == {"OCSF": 1}
    assert dict(of_parquet(pa.table({"a": [1]}))[0].other) == {"other file": 1}


def test_parquet_that_is_damaged_or_a_bomb_is_told() -> None:
    table = pa.Table.from_pylist([a_row(number) for number in range(5)])
    held = io.BytesIO()
    pq.write_table(table, held)
    reading = Reading()
    assert list(read_parquet(io.BytesIO(held.getvalue()[:-20]), reading, Limits())) == []
    assert reading.problem.startswith("Parquet is damaged: ")
    big = pa.Table.from_pylist([a_row(0, useragent="x" * 100_000)] * 500)
    contents, reading = of_parquet(big, Limits(ratio_from=1 << 20))
    assert reading.problem == "file inflates more than 250-fold"
    assert sum(len(memoryview(record)) for record in contents.records) < 60 << 20
    _, reading = of_parquet(pa.table({"eventname": ["x" * (1 << 20)] * 9}), Limits(ratio=1, ratio_from=1))
    assert reading.problem.endswith("-fold")

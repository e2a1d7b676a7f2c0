"""Arrow columns of rows are those that plain Python makes of them, in the order of their segments."""

from typing import Any

import pyarrow as pa
import pytest

from features.normalise.event import EVENT
from features.normalise.normalised import OF_CALL, OF_CALLER, OF_ROW
from pipeline.enrich.networks import Networks
from pipeline.enrich.places import Places
from pipeline.enrich.ranges import Ranges
from pipeline.ingest.rows import Rows, Span
from pipeline.stores.parquet.columns import arrange_rows
from pipeline.stores.parquet.schema import STORED
from tests.records import a_record, a_root, a_service, an_assumed_role, an_sso_person, normalised

IDENTITIES = (None, a_root(), an_assumed_role("app"), an_sso_person(), a_service())
ADDRESSES = ("203.0.113.7", "10.1.2.3", "ec2.amazonaws.com", "2001:db8::1", "?")


def some_rows(count: int) -> Rows:
    """Rows that differ in all that rows share, of three files."""
    records: list[dict[str, Any]] = []
    for n in range(count):
        told: dict[str, Any] = {"sourceIPAddress": ADDRESSES[n % 5], "eventName": ("ListUsers", "CreateUser")[n % 2]}
        told |= {"errorCode": "AccessDenied"} if n % 7 == 0 else {}
        told |= {"eventTime": f"2025-03-0{1 + n % 3}T09:00:00Z"}
        records.append(a_record(IDENTITIES[n % len(IDENTITIES)], **told))
    spans = [
        Span("one", "a", 5, None, 0),
        Span("two", "b", 0, None, count // 3),
        Span("three", "c", 0, None, count // 2),
    ]
    geo = Ranges.of([["203.0.113.0", "203.0.113.255", "64500", "Example"]])
    return Rows(normalised(records), spans, Places(geo, Networks.of([("10.0.0.0/8", "office")])))


@pytest.mark.parametrize("count", [1, 2, 61])
def test_the_table_has_the_rows_that_plain_columns_have(count: int) -> None:
    rows = some_rows(count)
    table, arrangement = arrange_rows(rows)
    plain = pa.table(rows.columns(), STORED)
    decoded = pa.table([column.cast(STORED.field(at).type) for at, column in enumerate(table.columns)], STORED)
    assert decoded.equals(plain.take(arrangement.rows))
    decoded.validate(full=True)


def test_rows_that_share_a_value_share_a_text() -> None:
    table, _ = arrange_rows(some_rows(60))
    assert pa.types.is_dictionary(table.schema.field("principal").type)
    assert len(table.column("principal").chunk(0).dictionary) == len(IDENTITIES)
    assert table.column("raw").type == pa.binary()


def test_duplicates_are_taken_out_and_counted() -> None:
    record = a_record()
    rows = Rows(normalised([record, a_record(), record]), [Span("f", "o", 0, None, 0)], Places(None, Networks()))
    table, arrangement = arrange_rows(rows)
    assert (table.num_rows, arrangement.duplicates) == (2, 1)


def test_every_column_of_an_event_has_one_source() -> None:
    made = [*(name for names in OF_CALLER for name in names), *OF_CALL, *OF_ROW]
    assert len(made) == len(set(made))
    assert set(made) < {column.name for column in EVENT}

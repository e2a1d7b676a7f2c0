"""The fields of many records."""

from typing import Any

import msgspec
import pytest

from features.record.cloudtrail import ABSENT, Record, decode_record
from features.record.fields import Fields, Raws, Texts
from tests.records import a_record, raw


def test_the_columns_are_the_fields_of_a_record_in_their_order() -> None:
    assert Fields._fields == Record.__struct_fields__


def test_a_column_holds_what_its_field_may_hold() -> None:
    held: dict[Any, Any] = {msgspec.Raw: Raws, str | None: Texts}
    types = {field.name: field.type for field in msgspec.structs.fields(Record)}
    found = Fields.__annotations__
    assert all(found[name] == held[kind] for name, kind in types.items() if kind in held)
    assert [name for name, kind in types.items() if kind not in held] == ["read_only"]


def test_each_row_is_a_record() -> None:
    records = [decode_record(raw(a_record(eventName=name, tlsDetails=...))) for name in ("GetObject", "PutObject")]
    fields = Fields.of(records)
    assert fields.event_name == ("GetObject", "PutObject")
    assert [bytes(identity) for identity in fields.user_identity] == [bytes(each.user_identity) for each in records]
    assert all(absent is ABSENT for absent in fields.tls_details)


def test_there_are_no_columns_of_no_records() -> None:
    with pytest.raises(TypeError):
        Fields.of([])

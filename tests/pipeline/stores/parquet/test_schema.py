"""The schema of events is the same in Arrow as it is declared."""

import pyarrow as pa

from features.normalise.event import EVENT, Column
from pipeline.ingest.rows import ORIGIN
from pipeline.stores.parquet.schema import STORED, arrow_schema, complete


def test_every_column_has_its_arrow_type_in_its_order() -> None:
    schema = arrow_schema()
    assert schema.names == [column.name for column in EVENT]
    kinds = {column.type: schema.field(column.name).type for column in EVENT}
    assert kinds == {
        "string": pa.string(),
        "bool": pa.bool_(),
        "int32": pa.int32(),
        "int64": pa.int64(),
        "double": pa.float64(),
        "timestamp": pa.timestamp("us", tz="UTC"),
        "strings": pa.list_(pa.string()),
        "binary": pa.binary(),
    }


def test_other_columns_can_be_declared_likewise() -> None:
    assert arrow_schema((Column("n", "int64", None, ""),)) == pa.schema([("n", pa.int64())])


def test_what_is_stored_is_an_event_and_where_its_file_lay() -> None:
    assert arrow_schema().append(pa.field(ORIGIN, pa.string())) == STORED


def test_a_table_that_lacks_columns_is_completed_and_one_that_lacks_none_is_the_same() -> None:
    whole = STORED.empty_table()
    assert complete(whole).equals(whole)
    assert complete(whole.drop_columns(["session_name", "agent"])).schema == STORED

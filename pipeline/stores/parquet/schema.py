"""The event schema as Arrow, for the analytical side."""

import hashlib
from typing import Final

import pyarrow as pa

from features.normalise.event import EVENT, Column
from pipeline.ingest.rows import ORIGIN

_TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "bool": pa.bool_(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "double": pa.float64(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "strings": pa.list_(pa.string()),
    "binary": pa.binary(),
}


def arrow_schema(columns: tuple[Column, ...] = EVENT) -> pa.Schema:
    """Arrow schema of typed columns, in their order.

    >>> arrow_schema().field("event_time").type
    TimestampType(timestamp[us, tz=UTC])
    """
    return pa.schema([pa.field(column.name, _TYPES[column.type]) for column in columns])


def complete(table: pa.Table) -> pa.Table:
    """A table of events in the order of `STORED`; a column that was unknown when it was written is null.

    >>> complete(pa.table({"event_id": ["x"]})).column("session_name").to_pylist()
    [None]
    """
    for field in STORED:
        if field.name not in table.column_names:
            table = table.append_column(field, pa.nulls(table.num_rows, field.type))
    return table.select(STORED.names)


STORED = arrow_schema().append(pa.field(ORIGIN, pa.string()))
"""Schema of a segment of events."""
SHAPE: Final = hashlib.sha256(str(STORED).encode()).hexdigest()[:8]
"""Names it. Segments' files end in it, so that those of today's columns are known without being opened."""

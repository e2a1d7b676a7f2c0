"""What a coordinator and its shards say to each other: a word, values as JSON holds them, and Arrow tables.

The same bytes go through a pipe and through a file, and nothing of them is ever run: they are read as data.
"""

import json
import struct
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import pyarrow as pa

from pipeline.errors import StoreError

_LENGTH: Final = struct.Struct(">Q")
_MOST_HEADER: Final = 1 << 30
"""Bytes of words and values at most."""


class Message(NamedTuple):
    """One thing that is said."""

    what: str
    values: Mapping[str, Any] = {}
    tables: Mapping[str, pa.Table] = {}


def encode(message: Message) -> bytes:
    """A message as bytes.

    >>> decode(encode(Message("grow", {"since": 1}, {"rows": pa.table({"a": [1, 2]})}))).tables["rows"].num_rows
    2
    """
    parts = {name: _write(table) for name, table in message.tables.items()}
    sizes = [[name, len(part)] for name, part in parts.items()]
    header = json.dumps({"what": message.what, "values": message.values, "tables": sizes}).encode()
    return b"".join([_LENGTH.pack(len(header)), header, *parts.values()])


def decode(data: bytes) -> Message:
    """The message that some bytes are.

    Raises
    ------
    StoreError
        They are none.
    """
    try:
        [length] = _LENGTH.unpack_from(data)
        if length > min(_MOST_HEADER, len(data)):
            raise ValueError("cut off")
        at = _LENGTH.size + length
        header = json.loads(data[_LENGTH.size : at])
        tables = {}
        for name, size in header["tables"]:
            if at + size > len(data):
                raise ValueError("cut off")
            tables[str(name)] = pa.ipc.open_stream(pa.py_buffer(data).slice(at, size)).read_all()
            at += size
        return Message(str(header["what"]), dict(header["values"]), tables)
    except (ValueError, TypeError, KeyError, RecursionError, struct.error, pa.ArrowException) as error:
        raise StoreError(f"what a shard says cannot be read ({error}): see that all run the same oddtrail") from error


def _write(table: pa.Table) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()

"""What is said between coordinator and shards arrives as it was, or is refused."""

import struct

import pyarrow as pa
import pytest

from pipeline.detect.shards.message import Message, decode, encode
from pipeline.errors import StoreError

ROWS = pa.table({"who": ["ana", None], "at": pa.array([1, 2], pa.timestamp("us", tz="UTC"))})


def test_a_message_arrives_as_it_was() -> None:
    said = Message("grow", {"since": 1, "files": ["a", "é"]}, {"rows": ROWS, "none": ROWS.slice(0, 0)})
    assert decode(encode(said)) == said
    assert decode(encode(Message("days"))) == Message("days")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 8,
        encode(Message("grow", {}, {"rows": ROWS}))[:-9],
        struct.pack(">Q", 2**60) + b"{}",
        struct.pack(">Q", 2) + b"[]",
        struct.pack(">Q", 40) + b'{"what":1,"values":{},"tables":[["a",9]]}',
        struct.pack(">Q", 2**15) + b"[" * 2**15,
    ],
)
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        decode(data)

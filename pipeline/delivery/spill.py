"""What an invocation could not finish, as messages that bring it back: records with how they came.

A spill is records and not documents, so whoever can write to its queue can no more than whoever can write a trail.
"""

import base64
import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from pipeline.delivery.item import Item, LogEvents, Pointer, Records, S3Object, Spilled
from pipeline.documents.document import Transport
from pipeline.ingest.inflate import inflate_payload
from pipeline.search.bulk import Document

MARK: Final = "oddtrail"
"""Member that makes an object one of ours; its value says which."""
SPILLED: Final = "spilled"
POINTER: Final = "pointer"
PACKED: Final = "packed"
_BYTES: Final = 4 << 20
"""Of records in one spill: packed, and as text, about half a megabyte."""
_TRANSPORT: Final = ("owner", "log_group", "log_stream", "bucket", "key")


class SpilledRecord(msgspec.Struct, frozen=True, array_like=True):
    """A record that has to be worked on again."""

    raw: bytes
    origin: str
    id: str = ""
    """CloudWatch's, where it came from there."""
    owner: str = ""
    log_group: str = ""
    log_stream: str = ""
    bucket: str = ""
    key: str = ""

    @property
    def transport(self) -> Transport:
        """How it came, but for its id."""
        return Transport(self.owner, self.log_group, self.log_stream, (), self.bucket, self.key)


class _Body(msgspec.Struct):
    """What a document says of how its record came."""

    id: str = msgspec.field(name="@id", default="")
    owner: str = msgspec.field(name="@owner", default="")
    log_group: str = msgspec.field(name="@log_group", default="")
    log_stream: str = msgspec.field(name="@log_stream", default="")
    aws: dict[str, Any] = {}


_body = msgspec.json.Decoder(_Body).decode
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list[SpilledRecord]).decode


def record_of(document: Document) -> SpilledRecord:
    """The record of a document that was not sent.

    >>> record_of(Document("i", "e-1", b'{"@id":"cw-1","@log_group":"trail"}', b"raw")).log_group
    'trail'
    """
    body = _body(document.body)
    s3 = body.aws.get("s3", {})
    bucket, key = s3.get("bucket", {}).get("name", ""), s3.get("object", {}).get("key", "")
    return SpilledRecord(
        document.raw, key or body.log_stream, body.id, body.owner, body.log_group, body.log_stream, bucket, key
    )


def write_spills(records: Iterable[SpilledRecord], tries: int = 1) -> Iterator[bytes]:
    """Messages that bring records back, each of a bounded size.

    Parameters
    ----------
    tries
        How often they have been spilled, this time included.
    """
    some: list[SpilledRecord] = []
    size = 0
    for record in records:
        if some and size + len(record.raw) > _BYTES:
            yield _write(some, tries)
            some, size = [], 0
        some.append(record)
        size += len(record.raw)
    if some:
        yield _write(some, tries)


def _write(records: Sequence[SpilledRecord], tries: int) -> bytes:
    packed = base64.b64encode(gzip.compress(_pack(records), 6, mtime=0)).decode()
    at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return msgspec.json.encode(
        {MARK: SPILLED, "version": 1, "tries": tries, "at": at, "count": len(records), "records": packed}
    )


def read_spill(body: bytes) -> tuple[list[SpilledRecord], int]:
    """Records of a spill, and how often they have been spilled.

    Raises
    ------
    ValueError
        It is none; says why.

    Examples
    --------
    >>> [spill] = write_spills([SpilledRecord(b"raw", "a.json")], tries=2)
    >>> read_spill(spill)[0][0].raw, read_spill(spill)[1]
    (b'raw', 2)
    """
    try:
        fields = msgspec.json.decode(body)
        if fields["version"] != 1:
            raise ValueError(f"a spill of version {str(fields['version'])[:20]}: update the function")
        data = inflate_payload(base64.b64decode(fields["records"], validate=True))
        if data is None:
            raise ValueError("a spill whose records cannot be inflated")
        return _unpack(data), int(fields["tries"])
    except (msgspec.DecodeError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"a spill that cannot be read: {type(error).__name__}") from error


def write_pointer(bucket: str, key: str) -> bytes:
    """A message that says where one lies that was too large for a queue."""
    return json.dumps({MARK: POINTER, "bucket": bucket, "key": key}).encode()


def write_packed(body: bytes) -> bytes:
    """A message that is too large for a queue, made smaller.

    >>> read_packed(write_packed(b"x" * 1_000)) == b"x" * 1_000
    True
    """
    data = base64.b64encode(gzip.compress(body, 6, mtime=0)).decode()
    return json.dumps({MARK: PACKED, "data": data}).encode()


def read_packed(body: bytes) -> bytes:
    """The message in a packed one; ValueError where it is none."""
    try:
        data = inflate_payload(base64.b64decode(msgspec.json.decode(body)["data"], validate=True))
    except (msgspec.DecodeError, KeyError, TypeError, RecursionError) as error:
        raise ValueError("a packed message that cannot be read") from error
    if data is None:
        raise ValueError("a packed message that cannot be inflated")
    return data


def write_item(item: Item, tries: int = 1) -> list[bytes]:
    """Messages that bring back an item on which no work was begun.

    >>> write_item(Pointer("spills", "a"))
    [b'{"oddtrail": "pointer", "bucket": "spills", "key": "a"}']
    """
    if isinstance(item, LogEvents):
        return [msgspec.json.encode({"awslogs": {"data": base64.b64encode(item.packed).decode()}})]
    if isinstance(item, S3Object):
        return [json.dumps({"s3Bucket": item.bucket, "s3ObjectKey": [item.key]}).encode()]
    if isinstance(item, Spilled):
        return [item.body]
    if isinstance(item, Pointer):
        return [write_pointer(item.bucket, item.key)]
    if isinstance(item, Records):
        how = {name: getattr(item.transport, name) for name in _TRANSPORT}
        record = SpilledRecord(item.content, item.origin, next(iter(item.transport.ids), ""), **how)
        return list(write_spills([record], tries))
    return []

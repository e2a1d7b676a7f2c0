"""Records in a well-formed JSON value, whatever wraps them.

One rule serves for all wrappings: a record is an object with a record's own members; whatever else is an object or a
list is looked into, and so is text that stands where some sender puts a record as text. What an object is, is told by
its own members and never by what is inside them. So nothing that a caller writes into a request, a tag or an agent can
make a record look like a wrapping, or itself look like a record.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import msgspec

from features.record.foreign import S3_NOTIFICATION, name_of_lines, name_of_members
from features.record.repair import DECODE_ERRORS
from features.record.row import AmbiguousRowError, read_columns

Record: TypeAlias = bytes | msgspec.Raw
Members: TypeAlias = Mapping[str, Record]
Unpack: TypeAlias = Callable[[bytes], bytes | None]
"""Opens base64 of gzip; None where it cannot be opened."""

INSIDE: Final = 2
"""Levels of objects in which a record is looked for: what lies deeper is what a record itself may hold."""
MOST_TEXTS: Final = 3
"""Documents within texts of documents: a queue's message around a notification around a payload."""
_RECORD_KEYS: Final = frozenset({"eventName", "eventSource", "userIdentity"})
"""Each of these alone makes an object a record, however damaged."""
_TELLING: Final = frozenset({"eventVersion", "eventTime", "eventID", "eventCategory", "recipientAccountId"})
"""Two of these do."""
LISTS: Final[Mapping[str, str]] = {
    "Records": "", "logEvents": "message", "Events": "CloudTrailEvent", "events": "message", "hits": "",
}  # fmt: skip
"""Lists of which each item is a record or wraps one, with the member in which it is text; what cannot be read in them
is set aside one by one."""
_TEXTS: Final = frozenset(
    {"message", "@message", "Message", "body", "_raw", "raw", "log", "data", "eventJson", "CloudTrailEvent"}
)
"""Members that hold a record, or a wrapping, as text."""
PACKED: Final = b"H4sI"
"""How base64 of gzip begins."""
_COLUMNS: Final = frozenset({"eventname", "event_name"})
"""A member with one of these names is a column of Athena's: the object is a row of a table."""
_ACTIONS: Final = frozenset({"index", "create", "update", "delete"})
"""The lines between the documents of a search engine's bulk request."""

_LONGEST_JUNK: Final = 1 << 20
_LONGEST_NAME: Final = 256
SMALL: Final = 64
"""Bytes; a list of smaller items is looked at item by item: CloudTrail's records have 400 at least."""


class _Usual(msgspec.Struct):
    """What nearly every record has."""

    eventName: msgspec.Raw = msgspec.Raw(b"")  # noqa: N815
    eventSource: msgspec.Raw = msgspec.Raw(b"")  # noqa: N815


_usual = msgspec.json.Decoder(_Usual).decode
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
decode_items = msgspec.json.Decoder(list[msgspec.Raw]).decode
_string = msgspec.json.Decoder(str).decode


@dataclass
class Contents:
    """What a document holds, in order."""

    records: list[Record] = field(default_factory=list)
    other: Counter[str] = field(default_factory=Counter)
    """What is counted but is no record, by name."""
    broken: list[tuple[str, bytes | bytearray]] = field(default_factory=list)
    """Pieces in which no record could be found: why, and the bytes."""
    cut: bool = field(default=False, compare=False)
    """Of one of these pieces, only the beginning is there."""
    _junk_at: int = field(default=-1, compare=False)
    """How many records there were when the last piece was added; what follows it at once is the same piece."""

    def set_aside(self, reason: str, piece: Record | bytearray) -> None:
        """Keep a piece that is no record; pieces that follow each other for the same reason are one."""
        data = bytes(piece)
        if self._junk_at == len(self.records) and self.broken and self.broken[-1][0] == reason:
            held = self.broken[-1][1]
            if len(held) < _LONGEST_JUNK:
                joined = held if isinstance(held, bytearray) else bytearray(held)
                joined += b"," + data
                self.broken[-1] = (reason, joined)
            else:
                self.cut = True
            return
        self.broken.append((reason, data))
        self._junk_at = len(self.records)

    def extend(self, more: "Contents") -> None:
        """Add what comes after it."""
        for reason, piece in more.broken if not more.records else ():
            self.set_aside(reason, piece)
        self.records += more.records
        self.other += more.other
        self.broken += more.broken if more.records else ()
        self.cut |= more.cut


def take(data: bytes, found: Contents, unpack: Unpack) -> None:
    """Add what a well-formed JSON value holds.

    Raises
    ------
    msgspec.DecodeError
        It is not well-formed.

    Examples
    --------
    >>> found = Contents()
    >>> take(b'{"detail": {"eventName": "A"}, "tags": {"message": "{}"}}', found, lambda packed: None)
    >>> [bytes(record) for record in found.records]
    [b'{"eventName": "A"}']
    """
    data = data.strip()
    if data[:1] == b"[":
        take_items(decode_items(data), found, unpack)
    elif data[:1] == b"{":
        if not _Wrapping(found, unpack).object(data):
            found.records.append(data)
    else:
        msgspec.json.decode(data, type=msgspec.Raw)
        found.set_aside("no JSON object", data)


def take_items(items: Sequence[Record], found: Contents, unpack: Unpack, size: int | None = None) -> None:
    """Add the items of a list of records, or of what wraps them.

    Parameters
    ----------
    size
        Bytes of all items together; where it is given and they are of a record's size, the first one tells what they
        all are.
    """
    if items and size is not None and len(items) * SMALL <= size and is_record(items[0]):
        found.records += items
    else:
        _Wrapping(found, unpack).items(items, each=True)


def is_record(value: Record) -> bool:
    """Whether a value is a record, by its own members.

    >>> is_record(b'{"eventName": "A"}'), is_record(b'{"tags": {"eventName": "A"}}'), is_record(b"[]")
    (True, False, False)
    """
    try:
        usual = _usual(value)
        name, source = bytes(usual.eventName), bytes(usual.eventSource)
        if name.startswith(b'"') and source.startswith(b'"') and not _notified(source):
            return True
        return _is_record(_members(value))
    except DECODE_ERRORS:
        return False


def _is_record(members: Members) -> bool:
    if _notified(members.get("eventSource", b"")):
        return False
    return not _RECORD_KEYS.isdisjoint(members) or len(_TELLING & members.keys()) > 1


def _notified(source: Record) -> bool:
    """Whether this is the source of an event that AWS hands to a function, and of no call."""
    return _starts(source, b'"aws:')


def _starts(value: Record, prefix: bytes) -> bool:
    return value.startswith(prefix) if isinstance(value, bytes) else bytes(memoryview(value)[: len(prefix)]) == prefix


def _counted_as(members: Members) -> str:
    """Name of what an object is that is no record and wraps none; "" for others."""
    if _starts(members.get("messageType", b""), b'"CONTROL_MESSAGE"'):
        return "control message"
    if _starts(members.get("Records", b""), b"null"):
        return "no records"
    if len(members) == 1 and not _ACTIONS.isdisjoint(members):
        return "bulk action"
    if "eventSource" in members and "s3" in members:
        return S3_NOTIFICATION
    return name_of_members(members, lambda member: bytes(memoryview(members[member])[:_LONGEST_NAME]))


class _Wrapping:
    """The way into a wrapping. Each method adds what it finds, and answers whether it knew what it saw."""

    def __init__(self, found: Contents, unpack: Unpack, texts: int = 0) -> None:
        self._contents, self._unpack, self._texts = found, unpack, texts

    def object(self, data: Record, depth: int = 0) -> bool:
        members = _members(data)
        if _is_record(members):
            self._contents.records.append(data)
            return True
        if not _COLUMNS.isdisjoint(members) and self._row(msgspec.json.decode(data)):
            return True
        if name := _counted_as(members):
            self._contents.other[name] += 1
            return True
        if not members:
            return True
        # until one holds something; what a sender made of the record before what lies inside
        return (
            self._original(members)
            or _any(self._text(value, "timestamp" in members) for value in _texts_of(members))
            or _any(self.items(decode_items(v), key in LISTS) for key, v in members.items() if _starts(v, b"["))
            or (depth < INSIDE and _any(self.object(v, depth + 1) for v in members.values() if _starts(v, b"{")))
        )

    def items(self, items: Sequence[Record], each: bool) -> bool:
        """With `each`, an item that is not known is a record that could not be read."""
        return _any(self._item(item, each) for item in items) or (each and bool(items))

    def _item(self, item: Record, each: bool) -> bool:
        if _starts(item, b"{"):
            if self.object(item):
                return True
            if each and len(memoryview(item)) >= SMALL:
                self._contents.records.append(item)  # whoever normalises records says why it is none
                return True
        elif _starts(item, b"[") and not each:
            items = decode_items(item)
            row = _row_of(items)
            return self._row(row) if row else self.items(items, each=False)
        elif _starts(item, b'"') and self._text(item, each=False):
            return True
        if each:
            self._contents.set_aside("no JSON object", item)
        return each

    def _row(self, row: Mapping[str, Any]) -> bool:
        """A row of a table, as an answer to a query or a document of its own."""
        table = read_columns(list(row))
        try:
            if table.of_records:
                self._contents.records.append(table.record(row))
            elif table.problem:
                self._contents.set_aside(table.problem, msgspec.json.encode(row))
            else:
                return False
        except AmbiguousRowError as error:
            self._contents.set_aside(str(error), msgspec.json.encode(row))
        return True

    def _original(self, members: Members) -> bool:
        """The text in `event.original`, where Elastic's agents keep the record."""
        event = members.get("event", b"")
        original = _members(event).get("original") if _starts(event, b"{") else None
        return original is not None and self._text(original, each=False)

    def _text(self, value: Record, each: bool) -> bool:
        """With `each`, a text stands for a record whatever it holds."""
        try:
            data = _string(value).encode("utf-8", "surrogatepass").strip()
        except DECODE_ERRORS:
            return False
        opened = self._unpack(data) if data.startswith(PACKED) else data
        if opened is not None and opened[:1] in (b"{", b"[") and self._texts < MOST_TEXTS:
            inner = _Wrapping(self._contents, self._unpack, self._texts + 1)
            try:
                opened.decode()
                if inner.items(decode_items(opened), each=True) if opened[:1] == b"[" else inner.object(opened):
                    return True
            except DECODE_ERRORS:
                each = True  # whoever repairs records can read it, if anybody can
        if each and (name := name_of_lines([data])):
            self._contents.other[name] += 1
        elif each:
            self._contents.records.append(data if opened is None else opened)
        return each


def _any(answers: Iterable[bool]) -> bool:
    """Whether one is true, all of them asked for."""
    return sum(answers) > 0


def _row_of(items: Sequence[Record]) -> dict[str, Any] | None:
    """The row of which each item is a column, where two at least are columns of a record and none holds it whole."""
    if len(items) < 2 or not all(_starts(item, b"{") for item in items):
        return None
    row: dict[str, Any] = {}
    for members in map(_members, items):
        if members.keys() == {"field", "value"}:
            row[str(msgspec.json.decode(members["field"]))] = msgspec.json.decode(members["value"])
        elif len(members) == 1:
            row.update((name, msgspec.json.decode(value)) for name, value in members.items())
        else:
            return None
    table = read_columns(list(row))
    return row if table.problem or (table.of_records and not table.text) else None


def _texts_of(members: Members) -> list[Record]:
    """Members that may hold a record as text; of a query's answer, the field that does."""
    if members.keys() == {"field", "value"}:
        return [members["value"]] if _starts(members["field"], b'"@message"') else []
    return [value for key, value in members.items() if key in _TEXTS and _starts(value, b'"')]

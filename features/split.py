"""Records of a document, one by one, whatever wraps them and however broken it is.

A well-formed document is decoded in one pass to the bytes of its records. Anything else is scanned for brackets outside
strings: what lies between two brackets is handed on as it is, so that a bad record takes no neighbour with it. The scan
is linear in the document and knows no depth. What is wrapped is taken out: `{"Records": […]}`, a bare array, values one
after another (a line each or not), one record, a CloudWatch Logs subscription payload, an EventBridge event, the answer
of LookupEvents.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from features.brackets import Member, members, value_end
from features.repair import BOM, UNREADABLE, read

LONGEST_RECORD: Final = 16 << 20
"""Bytes within which a record's brackets must close. CloudTrail's records have at most 256 KB (1 MB in event stores)."""
_EFFORT: Final = 8
"""Bytes that may be looked at for each byte of a document; what is left then is one broken piece."""
_LISTS: Final = {b"Records": "Records", b"logEvents": "logEvents", b"Events": "Events"}
_FIRST_KEY = (
    rb'"(?:eventVersion|userIdentity|eventTime|eventSource|eventName|awsRegion|sourceIPAddress|userAgent|'
    rb'requestParameters|responseElements|requestID|eventID|eventType|recipientAccountId|eventCategory)"\s*:'
)
_NEW_RECORD = re.compile(rb"[,\[\n]\s*+(\{\s*+" + _FIRST_KEY + rb")")


@dataclass
class Split:
    """What a document holds."""

    records: list[bytes | msgspec.Raw] = field(default_factory=list)
    other: Counter[str] = field(default_factory=Counter)
    """What is counted but is no record, by name."""
    broken: list[tuple[str, bytes]] = field(default_factory=list)
    """Pieces in which no record could be found: why, and the bytes."""


class _Document(msgspec.Struct):
    """Keys that tell what a JSON object in a delivered file is."""

    Records: list[msgspec.Raw] | None | msgspec.UnsetType = msgspec.UNSET
    logEvents: list[msgspec.Raw] | None | msgspec.UnsetType = msgspec.UNSET  # noqa: N815
    Events: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET
    messageType: str | msgspec.UnsetType = msgspec.UNSET  # noqa: N815
    detail: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    detail_type: str | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="detail-type")


_decode_document = msgspec.json.Decoder(_Document).decode
_decode_array = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_value = msgspec.json.Decoder(msgspec.Raw).decode


def split(data: bytes) -> Split:
    """Records of a document.

    >>> [bytes(record) for record in split(b'{"Records": [{"eventID": "1"}, {"eventID": "2"}]}').records]
    [b'{"eventID": "1"}', b'{"eventID": "2"}']
    >>> cut = split(b'{"Records": [{"eventID": "1"}, {"eventID": "2", "eve')
    >>> cut.records, cut.broken
    ([b'{"eventID": "1"}'], [('document ends within a record', b'{"eventID": "2", "eve')])
    """
    data = data.removeprefix(BOM).strip()
    found = Split()
    if data and not _decoded(data, found):
        found = Split()
        _Scan(data, found).run()
    return found


def _decoded(data: bytes, found: Split) -> bool:
    """Take a well-formed document apart; False when it is not one."""
    try:
        if data[:1] == b"[":
            items = _decode_array(data)
            if items and _wraps(bytes(items[0])):
                for item in items:
                    _object(bytes(item), found)
            else:
                found.records += items
            return True
        if data[:1] != b"{":
            return False
        _object(data, found)
        return True
    except UNREADABLE:
        return False


def _wraps(item: bytes) -> bool:
    return any(member.key in _LISTS or member.key == b"detail" for member in members(item))


def _object(data: bytes, found: Split) -> None:
    document = _decode_document(data)
    if isinstance(document.Records, list):
        found.records += document.Records
    elif document.messageType == "CONTROL_MESSAGE":
        found.other["control message"] += 1
    elif isinstance(document.logEvents, list):
        for item in document.logEvents:
            _wrapped_text(bytes(item), "message", found)
    elif isinstance(document.Events, list):
        for item in document.Events:
            _wrapped_text(bytes(item), "CloudTrailEvent", found)
    elif isinstance(document.detail, msgspec.Raw) and isinstance(document.detail_type, str):
        found.records.append(document.detail)
    elif document.Records is msgspec.UNSET and document.logEvents is msgspec.UNSET and data.strip(b"{} \t\r\n"):
        found.records.append(data)
    # else `{}` or `{"Records": null}`: a document without records


def _wrapped_text(item: bytes, key: str, found: Split) -> None:
    """A record that is JSON text in a member of an object."""
    document = read(item)
    text = document.get(key) if document else None
    if isinstance(text, str):
        found.records.append(text.encode("utf-8", "surrogatepass"))
    elif isinstance(text, dict):
        found.records.append(msgspec.json.encode(text))
    else:
        found.records.append(item)  # no record either: the normaliser says why


class _Scan:
    """The way through a document that no decoder takes."""

    def __init__(self, data: bytes, found: Split) -> None:
        self.data = data
        self.found = found
        self.effort = _EFFORT * len(data) + LONGEST_RECORD

    def run(self) -> None:
        data = self.data
        if data.startswith((b"[", b"{")) or b"\n{" in data:
            self._values(0, len(data), b"")
        else:
            self.found.broken.append(("no JSON document", data))

    def _values(self, at: int, stop: int, closing: bytes) -> int:
        """Values one after another, up to the closing bracket, the end, or what is no value; returns where it ends."""
        data, junk = self.data, at
        while at < stop:
            character = data[at : at + 1]
            if character == closing:
                self._junk(junk, at)
                return at + 1
            if character in b" \t\r\n,\0":
                if data[junk:at].strip(b" \t\r\n,\0") == b"":
                    junk = at + 1
                at += 1
            elif character == b"{":
                self._junk(junk, at)
                at = junk = self._element(at, stop)
            elif character == b"[" and not closing:
                self._junk(junk, at)
                at = junk = self._values(at + 1, stop, b"]")
            else:  # no object: up to where one may start
                following = data.find(b"{", at + 1, stop)
                line = data.find(b"\n", at + 1, stop)
                at = min(found for found in (following, line, stop) if found >= 0)
        self._junk(junk, stop)
        return stop

    def _junk(self, start: int, stop: int) -> None:
        piece = self.data[start:stop].strip(b" \t\r\n,]\0")
        if piece:
            self.found.broken.append(("no JSON object", piece))

    def _element(self, start: int, stop: int) -> int:
        """An object: a record, or what wraps records; returns where it ends."""
        data = self.data
        end = value_end(data, start, start + LONGEST_RECORD)
        self.effort -= (end if end >= 0 else min(start + LONGEST_RECORD, stop)) - start
        if self.effort < 0:
            self.found.broken.append(("too broken to take apart", data[start:stop]))
            return stop
        wrapper = self._wrapper(start, end)
        if wrapper is not None:
            return self._unwrap(start, end, stop, wrapper)
        if end >= 0 and self._readable(data[start:end]):
            return end
        following = _NEW_RECORD.search(data, start + 1, min(stop, start + LONGEST_RECORD) if end < 0 else end)
        if following:  # a quote or a bracket too few: the next record starts where one can
            self.found.records.append(data[start : following.start()].rstrip(b" \t\r\n,"))
            return following.start(1)
        if end >= 0:
            self.found.records.append(data[start:end])
            return end
        self.found.broken.append(("document ends within a record", data[start:stop]))
        return stop

    def _readable(self, piece: bytes) -> bool:
        try:
            if not _decoded(piece, self.found):
                if read(piece) is None:
                    return False
                self.found.records.append(piece)
        except UNREADABLE:
            return False
        return True

    def _wrapper(self, start: int, end: int) -> Member | None:
        """The member with the list of records, of an object that has one."""
        return next((member for member in _heads(self.data, start) if member.key in _LISTS), None)

    def _unwrap(self, start: int, end: int, stop: int, wrapper: Member) -> int:
        if wrapper.key == b"Records":
            return self._values(wrapper.start + 1, stop, b"]")
        key = "message" if wrapper.key == b"logEvents" else "CloudTrailEvent"
        inner = Split()
        at = _Scan(self.data, inner)._values(wrapper.start + 1, stop, b"]")
        for item in inner.records:
            _wrapped_text(bytes(item), key, self.found)
        self.found.broken += inner.broken
        return at


def _heads(data: bytes, start: int) -> Iterator[Member]:
    """Members of an object, and last the one whose value does not close."""
    raise NotImplementedError


_Any = Any

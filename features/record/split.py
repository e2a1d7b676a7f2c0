"""Records of a document, one by one, whatever wraps them and however broken it is.

A well-formed document is decoded in one pass to the bytes of its records. Anything else is scanned for brackets outside
strings: what lies between two brackets is handed on as it is, so that a bad record takes no neighbour with it. The scan
is linear in the document and knows no depth. What is wrapped is taken out: `{"Records": […]}`, a bare array, values one
after another (a line each or not), one record, a CloudWatch Logs subscription payload, an EventBridge event, the answer
of LookupEvents.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import msgspec

from features.record.brackets import members, value_end
from features.record.repair import BOM, UNREADABLE, is_readable, read

LONGEST_RECORD: Final = 16 << 20
"""Bytes within which a record's brackets must close. CloudTrail's own have at most 256 KB (1 MB in event stores)."""
_EFFORT: Final = 8
"""Bytes that may be looked at for each byte of a document; what is left then is one broken piece."""
_LISTS: Final = {b"Records": "", b"logEvents": "message", b"Events": "CloudTrailEvent"}
"""Keys of lists of records; where a record is text in a member of the items, that member."""
_FIRST_KEY = (
    rb'"(?:eventVersion|userIdentity|eventTime|eventSource|eventName|awsRegion|sourceIPAddress|userAgent|'
    rb'requestParameters|responseElements|requestID|eventID|eventType|recipientAccountId|eventCategory)"\s*:'
)
_NEW_RECORD = re.compile(rb"[,\[\n]\s*+(\{\s*+" + _FIRST_KEY + rb")")
_BLANK: Final = b" \t\r\n,\0"
_SKIP = re.compile(rb"[ \t\r\n,\0]*+")
_STOP = re.compile(rb"[{\[\]\n]")


@dataclass
class Split:
    """What a document holds."""

    records: list[bytes] = field(default_factory=list)
    other: Counter[str] = field(default_factory=Counter)
    """What is counted but is no record, by name."""
    broken: list[tuple[str, bytes]] = field(default_factory=list)
    """Pieces in which no record could be found: why, and the bytes."""


class _Document(msgspec.Struct):
    """Keys that tell what a JSON object in a delivered file is."""

    Records: list[msgspec.Raw] | msgspec.UnsetType | None = msgspec.UNSET
    logEvents: list[msgspec.Raw] | msgspec.UnsetType | None = msgspec.UNSET  # noqa: N815
    Events: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET
    messageType: str | msgspec.UnsetType = msgspec.UNSET  # noqa: N815
    detail: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    detail_type: str | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="detail-type")


_decode_document = msgspec.json.Decoder(_Document).decode
_decode_array = msgspec.json.Decoder(list[msgspec.Raw]).decode


def split(data: bytes) -> Split:
    """Records of a document.

    >>> [bytes(record) for record in split(b'{"Records": [{"eventID": "1"}, {"eventID": "2"}]}').records]
    [b'{"eventID": "1"}', b'{"eventID": "2"}']
    >>> cut = split(b'{"Records": [{"eventID": "1"}, {"eventID": "2", "eve')
    >>> cut.records, cut.broken
    ([b'{"eventID": "1"}'], [('document ends within a record', b'{"eventID": "2", "eve')])
    """
    data = data.removeprefix(BOM).strip(b" \t\r\n\0")
    found = Split()
    if not data or _whole(data, found):
        return found
    found = Split()
    lines = data.split(b"\n")
    if len(lines) > 1 and _whole(lines[0], Split()):
        for line in lines:
            line = line.strip(_BLANK)
            before = len(found.records)
            if line and not _whole(line, found):
                del found.records[before:]
                _Scan(line, found).run()
    else:
        _Scan(data, found).run()
    return found


def _whole(data: bytes, found: Split) -> bool:
    """Take a well-formed document apart; False when it is not one."""
    try:
        if data[:1] == b"[":
            items = _decode_array(data)
            if items and any(member.key in _LISTS for member in members(bytes(items[0]))):
                for item in items:
                    _object(bytes(item), found)
            else:
                found.records += map(bytes, items)
            return True
        if data[:1] != b"{":
            return False
        _object(data, found)
        return True
    except UNREADABLE:
        return False


def _object(data: bytes, found: Split) -> None:
    document = _decode_document(data)
    if isinstance(document.Records, list):
        found.records += map(bytes, document.Records)
    elif document.messageType == "CONTROL_MESSAGE":
        found.other["control message"] += 1
    elif isinstance(document.logEvents, list):
        found.records += [_text_in(bytes(item), "message") for item in document.logEvents]
    elif isinstance(document.Events, list):
        found.records += [_text_in(bytes(item), "CloudTrailEvent") for item in document.Events]
    elif isinstance(document.detail, msgspec.Raw) and isinstance(document.detail_type, str):
        found.records.append(bytes(document.detail))
    elif document.Records is msgspec.UNSET and document.logEvents is msgspec.UNSET and data.strip(b"{} \t\r\n"):
        found.records.append(data)
    # else `{}` or `{"Records": null}`: a document without records


def _text_in(item: bytes, key: str) -> bytes:
    """A record that is JSON text in a member of an item; the item itself when it has none."""
    document = read(item)
    text = document.get(key) if document else None
    return text.encode("utf-8", "replace") if isinstance(text, str) else item


class _Scan:
    """The way through a document that no decoder takes."""

    def __init__(self, data: bytes, found: Split) -> None:
        self.data = data
        self.found = found
        self.effort = _EFFORT * len(data) + LONGEST_RECORD

    def run(self) -> None:
        self._values(0, b"", "", 0)

    def _values(self, at: int, closing: bytes, key: str, depth: int) -> int:
        """Take values one after another, up to the closing bracket or the end; returns where they end."""
        data, stop = self.data, len(self.data)
        rest = at = _SKIP.match(data, at).end()  # type: ignore[union-attr]  # it matches nothing at least
        while at < stop:
            character = data[at : at + 1]
            if character == closing:
                self._not_an_object(rest, at)
                return at + 1
            if character == b"{":
                self._not_an_object(rest, at)
                rest = at = self._element(at, key, depth)
            elif character == b"[" and not closing and depth < 1:
                self._not_an_object(rest, at)
                rest = at = self._values(at + 1, b"]", key, depth + 1)
            else:
                following = _STOP.search(data, at + 1)
                at = following.start() if following else stop
                continue
            rest = at = _SKIP.match(data, at).end()  # type: ignore[union-attr]
        self._not_an_object(rest, stop)
        return stop

    def _not_an_object(self, start: int, stop: int) -> None:
        piece = self.data[start:stop].strip(_BLANK + b"]}")
        if piece:
            self.found.broken.append(("no JSON object", piece))

    def _element(self, start: int, key: str, depth: int) -> int:
        """Take an object, a record or what wraps records; returns where it ends."""
        data = self.data
        if depth < 2 and not key and (inner := self._wrapped(start)) is not None:
            return self._unwrap(*inner, depth)
        end = value_end(data, start, start + LONGEST_RECORD)
        self.effort -= (end if end >= 0 else min(len(data), start + LONGEST_RECORD)) - start
        if self.effort < 0:
            self.found.broken.append(("too broken to take apart", data[start:]))
            return len(data)
        piece = data[start:end] if end >= 0 else b""
        if piece and not key and _whole(piece, self.found):
            return end
        if piece and is_readable(piece):
            self._take(piece, key)
            return end
        following = _NEW_RECORD.search(data, start + 1, end if end >= 0 else min(len(data), start + LONGEST_RECORD))
        if following:  # a quote or a bracket too few: the next record starts where one can
            self._take(data[start : following.start()].rstrip(_BLANK), key)
            return following.start(1)
        if piece:
            self._take(piece, key)
            return end
        self.found.broken.append(("document ends within a record", data[start:]))
        return len(data)

    def _take(self, piece: bytes, key: str) -> None:
        if key:
            self.found.records.append(_text_in(piece, key))
        elif not _whole(piece, self.found):
            self.found.records.append(piece)

    def _wrapped(self, start: int) -> tuple[int, str] | None:
        """Where the list of records in an object starts, and in which member of its items they are text."""
        at = start
        for member in members(self.data, start, cut=True):
            at = member.stop
            if member.key in _LISTS and self.data[member.start : member.start + 1] == b"[":
                return member.start, _LISTS[member.key]
            if member.key in (b"eventVersion", b"eventName", b"userIdentity"):
                break
        self.effort -= at - start
        return None

    def _unwrap(self, start: int, key: str, depth: int) -> int:
        at = self._values(start + 1, b"]", key, depth + 2)
        for member in members(self.data, at - 1):
            at = member.stop
        at = _SKIP.match(self.data, at).end()  # type: ignore[union-attr]
        return at + 1 if self.data[at : at + 1] == b"}" else at

"""Split a document into its records, whatever wraps them and however broken it is.

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

from features.record.brackets import find_end, find_members
from features.record.repair import BOM, DECODE_ERRORS, is_readable, read_leniently

_LONGEST_RECORD: Final = 16 << 20
"""Bytes within which a record's brackets must close. CloudTrail's own have at most 256 KB (1 MB in event stores)."""
_EFFORT: Final = 8
"""Bytes that may be looked at for each byte of a document; what is left then is one broken piece."""
_LISTS: Final = {b"Records": "", b"logEvents": "message", b"Events": "CloudTrailEvent"}
"""Keys of lists of records; with each the member in which an item holds its record as text, "" where it is one."""
_FIRST_KEY = (
    rb'"(?:eventVersion|userIdentity|eventTime|eventSource|eventName|awsRegion|sourceIPAddress|userAgent|'
    rb'requestParameters|responseElements|requestID|eventID|eventType|recipientAccountId|eventCategory)"\s*:'
)
_NEW_RECORD = re.compile(rb"[,\[\n]\s*+(\{\s*+" + _FIRST_KEY + rb")")
_BLANK: Final = b" \t\r\n,\0"
_SKIP = re.compile(rb"[ \t\r\n,\0]*+")
_STOP = re.compile(rb"[{\[\]\n]")


@dataclass
class Contents:
    """What a document holds: records, and what is none."""

    records: list[bytes] = field(default_factory=list)
    other: Counter[str] = field(default_factory=Counter)
    """How many pieces of a known kind are no record, by name."""
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


def split(data: bytes) -> Contents:
    """Split a document into its records.

    >>> [bytes(record) for record in split(b'{"Records": [{"eventID": "1"}, {"eventID": "2"}]}').records]
    [b'{"eventID": "1"}', b'{"eventID": "2"}']
    >>> cut = split(b'{"Records": [{"eventID": "1"}, {"eventID": "2", "eve')
    >>> cut.records, cut.broken
    ([b'{"eventID": "1"}'], [('document ends within a record', b'{"eventID": "2", "eve')])
    """
    data = data.removeprefix(BOM).strip(b" \t\r\n\0")
    contents = Contents()
    if not data or _take_whole(data, contents):
        return contents
    contents = Contents()
    lines = data.split(b"\n")
    if len(lines) > 1 and _take_whole(lines[0], Contents()):
        for line in lines:
            line = line.strip(_BLANK)
            before = len(contents.records)
            if line and not _take_whole(line, contents):
                del contents.records[before:]
                _Scan(line, contents).run()
    else:
        _Scan(data, contents).run()
    return contents


def _take_whole(data: bytes, contents: Contents) -> bool:
    """Take what a well-formed document holds; False when it is not well-formed."""
    try:
        if data[:1] == b"[":
            items = _decode_array(data)
            if items and any(member.key in _LISTS for member in find_members(bytes(items[0]))):
                for item in items:
                    _take_object(bytes(item), contents)
            else:
                contents.records += map(bytes, items)
            return True
        if data[:1] != b"{":
            return False
        _take_object(data, contents)
        return True
    except DECODE_ERRORS:
        return False


def _take_object(data: bytes, contents: Contents) -> None:
    """Take what an object holds: records in one of the known wrappings, else the object itself as a record."""
    document = _decode_document(data)
    if isinstance(document.Records, list):
        contents.records += map(bytes, document.Records)
    elif document.messageType == "CONTROL_MESSAGE":
        contents.other["control message"] += 1
    elif isinstance(document.logEvents, list):
        contents.records += [_unpack(bytes(item), "message") for item in document.logEvents]
    elif isinstance(document.Events, list):
        contents.records += [_unpack(bytes(item), "CloudTrailEvent") for item in document.Events]
    elif isinstance(document.detail, msgspec.Raw) and isinstance(document.detail_type, str):
        contents.records.append(bytes(document.detail))
    elif document.Records is msgspec.UNSET and document.logEvents is msgspec.UNSET and data.strip(b"{} \t\r\n"):
        contents.records.append(data)
    # else `{}` or `{"Records": null}`: a document without records


def _unpack(item: bytes, key: str) -> bytes:
    """Unpack a record that is JSON text in the member `key` of an item; the item itself when it has none."""
    document = read_leniently(item)
    text = document.get(key) if document else None
    return text.encode("utf-8", "replace") if isinstance(text, str) else item


class _Scan:
    """The way through a document that no decoder takes, from bracket to bracket.

    In its methods `at` and `start` are places in the document, `text_key` is the member in which the items of a list
    hold their record as text ("" where the items are records), and `depth` counts the lists around a place.
    """

    def __init__(self, data: bytes, contents: Contents) -> None:
        self.data = data
        self.contents = contents
        self.effort = _EFFORT * len(data) + _LONGEST_RECORD
        """Bytes that may still be looked at."""

    def run(self) -> None:
        self._take_values(0, b"", "", 0)

    def _take_values(self, at: int, closing: bytes, text_key: str, depth: int) -> int:
        """Take values one after another, up to the closing bracket or the end; return where they end."""
        data, stop = self.data, len(self.data)
        rest = at = _SKIP.match(data, at).end()  # type: ignore[union-attr]  # it matches nothing at least
        while at < stop:
            character = data[at : at + 1]
            if character == closing:
                self._note_broken(rest, at)
                return at + 1
            if character == b"{":
                self._note_broken(rest, at)
                rest = at = self._take_element(at, text_key, depth)
            elif character == b"[" and not closing and depth < 1:
                self._note_broken(rest, at)
                rest = at = self._take_values(at + 1, b"]", text_key, depth + 1)
            else:
                following = _STOP.search(data, at + 1)
                at = following.start() if following else stop
                continue
            rest = at = _SKIP.match(data, at).end()  # type: ignore[union-attr]
        self._note_broken(rest, stop)
        return stop

    def _note_broken(self, start: int, stop: int) -> None:
        """Note what lies between two objects, unless it is blank."""
        piece = self.data[start:stop].strip(_BLANK + b"]}")
        if piece:
            self.contents.broken.append(("no JSON object", piece))

    def _take_element(self, start: int, text_key: str, depth: int) -> int:
        """Take an object, be it a record or something that wraps records; return where it ends."""
        data = self.data
        if depth < 2 and not text_key and (inner := self._find_list(start)) is not None:
            return self._take_list(*inner, depth)
        end = find_end(data, start, start + _LONGEST_RECORD)
        self.effort -= (end if end >= 0 else min(len(data), start + _LONGEST_RECORD)) - start
        if self.effort < 0:
            self.contents.broken.append(("too broken to take apart", data[start:]))
            return len(data)
        piece = data[start:end] if end >= 0 else b""
        if piece and not text_key and _take_whole(piece, self.contents):
            return end
        if piece and is_readable(piece):
            self._take_piece(piece, text_key)
            return end
        following = _NEW_RECORD.search(data, start + 1, end if end >= 0 else min(len(data), start + _LONGEST_RECORD))
        if following:  # a quote or a bracket too few: the next record starts where one can
            self._take_piece(data[start : following.start()].rstrip(_BLANK), text_key)
            return following.start(1)
        if piece:
            self._take_piece(piece, text_key)
            return end
        self.contents.broken.append(("document ends within a record", data[start:]))
        return len(data)

    def _take_piece(self, piece: bytes, text_key: str) -> None:
        """Take an object that may be broken."""
        if text_key:
            self.contents.records.append(_unpack(piece, text_key))
        elif not _take_whole(piece, self.contents):
            self.contents.records.append(piece)

    def _find_list(self, start: int) -> tuple[int, str] | None:
        """Find where the list of records in an object starts, and its `text_key`; None when it has no such list."""
        at = start
        for member in find_members(self.data, start, unfinished=True):
            at = member.stop
            if member.key in _LISTS and self.data[member.start : member.start + 1] == b"[":
                return member.start, _LISTS[member.key]
            if member.key in (b"eventVersion", b"eventName", b"userIdentity"):
                break
        self.effort -= at - start
        return None

    def _take_list(self, start: int, text_key: str, depth: int) -> int:
        """Take the list that starts at `start`; return where the object around it ends."""
        at = self._take_values(start + 1, b"]", text_key, depth + 2)
        for member in find_members(self.data, at - 1):
            at = member.stop
        at = _SKIP.match(self.data, at).end()  # type: ignore[union-attr]
        return at + 1 if self.data[at : at + 1] == b"}" else at

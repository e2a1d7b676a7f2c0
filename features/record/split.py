"""Records of a document that no decoder takes as a whole, one by one, however broken it is.

The document is scanned for brackets outside strings: what lies between two brackets is handed on as it is, so that a
bad record takes no neighbour with it. The scan is linear in the document, knows no depth, and holds a window of it. An
object is taken for a list of records by its own members (`Records`, `logEvents`, `Events`), never by what is in one.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from features.record.brackets import find_end, find_members
from features.record.container import LISTS, Contents, Record, Unpack, is_record, take
from features.record.repair import BOM, DECODE_ERRORS, is_readable, read_leniently

LONGEST_RECORD: Final = 4 << 20
"""Bytes within which a record's brackets must close. CloudTrail's own have at most 256 KB (1 MB in event stores)."""
WINDOW: Final = 8 << 20
"""Bytes of a document that are held at a time, beside the record at hand."""
_EFFORT: Final = 8
"""Bytes that may be looked at for each byte of a document; what is left then is one broken piece."""
_CHUNK: Final = 8_192
"""Records after which what was found is handed on."""
_LISTS: Final = {name.encode(): text for name, text in LISTS.items()}
"""Keys of lists of records; where a record is text in a member of the items, that member."""
_OF_RECORDS: Final = frozenset({b"eventVersion", b"eventName", b"eventSource", b"userIdentity", b"eventTime"})
"""Members by which an object is a record."""
_CONTROL: Final = b'"CONTROL_MESSAGE"'
"""Type of a subscription's probe: its log events are no records."""
_FIRST_KEY = (
    rb'"(?:eventVersion|userIdentity|eventTime|eventSource|eventName|awsRegion|sourceIPAddress|userAgent|'
    rb'requestParameters|responseElements|requestID|eventID|eventType|recipientAccountId|eventCategory)"\s*:'
)
NEXT_ITEM: Final = re.compile(rb",\s*+(\{\s*+" + _FIRST_KEY + rb")")
"""Where the next record of a list begins."""
_NEW_RECORD = re.compile(rb"(?:[^:\s]|\n)\s*+(\{\s*+" + _FIRST_KEY + rb')|\n(\{")')
"""Where a record, or a line that wraps one, may begin in what is broken: never as the value of a member, and in a text
its quotes would be escaped."""
BEGINS_RECORD: Final = re.compile(rb"\s*+\{\s*+" + _FIRST_KEY).match
"""Matches what begins as a record does."""
BLANK: Final = b" \t\r\n,\0"
_TINY: Final = re.compile(
    rb'(?:\{(?=[^}]{0,60}\})(?![^}]*"event)(?:[^{}\[\]"\\]|"[^"\\{}\[\]]*+")*+\}[ \t\r\n,\0]*+){100,}+'
)
"""A hundred objects and more, each too small to be a record or to wrap one."""
_LONGEST_TINY: Final = 1 << 10
_SKIP = re.compile(rb"[ \t\r\n,\0]*+")
_STOPS: Final = {stop: re.compile(b"[{\\" + stop + b"]") for stop in (b"[", b"]")}
"""Where what is no object ends."""
_ANY_KEY: Final = re.compile(_FIRST_KEY).search


def split(data: bytes, unpack: Unpack = lambda _packed: None) -> Contents:
    """All that a document holds.

    >>> cut = split(b'{"Records": [{"eventID": "1"}, {"eventID": "2", "eve')
    >>> [bytes(record) for record in cut.records], cut.broken
    ([b'{"eventID": "1"}'], [('document ends within a record', b'{"eventID": "2", "eve')])
    """
    whole = Contents()
    for found in scan(data.removeprefix(BOM), lambda: b"", unpack):
        whole.extend(found)
    return whole


def may_be_record(value: Record) -> bool:
    """Whether a value is a record, or so broken that it may be one: what is well-formed is told by its members.

    >>> may_be_record(b'{"a": "eventName"}'), may_be_record(b'{"eventName": NaN}'), may_be_record(b"eventName")
    (False, True, False)
    """
    if is_record(value):
        return True
    try:
        data = bytes(value)
        data.decode()
        msgspec.json.decode(data, type=msgspec.Raw)
    except DECODE_ERRORS:
        return _ANY_KEY(data) is not None
    return False


def scan(head: bytes, more: Callable[[], bytes], unpack: Unpack) -> Iterator[Contents]:
    """What a document holds, some at a time.

    Parameters
    ----------
    head
        How it begins.
    more
        Gives the next block of it; b"" at its end.
    unpack
        Opens base64 of gzip.
    """
    scanner = _Scanner(head, more, unpack)
    yield from scanner.values(b"", "", 0)
    if scanner.contents != Contents():
        yield scanner.contents


class _Scanner:
    """The way through a document."""

    def __init__(self, head: bytes, more: Callable[[], bytes], unpack: Unpack) -> None:
        self.contents = Contents()
        self._data, self._at, self._ended, self._turned = head, 0, False, False
        self._more, self._unpack = more, unpack
        self._effort = _EFFORT * len(head) + LONGEST_RECORD

    def values(self, closing: bytes, key: str, depth: int) -> Iterator[Contents]:
        """Take values one after another, up to the closing bracket or the end."""
        self._skip()
        while self._at < len(self._data):
            if len(self.contents.records) >= _CHUNK or (self._turned and self.contents.records):
                yield self._hand_on()
            elif self._turned:
                yield Contents()  # so that whoever waits for a record may go
            self._turned = False
            character = self._data[self._at : self._at + 1]
            if character == closing:
                self._at += 1
                return
            if tiny := _TINY.match(self._data, self._at):
                self.contents.set_aside("no JSON object", self._data[self._at : self._at + _LONGEST_TINY])
                self.contents.cut |= tiny.end() - self._at > _LONGEST_TINY
                self._at = tiny.end()
            elif character == b"{":
                if depth < 2 and not key and (inner := self._wrapped()) is not None:
                    yield from self._unwrap(*inner, depth)
                else:
                    self._element(key, within=bool(closing))
            elif character == b"[" and not closing and depth < 1:
                self._at += 1
                yield from self.values(b"]", key, depth + 1)
            else:
                self._pass_over(closing or b"[" if depth < 1 else closing)
            self._skip()

    def _hand_on(self) -> Contents:
        found, self.contents = self.contents, Contents()
        return found

    def _skip(self) -> None:
        """Go on to the next value, and have a record's bytes at hand."""
        while True:
            self._at = _SKIP.match(self._data, self._at).end()  # type: ignore[union-attr]  # it matches nothing at least
            if self._ended or len(self._data) - self._at >= LONGEST_RECORD:
                return
            rest = bytearray(self._data[self._at :])
            while len(rest) < WINDOW and not self._ended:
                block = self._more()
                self._ended = not block
                self._effort += _EFFORT * len(block)
                rest += block
            self._data, self._at, self._turned = bytes(rest), 0, not self._ended

    def _pass_over(self, stop: bytes) -> None:
        """Set aside what is no object, up to where one begins or the bracket to stop at."""
        start = self._at
        following = _STOPS[stop].search(self._data, start + 1)
        self._at = at = following.start() if following else len(self._data)
        piece = self._data[start:at].strip(BLANK + b"]}")
        if piece:
            self.contents.set_aside("no JSON object", piece)

    def _element(self, key: str, within: bool) -> None:
        """Take an object; `within` a list that has to end after it."""
        data, start, limit = self._data, self._at, min(len(self._data), self._at + LONGEST_RECORD)
        end = find_end(data, start, limit)
        self._effort -= (end if end >= 0 else limit) - start
        if self._effort < 0:
            self._leave("too broken to take apart")
            return
        piece = data[start:end] if end >= 0 else b""
        unended = piece and within and self._ended and _SKIP.match(data, end).end() == len(data)  # type: ignore[union-attr]
        neighbour = next(_records_in(piece), None) if unended else None
        if neighbour is not None:  # a record has closed with the brackets of its list, its neighbours inside
            self._take(piece[: neighbour.start()], key)
            self._at = start + neighbour.start(1)
            return
        if piece and self._take_whole(piece, key):
            self._at = end
            return
        if piece and is_readable(piece):
            self._take(piece, key)
            self._at = end
            return
        following = _NEW_RECORD.search(data, start + 1, end if end >= 0 else limit)
        if following:  # a quote or a bracket too few: the next record starts where one can
            begins = following.start(following.lastindex or 0)
            self._take(data[start:begins].rstrip(BLANK), key)
            self._at = begins
        elif piece:
            self._take(piece, key)
            self._at = end
        elif limit < len(data):
            self.contents.set_aside("longer than a record can be", data[start:limit])
            self._at = limit
        else:
            self.contents.set_aside("document ends within a record", data[start:])
            self._at = len(data)

    def _leave(self, reason: str) -> None:
        """Set the rest of the document aside, without reading it."""
        self.contents.set_aside(reason, self._data[self._at :])
        self.contents.cut |= not self._ended
        self._at, self._ended = len(self._data), True

    def _take(self, piece: bytes, key: str) -> None:
        self.contents.records.append(_text_in(piece, key) if key else piece)

    def _take_whole(self, piece: bytes, key: str) -> bool:
        """Take a piece that is well-formed; False when it is not."""
        found = Contents()
        try:
            piece.decode()
            take(piece, found, self._unpack)
        except DECODE_ERRORS:
            return False
        if key and list(found.records) == [piece]:
            return False
        self.contents.extend(found)
        return True

    def _wrapped(self) -> tuple[int, str] | None:
        """Where the list of records in an object starts, and in which member of its items they are text."""
        at = self._at
        for member in find_members(self._data, self._at, unfinished=True):
            at = member.stop
            if member.key in _LISTS and self._data[member.start : member.start + 1] == b"[":
                return member.start, _LISTS[member.key]
            if member.key in _OF_RECORDS or self._data[member.start : member.stop] == _CONTROL:
                break
        self._effort -= at - self._at
        return None

    def _unwrap(self, start: int, key: str, depth: int) -> Iterator[Contents]:
        self._at = start + 1
        yield from self.values(b"]", key, depth + 2)
        at = self._at
        for member in find_members(self._data, at - 1):
            at = member.stop
        at = _SKIP.match(self._data, at).end()  # type: ignore[union-attr]
        self._at = at + 1 if self._data[at : at + 1] == b"}" else at


def _records_in(piece: bytes) -> Iterator[re.Match[bytes]]:
    """Items of lists in a piece that are records."""
    for item in NEXT_ITEM.finditer(piece):
        if is_record(piece[item.start(1) : find_end(piece, item.start(1))]):
            yield item


def _text_in(item: bytes, key: str) -> bytes:
    """A record that is JSON text in a member of an item; the item itself when it has none."""
    document = read_leniently(item)
    text = document.get(key) if document else None
    return text.encode("utf-8", "replace") if isinstance(text, str) else item

"""Records of a file, whatever wraps them: CloudTrail's `{"Records": […]}`, arrays, a document a line, payloads.

A well-formed document is taken apart by `features.record.container`; anything else goes to the scanner of
`features.record.split`, which finds the records one by one, so that a bad one takes no neighbour with it. A file is
held a window at a time, however long its one document is.
"""

import base64
import binascii
import re
from codecs import getincrementaldecoder
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from features.record.container import MOST_TEXTS, PACKED, Contents, Unpack, decode_items, take, take_items
from features.record.repair import BOM, DECODE_ERRORS
from features.record.split import BEGINS_RECORD, BLANK, NEXT_ITEM, scan, split
from pipeline.ingest.inflate import GZIP_MAGIC, LIMITS, Limits, Reading, inflate_payload

_WINDOW = 8 << 20
"""Bytes of a file that are worked on at a time."""
_LINE_PEEK = 1 << 18
_PIECE = 1 << 20
"""Bytes of a document that are text at a time: one character may make text four times as large."""
_CUTS: Final = 8
"""Places at which a window is tried to be cut."""
_BRACES: Final = 1 << 14
"""Bytes that have one brace at least: a record of CloudTrail's has some in each of its thousand bytes."""
_DENSE: Final = 1 << 10
"""Bytes in which there is one nearly always: so few of a document are looked at first."""
_HEAD = re.compile(rb'\s*\{\s*"Records"\s*:\s*\[')
_STAMPED = re.compile(rb"\d{4}-\d\d-\d\dT[0-9:.]{8,18}Z (?=\{)")
"""How a line of an export of CloudWatch Logs begins."""


class _Document(msgspec.Struct):
    """What nearly every file is."""

    Records: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET


_document = msgspec.json.Decoder(_Document).decode


def chunks(blocks: Iterable[bytes], reading: Reading, limits: Limits = LIMITS) -> Iterator[Contents]:
    """What a file that is read in blocks holds, some at a time; memory is a window of it."""
    file = _File(blocks, reading, limits)
    head = file.window(b"")
    if file.ended:
        yield from _whole(head, reading, file.unpack)
    elif _is_lines(head):
        yield from _windows_of_lines(head, file)
    else:
        yield from _named(_windows_of_records(head, file), reading)


class _File:
    """The blocks of a file."""

    def __init__(self, blocks: Iterable[bytes], reading: Reading, limits: Limits) -> None:
        self._blocks, self._limits, self.reading = iter(blocks), limits, reading
        self.ended = False

    def more(self) -> bytes:
        """The next block; b"" at the end."""
        block = next(self._blocks, b"")
        self.ended = not block
        return block

    def window(self, held: bytes) -> bytes:
        """What is held and as much more as makes a window; blanks at its start cost nothing."""
        first = self.more() if not held else b""
        while first and first.isspace():
            first = self.more()
        second = self.more() if not self.ended else b""
        if not held and not second:
            return first  # as most files are: no copy
        grown = bytearray(held)
        grown += first
        grown += second
        while len(grown) < _WINDOW and not self.ended:
            grown += self.more()
        return bytes(grown)

    def unpack(self, packed: bytes) -> bytes | None:
        """What base64 of gzip holds; None where it cannot be opened."""
        try:
            data = base64.b64decode(packed.strip(), validate=True)
        except (binascii.Error, ValueError):
            return None
        return inflate_payload(data, self._limits) if data.startswith(GZIP_MAGIC) else data


def _named(founds: Iterable[Contents], reading: Reading) -> Iterator[Contents]:
    """The same; the piece at the end is what the file's problem did: one thing, counted once."""
    last = Contents()
    for found in founds:
        if last != Contents():
            yield last
        elif found == Contents():
            yield found  # it says that much was read without a record
        last = found
    if reading.problem and last.broken:
        last.broken[-1] = (reading.problem, last.broken[-1][1])
        reading.problem = ""
    yield last


def _whole(data: bytes, reading: Reading, unpack: Unpack) -> Iterator[Contents]:
    """What a file holds that fits a window."""
    data = data.removeprefix(BOM)
    if not data.strip():
        if not reading.problem:
            yield Contents(other=Counter({"empty file": 1}))
        return
    if not reading.problem:
        found = _decoded(data, unpack)
        if found is not None:
            yield found
            return
        if reading.members and (documents := _members(data, reading.members, unpack)):
            yield from documents
            return
    if _is_lines(data):
        yield _lines(data, unpack)
        return
    for found in _named(scan(data, lambda: b"", unpack), reading):
        if found == Contents() and not reading.problem:
            found.set_aside("document is no JSON", data)
        yield found


def _members(data: bytes, starts: Sequence[int], unpack: Unpack) -> list[Contents] | None:
    """Each gzip member a document of its own, as Firehose writes them; None when they are not."""
    documents = []
    for start, stop in zip([0, *starts], [*starts, len(data)], strict=True):
        piece = data[start:stop].removeprefix(BOM)
        found = _decoded(piece, unpack) if piece.strip() else Contents()
        if found is None:
            return None
        documents.append(found)
    return documents


def _decoded(data: bytes, unpack: Unpack, opened: int = 0) -> Contents | None:
    """What one well-formed document holds; None when it is not one, or not in UTF-8."""
    first = data[:_BRACES].lstrip()[:4]
    if first == PACKED:
        inner = unpack(data) if opened < MOST_TEXTS else None
        return None if inner is None else _decoded(inner, unpack, opened + 1)
    if not first.startswith((b"{", b"[")) or _is_no_trail(data):
        return None
    found = Contents()
    try:
        _check_text(data)
        items = _records_of(data) if first.startswith(b"{") else decode_items(data)
        if items is None:
            take(data, found, unpack)
        else:
            take_items(items, found, unpack, len(data))
    except DECODE_ERRORS:
        return None
    return found


def _is_no_trail(data: bytes) -> bool:
    """Whether so long a document can hold no records to speak of: a list of a million numbers is not to be decoded."""
    if len(data) <= _LINE_PEEK:
        return False
    least = -(-len(data) // _BRACES)
    return data.count(b"{", 0, least * _DENSE) < least and data.count(b"{") < least


def _records_of(data: bytes) -> list[msgspec.Raw] | None:
    """The list of records that nearly every document is; None for others."""
    try:
        records = _document(data).Records
    except msgspec.ValidationError:  # it is no list
        return None
    return records if isinstance(records, list) else None


def _check_text(data: bytes) -> None:
    """Raise where a document is not UTF-8, a piece at a time: the decoder passes over what it does not read."""
    if data.isascii():
        return
    decoder, view = getincrementaldecoder("utf-8")(), memoryview(data)
    for start in range(0, len(data), _PIECE):
        decoder.decode(view[start : start + _PIECE])
    decoder.decode(b"", True)


def _windows_of_records(held: bytes, file: _File) -> Iterator[Contents]:
    """What a document holds that is longer than a window: its records a window at a time, as long as they are whole."""
    begins = _HEAD.match(held.removeprefix(BOM))
    if begins is None:
        yield from scan(held.removeprefix(BOM), file.more, file.unpack)
        return
    held = held.removeprefix(BOM)[begins.end() :]
    while (window := _cut(held)) is not None:
        items, rest = window
        found = Contents()
        take_items(items, found, file.unpack, len(held) - len(rest))
        yield found
        held = file.window(rest)
        if file.ended:
            break
    rest = b'{"Records":[' + held
    last = _decoded(rest, file.unpack) if file.ended and not file.reading.problem else None
    if last is None:
        yield from scan(rest, file.more, file.unpack)
    else:
        yield last


def _cut(held: bytes) -> tuple[list[msgspec.Raw], bytes] | None:
    """The records of a window, and what comes after them; None where they are not well-formed."""
    if _is_no_trail(held):
        return None
    starts = list(NEXT_ITEM.finditer(held, max(len(held) - _PIECE, 0)))
    for place in starts[: -_CUTS - 1 : -1]:
        piece = held[: place.start()].rstrip(BLANK)
        try:
            _check_text(piece)
            return decode_items(b"[" + piece + b"]"), held[place.start(1) :]
        except DECODE_ERRORS:  # it began within a record, or a record is broken
            continue
    return None


def _is_lines(held: bytes) -> bool:
    """The first line is a document of its own and another follows."""
    line, newline, rest = held[:_LINE_PEEK].removeprefix(BOM).lstrip().partition(b"\n")
    if not newline or not (rest.strip() or held[_LINE_PEEK:].strip()):
        return False
    if line.startswith(PACKED):
        return rest.lstrip().startswith(PACKED)
    line = _STAMPED.sub(b"", line, count=1)
    if not line.startswith(b"{"):
        return False
    try:
        msgspec.json.decode(line, type=msgspec.Raw)
    except DECODE_ERRORS:
        return line.rstrip().endswith(b"}") and rest.lstrip().startswith(b"{")
    return True


def _windows_of_lines(held: bytes, file: _File) -> Iterator[Contents]:
    while cut := held.rfind(b"\n") + 1:
        yield _lines(held[:cut], file.unpack)
        if file.ended:
            held = held[cut:]
            break
        held = file.window(held[cut:])
    if cut:
        yield _lines(held, file.unpack)
    else:
        yield from scan(held, file.more, file.unpack)


def _lines(data: bytes, unpack: Unpack) -> Contents:
    """What documents hold of which each has a line."""
    lines = [line for line in data.removeprefix(BOM).split(b"\n") if line and not line.isspace()]
    if all(map(BEGINS_RECORD, lines)):
        return Contents(list(lines))
    found = Contents()
    for line in lines:
        if BEGINS_RECORD(line):
            found.records.append(line)
            continue
        line = _STAMPED.sub(b"", line, count=1)
        one = _decoded(line, unpack)
        found.extend(split(line, unpack) if one is None else one)
    return found

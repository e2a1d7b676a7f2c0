"""Records of a document, whatever wraps them: `{"Records": […]}`, an array, a record a line, CloudWatch Logs payloads.

A well-formed document is decoded in one pass to the bytes of its records. Anything else goes to the splitter, which
finds the records one by one, so that a bad one takes no neighbour with it.
"""

import base64
import binascii
import re
from codecs import getincrementaldecoder
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

import msgspec

from features.record.split import split
from pipeline.ingest.inflate import GZIP_MAGIC, LIMITS, Limits, Reading, inflate_payload

Record = bytes | msgspec.Raw

BOM = b"\xef\xbb\xbf"
_WINDOW = 32 << 20
"""Bytes of a file of lines that are worked on at a time."""
_LINE_PEEK = 1 << 16
_PIECE = 1 << 20
"""Bytes of a document that are text at a time: one character may make text four times as large."""
_PACKED = b"H4sI"
"""How base64 of gzip begins."""


class _LogEvent(msgspec.Struct):
    message: str = ""


class _Payload(msgspec.Struct):
    data: str = ""


class _Document(msgspec.Struct):
    """What a JSON object in a delivered file may be, by the keys that tell."""

    Records: list[msgspec.Raw] | msgspec.UnsetType | None = msgspec.UNSET
    logEvents: list[_LogEvent] | msgspec.UnsetType = msgspec.UNSET  # noqa: N815
    messageType: str | msgspec.UnsetType = msgspec.UNSET  # noqa: N815
    awslogs: _Payload | msgspec.UnsetType = msgspec.UNSET


_document = msgspec.json.Decoder(_Document).decode
_array = msgspec.json.Decoder(list[msgspec.Raw]).decode
_MESSAGE = re.compile(rb'"message"\s*:\s*("(?:[^"\\]|\\.)*")', re.DOTALL)
_PEEK = 4_096
_WRAPPED = re.compile(rb'"(?:Records|logEvents|awslogs)"\s*:')


@dataclass
class Chunk:
    """Records of a file, in order."""

    records: Sequence[Record] = ()
    other: Counter[str] = field(default_factory=Counter)
    """What is counted but holds no record, by name."""
    broken: Sequence[tuple[str, bytes]] = ()
    """Pieces in which no record could be found: why, and the bytes."""


def chunks(blocks: Iterable[bytes], reading: Reading, limits: Limits = LIMITS) -> Iterator[Chunk]:
    """Records of a file that is read in blocks. Memory is one document, or a window of a file of lines."""
    first = next(iterator := iter(blocks), b"")
    second = next(iterator, b"")
    if not second:  # as most files are: no copy
        yield from _whole(first, reading, limits)
        return
    held = bytearray(first)
    lines: bool | None = None
    for block in chain([second], iterator):
        held += block
        if lines is None and len(held) >= _LINE_PEEK:
            lines = _is_lines(held)
        if len(held) < _WINDOW:
            continue
        if lines and (cut := held.rfind(b"\n") + 1):
            yield _lines(bytes(held[:cut]), limits)
            del held[:cut]
        elif len(held) > limits.document:
            reading.problem = reading.problem or f"document is longer than {limits.document} bytes"
            break
    if lines:
        yield _lines(bytes(held), limits)
    else:
        yield from _whole(bytes(held), reading, limits)


def _is_lines(held: bytes | bytearray) -> bool:
    """The first line is a JSON object of its own and another follows."""
    line, newline, rest = bytes(held[: 4 * _LINE_PEEK]).removeprefix(BOM).lstrip().partition(b"\n")
    if not newline or not rest.strip():
        return False
    if line.startswith(_PACKED):
        return rest.lstrip().startswith(_PACKED)
    if not line.startswith(b"{"):
        return False
    try:
        msgspec.json.decode(line, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return line.rstrip().endswith(b"}")
    return True


def _whole(data: bytes, reading: Reading, limits: Limits) -> Iterator[Chunk]:
    data = data.removeprefix(BOM)
    if not data.strip():
        if not reading.problem:
            yield Chunk(other=Counter({"empty file": 1}))
        return
    if not reading.problem:
        chunk = _decoded(data, limits)
        if chunk is not None:
            yield chunk
            return
        if reading.members and (documents := _members(data, reading.members, limits)):
            yield from documents
            return
    if _is_lines(data):
        yield _lines(data, limits)
        return
    chunk = _found(data)
    if reading.problem and chunk.broken:  # the piece at the end is what the problem did: one thing, counted once
        *others, (_, piece) = chunk.broken
        chunk.broken = [*others, (reading.problem, piece)]
        reading.problem = ""
    if not (chunk.records or chunk.broken or reading.problem):
        chunk.broken = [("document is no JSON", data)]
    yield chunk


def _members(data: bytes, starts: Sequence[int], limits: Limits) -> list[Chunk] | None:
    """Each gzip member a document of its own, as Firehose writes them; None when they are not."""
    documents = []
    for start, stop in zip([0, *starts], [*starts, len(data)], strict=True):
        piece = data[start:stop].removeprefix(BOM)
        chunk = _decoded(piece, limits) if piece.strip() else Chunk()
        if chunk is None:
            return None
        documents.append(chunk)
    return documents


def _decoded(data: bytes, limits: Limits, depth: int = 0) -> Chunk | None:
    """Records of one well-formed document; None when it is not one, or not in UTF-8."""
    first = data.lstrip()[:4]
    try:
        _check_text(data)
        if first.startswith(b"["):
            return _array_chunk(_array(data), limits, depth)
        if first.startswith(b"{"):
            return _object_chunk(data, limits, depth)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None
    if first == _PACKED and depth < 2:
        return _base64(data, limits, depth)
    return None


def _check_text(data: bytes) -> None:
    """Raise where a document is not UTF-8, a piece at a time: the decoder passes over what it does not read."""
    if data.isascii():
        return
    decoder, view = getincrementaldecoder("utf-8")(), memoryview(data)
    for start in range(0, len(data), _PIECE):
        decoder.decode(view[start : start + _PIECE])
    decoder.decode(b"", True)


def _array_chunk(items: list[msgspec.Raw], limits: Limits, depth: int) -> Chunk:
    wrapped = depth == 0 and items and _WRAPPED.search(bytes(items[0]), 0, _PEEK)
    return _flat(items, limits) if wrapped else Chunk(items)


def _object_chunk(data: bytes, limits: Limits, depth: int) -> Chunk | None:
    document = _document(data)
    if isinstance(document.Records, list):
        return Chunk(document.Records)
    if isinstance(document.awslogs, _Payload):
        return _base64(document.awslogs.data.encode(), limits, depth) if depth < 2 else None
    if document.messageType == "CONTROL_MESSAGE":
        return Chunk(other=Counter({"control message": 1}))
    if isinstance(document.logEvents, list):
        return Chunk([_text(event.message) for event in document.logEvents])
    if document.Records is None:
        return Chunk(other=Counter({"no records": 1}))
    return Chunk([data.strip()])


def _text(message: str) -> bytes:
    return message.encode("utf-8", "surrogatepass")


def _base64(data: bytes, limits: Limits, depth: int) -> Chunk | None:
    try:
        packed = base64.b64decode(data.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    inflated = inflate_payload(packed, limits) if packed.startswith(GZIP_MAGIC) else packed
    if inflated is None:
        return None
    return _decoded(inflated, limits, depth + 1)


def _flat(items: Iterable[Record], limits: Limits) -> Chunk:
    """Records of items each of which may be a record or a document of its own."""
    records: list[Record] = []
    other: Counter[str] = Counter()
    broken: list[tuple[str, bytes]] = []
    for item in items:
        text = bytes(item)
        if text.startswith(_PACKED) or _WRAPPED.search(text, 0, _PEEK):
            inner = _decoded(text, limits) or _found(text)
            records.extend(inner.records)
            other += inner.other
            broken.extend(inner.broken)
        else:
            records.append(item)
    return Chunk(records, other, broken)


def _lines(data: bytes, limits: Limits) -> Chunk:
    lines = [line for line in data.removeprefix(BOM).split(b"\n") if line and not line.isspace()]
    if _WRAPPED.search(data) or _PACKED in data:
        return _flat(lines, limits)
    return Chunk(lines)


def _found(data: bytes) -> Chunk:
    """Records that can be found in a damaged document."""
    if b'"logEvents"' not in data[:_PEEK]:
        found = split(data)
        return Chunk(found.records, found.other, found.broken)
    messages, end = [], 0
    for match in _MESSAGE.finditer(data):
        messages.append(_decoded_text(match[1]))
        end = match.end()
    rest = data[end:].strip(b"]}, \t\r\n\0")
    return Chunk(messages, broken=[("log event is cut off", rest)] if rest or not messages else [])


def _decoded_text(quoted: bytes) -> bytes:
    try:
        return _text(msgspec.json.decode(quoted, type=str))
    except (msgspec.DecodeError, UnicodeError):
        return quoted

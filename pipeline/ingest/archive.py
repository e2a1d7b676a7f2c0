"""Files in a zip or a tar, one after the other: bounded, without a table of them all, and whatever else is in there.

Of zip, members that are stored or deflated are read, the 64-bit form included; encrypted ones and other methods are
told. Of tar, plain files under their long names. Neither is trusted with a size.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final, NamedTuple

from zlib_ng import zlib_ng

from pipeline.ingest.inflate import Reading

ZIP_MAGIC: Final = (b"PK\x03\x04", b"PK\x05\x06")
MOST_MEMBERS: Final = 200_000
"""Files of an archive that are looked at."""
_DAMAGE: type[Exception] = zlib_ng.error  # type: ignore[assignment]  # the stubs take the class for an instance
_BLOCK: Final = 1 << 20
_CRUMB: Final = 1 << 16
_END, _END_64 = struct.Struct("<4s4H2LH"), struct.Struct("<4sQ2H2L4Q")
_ENTRY, _LOCAL = struct.Struct("<4s6H3L5H2L"), struct.Struct("<4s5H3L2H")
_LOCATOR: Final = 20
"""Bytes of what stands before the end of a zip and says that there is a 64-bit one."""
_LONGEST_COMMENT: Final = 1 << 16
_STORED, _DEFLATED = 0, 8
_TAR_BLOCK: Final = 512
_LONGEST_NAME: Final = 1 << 16


class ArchiveError(ValueError):
    """An archive or a file in it cannot be read: why."""


class Member(NamedTuple):
    """A file of an archive."""

    name: str
    blocks: Iterator[bytes]
    """Its bytes, once; to be read before the next member is asked for."""
    reading: Reading
    problem: str = ""
    """Why it cannot be read."""


class _Entry(NamedTuple):
    """What a zip's directory says of a file."""

    name: str
    flags: int
    method: int
    checksum: int
    packed: int
    size: int
    at: int


def read_zip(file: BinaryIO, whole: Reading) -> Iterator[Member]:
    """Files of a zip.

    Parameters
    ----------
    whole
        Its own reading: all that comes out of it is counted there.

    Raises
    ------
    ArchiveError
        Its directory cannot be read.

    Examples
    --------
    >>> import io, zipfile
    >>> with zipfile.ZipFile(held := io.BytesIO(), "w") as packed:
    ...     packed.writestr("a/b.json", "{}")
    >>> [(member.name, b"".join(member.blocks)) for member in read_zip(held, Reading())]
    [('a/b.json', b'{}')]
    """
    whole.taken = file.seek(0, 2)
    for entry, before in _entries(file):
        reading = Reading(whole=whole)
        problem = ""
        if entry.flags & 1:
            problem = "file in a zip is encrypted: unpack it with its password first"
        elif entry.method not in (_STORED, _DEFLATED):
            problem = f"file in a zip is packed by method {entry.method}: unpack it first"
        yield Member(entry.name, iter(()) if problem else _inflate(file, entry, before, reading), reading, problem)


def _entries(file: BinaryIO) -> Iterator[tuple[_Entry, int]]:
    """Files of a zip's directory, and how many bytes stand before the zip."""
    end = file.seek(0, 2)
    tail = _read_at(file, max(end - _LONGEST_COMMENT - _END.size, 0), _LONGEST_COMMENT + _END.size)
    found = tail.rfind(b"PK\x05\x06")
    if found < 0 or len(tail) - found < _END.size:
        raise ArchiveError("zip is truncated: it has no directory")
    here = end - len(tail) + found
    _, _, _, _, count, size, offset, _ = _END.unpack_from(tail, found)
    if tail[max(found - _LOCATOR, 0) : found].startswith(b"PK\x06\x07"):
        wide = tail.rfind(b"PK\x06\x06", 0, found)
        if wide < 0 or len(tail) - wide < _END_64.size:
            raise ArchiveError("zip is damaged: it has no 64-bit directory")
        *_, count, size, offset = _END_64.unpack_from(tail, wide)
        here = end - len(tail) + wide
    before = here - size - offset
    if before < 0:
        raise ArchiveError("zip is truncated: its directory is longer than the file")
    at = here - size
    for number in range(count):
        if number >= MOST_MEMBERS:
            raise ArchiveError(f"zip holds more than {MOST_MEMBERS:,} files: unpack it and give the folder")
        entry, at = _entry(file, at)
        if not _is_passed(entry.name):
            yield entry, before


def _entry(file: BinaryIO, at: int) -> tuple[_Entry, int]:
    """What the directory says at a place, and where it goes on."""
    fixed = _read_at(file, at, _ENTRY.size)
    if len(fixed) < _ENTRY.size or not fixed.startswith(b"PK\x01\x02"):
        raise ArchiveError("zip is damaged: its directory cannot be read")
    _, _, _, flags, method, _, _, checksum, packed, size, named, more, noted, _, _, _, local = _ENTRY.unpack(fixed)
    rest = _read_at(file, at + _ENTRY.size, named + more)
    name = rest[:named].decode("utf-8" if flags & 0x800 else "cp437", "replace")
    wide = _wide(rest[named:])
    if size == 0xFFFFFFFF and wide:
        size = wide.pop(0)
    if packed == 0xFFFFFFFF and wide:
        packed = wide.pop(0)
    if local == 0xFFFFFFFF and wide:
        local = wide.pop(0)
    following = at + _ENTRY.size + named + more + noted
    return _Entry(name, flags, method, checksum, packed, size, local), following


def _wide(extra: bytes) -> list[int]:
    """The 64-bit numbers of an entry's extra field."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            held = extra[at + 4 : at + 4 + size]
            return [number for (number,) in struct.iter_unpack("<Q", held[: len(held) // 8 * 8])]
        at += 4 + size
    return []


def _inflate(file: BinaryIO, entry: _Entry, before: int, reading: Reading) -> Iterator[bytes]:
    """Blocks of a file of a zip; what is wrong is told in its reading."""
    try:
        yield from _checked(file, entry, before + entry.at, reading)
    except ArchiveError as error:
        reading.problem = str(error)


def _checked(file: BinaryIO, entry: _Entry, at: int, reading: Reading) -> Iterator[bytes]:
    local = _read_at(file, at, _LOCAL.size)
    if len(local) < _LOCAL.size or not local.startswith(b"PK\x03\x04"):
        reading.problem = "zip is damaged: a file in it is not where its directory says"
        return
    *_, named, more = _LOCAL.unpack(local)
    stored = _slice(file, at + _LOCAL.size + named + more, entry.packed)
    checksum, size = 0, 0
    try:
        for block in stored if entry.method == _STORED else _inflated(stored):
            checksum, size = zlib.crc32(block, checksum), size + len(block)
            if size > entry.size:
                break
            yield block
    except _DAMAGE as error:
        reading.problem = f"zip is damaged: {error}"
        return
    if size != entry.size or checksum != entry.checksum:
        reading.problem = "zip is damaged: a file in it is not as long, or not the same, as its directory says"


def _inflated(stored: Iterable[bytes]) -> Iterator[bytes]:
    inflater = zlib_ng.decompressobj(wbits=-15)
    for piece in stored:
        while piece and not inflater.eof:
            block = inflater.decompress(piece, _BLOCK)
            if block:
                yield block
            piece = inflater.unconsumed_tail
    while not inflater.eof and (block := inflater.decompress(inflater.unconsumed_tail, _BLOCK)):
        yield block


def _slice(file: BinaryIO, at: int, size: int) -> Iterator[bytes]:
    while size > 0 and (block := _read_at(file, at, min(size, _CRUMB))):
        yield block
        at, size = at + len(block), size - len(block)


def _read_at(file: BinaryIO, at: int, size: int) -> bytes:
    try:
        file.seek(at)
        return file.read(size)
    except OSError as error:
        raise ArchiveError(f"file cannot be read: {error.strerror or error}") from error


def is_tar(first: bytes) -> bool:
    """Whether a file that begins so is a tar."""
    return first[257:262] == b"ustar" and _is_header(first[:_TAR_BLOCK])


def _is_header(block: bytes) -> bool:
    try:
        told = int(block[148:156].strip(b" \0") or b"-1", 8)
    except ValueError:
        return False
    return sum(block[:148]) + 8 * 0x20 + sum(block[156:]) == told


def read_tar(blocks: Iterator[bytes], whole: Reading) -> Iterator[Member]:
    """Files of a tar that comes in blocks.

    Raises
    ------
    ArchiveError
        It is damaged or cut off.
    """
    stream, name, count = _Stream(blocks), "", 0
    while header := stream.read(_TAR_BLOCK):
        if not header.strip(b"\0"):
            return
        if len(header) < _TAR_BLOCK or not _is_header(header):
            raise ArchiveError("tar is truncated" if len(header) < _TAR_BLOCK else "tar is damaged")
        size, kind = _number(header[124:136]), header[156:157]
        padding = -size % _TAR_BLOCK
        if kind in b"Lx":
            told = stream.read(min(size, _LONGEST_NAME))
            stream.skip(size - len(told) + padding)
            name = (told.rstrip(b"\0").decode("utf-8", "replace") if kind == b"L" else _path_of(told)) or name
            continue
        stream.left = size
        own = b"/".join(part for part in (header[345:500].split(b"\0")[0], header[:100].split(b"\0")[0]) if part)
        name = name or own.decode("utf-8", "replace")
        if kind in (b"0", b"\0", b"7") and not _is_passed(name):
            count += 1
            if count > MOST_MEMBERS:
                raise ArchiveError(f"tar holds more than {MOST_MEMBERS:,} files: unpack it and give the folder")
            reading = Reading(whole=whole)
            yield Member(name, stream.member(reading), reading)
        stream.skip(stream.left + padding)
        name = ""


class _Stream:
    """Blocks as a stream of bytes."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks, self._held = blocks, b""
        self.left = 0
        """Bytes of the member at hand that have not been read."""

    def some(self, size: int) -> bytes:
        """At least one byte and at most so many; b"" at the end."""
        held = self._held or next(self._blocks, b"")
        self._held = held[size:]
        return held[:size]

    def read(self, size: int) -> bytes:
        """So many bytes; fewer at the end."""
        read = bytearray()
        while len(read) < size and (piece := self.some(size - len(read))):
            read += piece
        return bytes(read)

    def skip(self, size: int) -> None:
        """Pass over bytes."""
        while size > 0 and (piece := self.some(min(size, _BLOCK))):
            size -= len(piece)

    def member(self, reading: Reading) -> Iterator[bytes]:
        """Blocks of the member at hand."""
        while self.left:
            piece = self.some(min(self.left, _BLOCK))
            if not piece:
                reading.problem = "tar is truncated"
                return
            self.left -= len(piece)
            yield piece


def _number(field: bytes) -> int:
    """A size as tar writes it."""
    if field[0] & 0x80:
        number = int.from_bytes(field, "big") - (0x80 << 8 * (len(field) - 1))
    else:
        try:
            number = int(field.strip(b" \0") or b"0", 8)
        except ValueError as error:
            raise ArchiveError("tar is damaged") from error
    if number < 0 or number >> 60:
        raise ArchiveError("tar is damaged")
    return number


def _path_of(extended: bytes) -> str:
    """The name in an extended header."""
    for line in extended.split(b"\n"):
        _, _, told = line.partition(b" ")
        key, _, value = told.partition(b"=")
        if key == b"path":
            return value.decode("utf-8", "replace")
    return ""


def _is_passed(name: str) -> bool:
    """Folders and hidden files, as in a folder."""
    parts = name.replace("\\", "/").split("/")
    return not parts[-1] or parts[0] == "__MACOSX" or any(part.startswith(".") and part != "." for part in parts)

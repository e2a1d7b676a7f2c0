"""What a delivered file consists of: itself, or the files in it where it is an archive; each with what it holds.

What a file is, is told by its first bytes, never by its name: a `.gz` may be plain and a `.json` packed.
"""

import hashlib
import tempfile
from codecs import getincrementaldecoder
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import PurePath, PurePosixPath
from typing import BinaryIO, Final, NamedTuple

from features.record.container import Contents
from features.record.foreign import name_of_bytes, name_of_key, name_of_lines
from features.record.repair import BOM
from pipeline.ingest.archive import ZIP_MAGIC, ArchiveError, Member, is_tar, read_tar, read_zip
from pipeline.ingest.envelope import chunks
from pipeline.ingest.inflate import Limits, Reading, blocks, unpacked
from pipeline.ingest.tables import NO_LOG, PARQUET_MAGIC, read_csv, read_header, read_parquet
from pipeline.ingest.unpack import packing_of

_SPOOLED: Final = 8 << 20
"""Bytes that are held in memory of what has to be read from its end; more goes to a temporary file."""
_HEAD: Final = 1 << 16
_LOG_SUFFIXES: Final = frozenset({".json", ".gz", ".ndjson", ".jsonl", ".log", ""})
_PACKED_SUFFIXES: Final = frozenset({".zip", ".tar", ".tgz"})
_JSON_STARTS: Final = (b"{", b"[", b"H4sI")
_LOOKED_AT: Final = 4_096
_CONTROLS: Final = bytes({*range(32), 127} - set(b"\t\n\f\r\x1b"))
_TEXT_HAS: Final = 20
"""In a text, fewer than one byte in so many is a control character."""
_USUAL: Final = b'{"'
"""How what CloudTrail writes begins: nothing else has to be thought of."""
_WIDE: Final = (
    ("utf-32", (b"\xff\xfe\0\0", b"\0\0\xfe\xff")),
    ("utf-16", (b"\xff\xfe", b"\xfe\xff")),
    ("utf-16-le", (b"{\0", b"[\0")),
)
"""How texts of wider characters begin: PowerShell writes them."""


class Part(NamedTuple):
    """A file, or one in an archive."""

    name: str
    """In its archive; empty for the file itself."""
    reading: Reading
    contents: Iterable[Contents]
    """To be taken before the next part is asked for."""
    foreign: str = ""
    """What it is by its name, where that is none of CloudTrail's records; it is not read then."""
    blocks: Iterator[bytes] = iter(())
    """Of what is foreign and lies in an archive: its bytes, once."""
    problem: str = ""
    """Of the same: why it cannot be read."""


def is_log(path: PurePath, first: bytes) -> bool:
    """Whether a file of a folder or an archive is to be read, by its name or by how it begins.

    >>> is_log(PurePosixPath("notes.md"), b"# Notes"), is_log(PurePosixPath("data.bin"), b'{"Records": []}')
    (False, True)
    """
    suffix = path.suffix.lower()
    if suffix in _LOG_SUFFIXES or packing_of(first) or first.startswith(PARQUET_MAGIC):
        return True
    if suffix in _PACKED_SUFFIXES and (first.startswith(ZIP_MAGIC) or is_tar(first)):
        return True
    if first.startswith(tuple(start for _, starts in _WIDE for start in starts)):
        return True
    return first.removeprefix(BOM).lstrip().startswith(_JSON_STARTS) or read_header(first) is not None


def parts(file: BinaryIO, reading: Reading, limits: Limits) -> Iterator[Part]:
    """What a file consists of.

    Parameters
    ----------
    reading
        What reading the file itself has found; an archive's files have their own.
    """
    stream = blocks(file, reading, limits)
    first = next(stream, b"")
    if first.startswith(ZIP_MAGIC):
        with _whole(file, chain([first], stream), reading) as whole:
            reading.packed = reading.packed or "zip"
            yield from _members(read_zip(whole, reading), reading, limits)
    elif is_tar(first):
        reading.packed = reading.packed or "tar"
        yield from _members(read_tar(chain([first], stream), reading), reading, limits)
    else:
        yield Part("", reading, _contents(first, stream, reading, limits, file))


def _members(members: Iterator[Member], reading: Reading, limits: Limits) -> Iterator[Part]:
    try:
        for member in members:
            hashes = reading.hashing is not None or reading.hashes_members
            member.reading.hashing = hashlib.sha256() if hashes else None
            yield _part_of(member, limits)
            if reading.problem:
                return
    except ArchiveError as error:
        reading.problem = reading.problem or str(error)
        yield Part("", reading, ())


def _part_of(member: Member, limits: Limits) -> Part:
    name, reading = member.name.replace("\\", "/"), member.reading
    foreign = name_of_key(name)
    if foreign:
        return Part(name, reading, (), foreign, member.blocks, member.problem)
    if member.problem:
        return Part(name, reading, [Contents(broken=[(member.problem, b"")], cut=True)])
    stream = unpacked(member.blocks, reading, limits)
    first = next(stream, b"")
    if not is_log(PurePosixPath(name), first) or first.startswith(ZIP_MAGIC) or is_tar(first):
        return Part(name, reading, [Contents(other=Counter({NO_LOG: 1}))])
    return Part(name, reading, _contents(first, stream, reading, limits, None))


def _contents(
    first: bytes, stream: Iterator[bytes], reading: Reading, limits: Limits, file: BinaryIO | None
) -> Iterator[Contents]:
    """What a file holds that begins so."""
    if first.startswith(_USUAL):
        yield from chunks(chain([first], stream), reading, limits)
        return
    encoding = next((name for name, starts in _WIDE if first.startswith(starts)), "")
    if encoding:
        stream = _narrow(chain([first], stream), encoding)
        first = next(stream, b"")
    if first.startswith(PARQUET_MAGIC):
        with _whole(file, chain([first], stream), reading) as whole:
            yield from read_parquet(whole, reading, limits)
        return
    if _is_binary(first):
        yield Contents(broken=[("neither text nor packed in a way that is known", first[:_HEAD])], cut=True)
        return
    told = _name_of(first)
    if told:
        yield Contents(other=Counter({told: 1}))
        return
    known = None if first.removeprefix(BOM).lstrip().startswith(_JSON_STARTS) else read_header(first)
    if known is not None:
        yield from read_csv(chain([first], stream), known)
    else:
        yield from chunks(chain([first] if first else [], stream), reading, limits)


def _name_of(first: bytes) -> str:
    """What a file is that is none of CloudTrail's, by its first bytes or lines; "" for others."""
    head = first[:_HEAD].removeprefix(BOM)
    if head.lstrip().startswith(_JSON_STARTS):
        return ""
    lines = head.split(b"\n")
    return name_of_bytes(head) or name_of_lines(lines[:-1] if len(first) > _HEAD else lines)


def _is_binary(first: bytes) -> bool:
    """Whether a file that begins so is no text, and none that is known."""
    head = first[:_LOOKED_AT]
    if head.lstrip(b"\0 \t\r\n").startswith(_JSON_STARTS) or name_of_bytes(head):
        return False
    return len(head.translate(None, _CONTROLS)) < len(head) - len(head) // _TEXT_HAS


def _narrow(stream: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """UTF-8 of a text in UTF-16 or UTF-32."""
    decoder = getincrementaldecoder(encoding)("replace")
    for block in stream:
        yield decoder.decode(block).encode("utf-8", "replace")
    yield decoder.decode(b"", True).encode("utf-8", "replace")


@contextmanager
def _whole(file: BinaryIO | None, stream: Iterator[bytes], reading: Reading) -> Iterator[BinaryIO]:
    """What has to be read from its end: the file itself, or a copy of what was packed in it."""
    if file is not None and not reading.packed:
        yield file
        return
    with tempfile.SpooledTemporaryFile(_SPOOLED) as copy:
        for block in stream:
            copy.write(block)
        yield copy  # type: ignore[misc]  # it is one in all but its type

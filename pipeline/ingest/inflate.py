"""Read a delivered file, packed or plain by its first bytes, as a stream of bounded blocks.

Real CloudTrail inflates about tenfold; what inflates 250-fold after its first megabytes is a bomb, and reading stops.
Concatenated gzip members are one stream. zlib-ng inflates in two thirds of the time that zlib takes. What is packed
otherwise (zstd, bzip2, xz) is opened by `pipeline.ingest.unpack`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, BinaryIO, Final

from zlib_ng import zlib_ng

from pipeline.ingest.unpack import PACKINGS, packing_of, unpack

_DAMAGE: type[Exception] = zlib_ng.error  # type: ignore[assignment]  # the stubs take the class for an instance
GZIP: Final = "gzip"
GZIP_MAGIC = PACKINGS[GZIP]
_BLOCK = 1 << 20
_CRUMB = 64
_LAYERS = 2
"""Times that a file may be packed."""


@dataclass(frozen=True)
class Limits:
    """What a file may cost."""

    ratio: int = 250
    """Bytes out for each byte in."""
    ratio_from: int = 16 << 20
    """Bytes out before the ratio counts."""
    payload: int = 64 << 20
    """Bytes of an inflated CloudWatch Logs payload."""


LIMITS = Limits()


@dataclass
class Reading:
    """What reading a file has found so far."""

    problem: str = ""
    """Why the stream ended before the file did; empty when it did not."""
    members: list[int] = field(default_factory=list)
    """Where in the output each further gzip member begins."""
    taken: int = 0
    """Bytes of the file that were used."""
    size: int = 0
    """Bytes out."""
    unreadable: str = ""
    """What the operating system said when it could not go on reading."""
    head: bytes = b""
    """First bytes of the file as it lies."""
    packed: str = ""
    """What the file is packed with; empty when it is not."""
    whole: "Reading | None" = None
    """Of the archive in which the file lies: what comes out of all its files is bounded by its size."""
    hashing: Any = None
    """Takes in what comes out, where its hash is asked for."""
    hashes_members: bool = False
    """Of an archive: whether the hash of each of its files is asked for, whatever of its own."""
    ended: bool = False
    """All of it came out."""

    def grow(self, size: int, limits: Limits) -> bool:
        """Count bytes out; False once they are too many for the bytes that were read."""
        self.size += size
        if self.size > limits.ratio_from and self.size > limits.ratio * self.taken:
            self.problem = f"{self.packed or 'file'} inflates more than {limits.ratio}-fold"
            return False
        if self.whole is not None and not self.whole.grow(size, limits):
            self.problem = self.whole.problem
            return False
        return True


def blocks(file: BinaryIO, reading: Reading, limits: Limits = LIMITS) -> Iterator[bytes]:
    """Inflated blocks of at most 1 MiB; `reading` tells what became of the file.

    Examples
    --------
    >>> import gzip, io
    >>> reading = Reading()
    >>> b"".join(blocks(io.BytesIO(gzip.compress(b"one") + gzip.compress(b"two")), reading)), reading.members
    (b'onetwo', [3])
    >>> cut = Reading()
    >>> b"".join(blocks(io.BytesIO(gzip.compress(b"one")[:-9]), cut)), cut.problem
    (b'one', 'gzip is truncated')
    """
    yield from unpacked(_stored(file, reading), reading, limits)


def unpacked(stored: Iterator[bytes], reading: Reading, limits: Limits = LIMITS) -> Iterator[bytes]:
    """The same of a file that comes in blocks."""
    first = next(stored, b"")
    reading.head = first[:65_536]
    for block in _unpacked(chain([first], stored), reading, _LAYERS):
        if reading.hashing is not None:
            reading.hashing.update(block)
        yield block
        if not reading.grow(len(block), limits):
            return
    reading.ended = not reading.problem


def _stored(file: BinaryIO, reading: Reading) -> Iterator[bytes]:
    try:
        while block := file.read(_BLOCK):
            yield block
    except OSError as error:
        reading.unreadable = reading.problem = f"file cannot be read: {error.strerror or error}"


def _unpacked(stored: Iterator[bytes], reading: Reading, layers: int) -> Iterator[bytes]:
    """The same without its packing; Firehose packs again what CloudWatch Logs had packed."""
    first = next(stored, b"")
    outermost = layers == _LAYERS
    packing = packing_of(first) if layers else ""
    if not packing:
        for block in chain([first] if first else [], stored):
            reading.taken += len(block) if outermost else 0
            yield block
        return
    reading.members = []
    reading.packed = reading.packed or packing
    if packing == GZIP:
        opened = _gunzip(first, stored, reading, outermost)
    else:
        opened = unpack(packing, chain([first], stored), reading, outermost)
    yield from _unpacked(opened, reading, layers - 1)


def _gunzip(block: bytes, stored: Iterator[bytes], reading: Reading, outermost: bool) -> Iterator[bytes]:
    size = 0
    inflater, fresh = _inflater(), True
    while True:
        before, saved = len(block), None if fresh else inflater.copy()
        fresh = False
        try:
            out = inflater.decompress(block, _BLOCK)
        except _DAMAGE as error:
            reading.problem = f"gzip is damaged: {error}"
            if out := _until_damage(saved or _inflater(), block):
                yield out
            return
        block = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
        reading.taken += before - len(block) if outermost else 0
        if out:
            size += len(out)
            yield out
        if inflater.eof:
            block = block.lstrip(b"\0") or next(stored, b"").lstrip(b"\0")
            if not block:
                return
            if not (GZIP_MAGIC.startswith(block) or block.startswith(GZIP_MAGIC)):
                reading.problem = "bytes that are not gzip follow the gzip member"
                return
            reading.members.append(size)
            inflater, fresh = _inflater(), True
        elif not block and len(out) < _BLOCK:
            block = next(stored, b"")
            if not block:
                if out := inflater.flush():
                    yield out
                reading.problem = reading.unreadable or reading.problem or "gzip is truncated"
                return


def _inflater() -> Any:
    return zlib_ng.decompressobj(wbits=31)


def _until_damage(inflater: Any, block: bytes) -> bytes:
    """What a block that cannot be inflated as a whole holds before its damage."""
    out = bytearray()
    for start in range(0, len(block), _CRUMB):
        try:
            out += inflater.decompress(block[start : start + _CRUMB], _BLOCK - len(out))
        except _DAMAGE:
            break
        if inflater.unconsumed_tail or len(out) >= _BLOCK:
            break
    return bytes(out)


def inflate_payload(data: bytes, limits: Limits = LIMITS) -> bytes | None:
    """One small gzip payload; None when it is damaged or beyond its bound."""
    inflater = _inflater()
    try:
        out: bytes = inflater.decompress(data, limits.payload)
    except _DAMAGE:
        return None
    return out if inflater.eof else None

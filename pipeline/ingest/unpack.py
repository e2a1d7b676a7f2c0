"""What a file is packed with, by its first bytes; packings other than gzip are opened, a bounded block at a time."""

import bz2
import lzma
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Protocol

from pipeline.ingest.arrow import unpack_zstd

PACKINGS: Final[Mapping[str, bytes]] = {
    "gzip": b"\x1f\x8b",
    "zstd": b"\x28\xb5\x2f\xfd",
    "bzip2": b"BZh",
    "xz": b"\xfd7zXZ\0",
}
"""How each begins."""
_FIRST_BYTES: Final = {magic[:1] for magic in PACKINGS.values()}
_BLOCK: Final = 1 << 20
_CRUMB: Final = 1 << 16
_XZ_MEMORY: Final = 128 << 20
"""Bytes that opening xz may take; its own highest level takes 65 MiB."""


class Told(Protocol):
    """What opening a packing tells: the bytes that were used, and why it ended early."""

    taken: int
    problem: str
    unreadable: str


def packing_of(first: bytes) -> str:
    """What a file is packed with that begins so; "" for none.

    >>> packing_of(b"\\x1f\\x8b\\x08"), packing_of(b"BZh91AY&SY"), packing_of(b"BZhang"), packing_of(b"{}")
    ('gzip', 'bzip2', '', '')
    """
    if first[:1] not in _FIRST_BYTES:
        return ""
    name = next((name for name, magic in PACKINGS.items() if first.startswith(magic)), "")
    return "" if name == "bzip2" and first[4:10] != b"1AY&SY" else name


def unpack(packing: str, stored: Iterator[bytes], told: Told, outermost: bool) -> Iterator[bytes]:
    """Blocks of what zstd, bzip2 or xz holds.

    Parameters
    ----------
    told
        Where what is damaged or cut off is told; of the outermost packing, the bytes that were used as well.
    """
    used = _used(stored, told, outermost)
    if packing == "zstd":
        opened = unpack_zstd(used)
    elif packing == "bzip2":
        opened = _through(bz2.BZ2Decompressor, used)
    else:
        opened = _through(lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY), used)
    try:
        yield from opened
    except EOFError:
        told.problem = told.unreadable or told.problem or f"{packing} is truncated"
    except (OSError, lzma.LZMAError, ValueError) as error:
        cut = "truncated" in str(error).lower()
        told.problem = told.unreadable or (f"{packing} is truncated" if cut else f"{packing} is damaged: {error}")


def _used(stored: Iterator[bytes], told: Told, outermost: bool) -> Iterator[bytes]:
    """Small pieces, counted as they are used."""
    for block in stored:
        for start in range(0, len(block), _CRUMB):
            piece = block[start : start + _CRUMB]
            told.taken += len(piece) if outermost else 0
            yield piece


def _through(make: Callable[[], Any], pieces: Iterator[bytes]) -> Iterator[bytes]:
    """What one decompressor after another makes of the pieces: members may follow each other.

    Raises
    ------
    EOFError
        The last one is not at its end.
    """
    inflater, piece = make(), next(pieces, b"")
    while True:
        out = inflater.decompress(piece, _BLOCK)
        if out:
            yield out
        if inflater.eof:
            piece = inflater.unused_data.lstrip(b"\0") or next(pieces, b"").lstrip(b"\0")
            if not piece:
                return
            inflater = make()
        elif inflater.needs_input:
            piece = next(pieces, b"")
            if not piece:
                raise EOFError
        else:
            piece = b""

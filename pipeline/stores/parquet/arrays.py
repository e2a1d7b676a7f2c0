"""Arrow arrays from Python values and NumPy's, by their buffers.

PyArrow's own constructors load pandas at the first value they see, a second that ingestion has no other use for.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Codes: TypeAlias = npt.NDArray[np.int64]
"""As wide as an index, so that nothing is widened whenever they are used as one."""


def texts(values: Sequence[str]) -> Any:
    """Array of texts.

    >>> texts(["a", "", "é"]).to_pylist()
    ['a', '', 'é']
    """
    whole = "".join(values)
    if whole.isascii():
        return _pieces(pa.string(), values, whole.encode())
    encoded = [text.encode("utf-8", "replace") for text in values]
    return _pieces(pa.string(), encoded, b"".join(encoded))


def binaries(values: Sequence[Any], most: int = 28 << 20) -> Any:
    """Chunked array of bytes, or of views of some; of at most `most` bytes and a value, which allocators have at hand.

    >>> binaries([b"a", b"", b"b"], most=1).to_pylist()
    [b'a', b'', b'b']
    """
    chunk = np.cumsum(np.fromiter(map(len, values), np.int64, len(values))) // most
    bounds = [0, *(np.flatnonzero(np.diff(chunk)) + 1).tolist(), len(values)]
    parts = [values[start:stop] for start, stop in pairwise(bounds)]
    return pa.chunked_array([_pieces(pa.binary(), part, b"".join(part)) for part in parts])


def _pieces(kind: Any, values: Sequence[Any], whole: bytes) -> Any:
    offsets = _offsets(values)
    return pa.Array.from_buffers(kind, len(values), [None, offsets, pa.py_buffer(whole)])


def _offsets(values: Sequence[Any]) -> Any:
    offsets: Any = np.zeros(len(values) + 1, np.int32)
    np.cumsum(np.fromiter(map(len, values), np.int32, len(values)), out=offsets[1:])
    return pa.py_buffer(offsets)


def lists(values: Sequence[Sequence[str]]) -> Any:
    """Array of lists of texts.

    >>> lists([("a", "b"), ()]).to_pylist()
    [['a', 'b'], []]
    """
    inner = texts(list(chain.from_iterable(values)))
    kind = pa.list_(pa.string())
    return pa.Array.from_buffers(kind, len(values), [None, _offsets(values)], children=[inner])


def numbers(values: npt.NDArray[Any], kind: Any, known: npt.NDArray[np.bool_] | None = None) -> Any:
    """Array of numbers, times or truth values; null where `known` is false.

    >>> numbers(np.array([1, 2], np.int32), pa.int32(), np.array([True, False])).to_pylist()
    [1, None]
    """
    held: Any = np.packbits(values, bitorder="little") if values.dtype == np.bool_ else np.ascontiguousarray(values)
    mask: Any = None if known is None else np.packbits(known, bitorder="little")
    valid = None if mask is None else pa.py_buffer(mask)
    return pa.Array.from_buffers(kind, len(values), [valid, pa.py_buffer(held)])


def coded(codes: Codes, values: Any, known: npt.NDArray[np.bool_] | None = None) -> Any:
    """Array of texts by their place in `values`, an array whose texts may occur more than once; null where not known.

    >>> coded(np.array([1, 0, 2]), texts(["a", "b", "a"]), np.array([True, True, False])).to_pylist()
    ['b', 'a', None]
    """
    distinct: Any = pc.dictionary_encode(values)
    places = integers(distinct.indices).take(codes)
    return pa.DictionaryArray.from_arrays(numbers(places, pa.int32(), known), distinct.dictionary, safe=False)


def integers(array: Any) -> npt.NDArray[Any]:
    """View of an array of integers or times without nulls.

    >>> integers(numbers(np.array([1, 2], np.int32), pa.int32())).tolist()
    [1, 2]
    """
    whole: Any = pa.concat_arrays(array.chunks) if isinstance(array, pa.ChunkedArray) else array
    kind = np.dtype(f"i{whole.type.bit_width // 8}")
    if not len(whole):
        return np.zeros(0, kind)
    held: npt.NDArray[Any] = np.frombuffer(whole.buffers()[1], kind)
    return held[whole.offset : whole.offset + len(whole)]

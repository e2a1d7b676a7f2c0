"""Room for arrays: memory for what is small, and for what is large wherever the caller has more of it.

What grows with every value that a principal ever touched outgrows memory long before anything else does. Most of a
day's work looks at a little of it, or goes through it once, in order. So large arrays may lie where the system writes
them out and reads them again as it likes, as files that are mapped do (`pipeline.detect.mapped`). This room knows of no
files: a caller hands in what begins a sheet, and a sheet that is full is a buffer like any other.
"""

from collections.abc import Callable, Iterator
from math import prod
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

LARGE: Final = 1 << 26
"""Bytes of an array from which on it is large: 64 MB, so that a small deployment has no file at all. Set by hand."""
PIECE: Final = 1 << 18
"""Entries that are copied together."""
Array: TypeAlias = npt.NDArray[Any]
Mask: TypeAlias = npt.NDArray[np.bool_]
Positions: TypeAlias = npt.NDArray[np.integer[Any]]


class Sheet(Protocol):
    """Bytes that are written in order, and then stay."""

    def write(self, data: Any, /) -> object:
        """Add the bytes of a buffer."""

    def keep(self) -> Any:
        """All of them, at least one, as a buffer that can be changed; it goes when nobody holds it any more."""


class Column:
    """An array that is made from its beginning to its end (`Room.column`).

    Parameters
    ----------
    sheet
        Where it lies from the beginning, if anywhere.
    length
        Values that it has at last, where they are known to be in memory.
    leave
        Gives what has so many bytes a sheet, if it is large.
    """

    def __init__(
        self,
        dtype: npt.DTypeLike,
        shape: tuple[int, ...],
        sheet: Sheet | None,
        length: int | None,
        leave: Callable[[int], Sheet | None],
    ) -> None:
        self._dtype, self._shape, self._sheet, self._leave = np.dtype(dtype), shape, sheet, leave
        self._each = prod(shape) * self._dtype.itemsize
        self._whole = np.empty((length, *shape), dtype=dtype) if length is not None else None
        self._pieces: list[Array] = []
        self._length = 0

    def append(self, values: Array) -> None:
        """Add values, of any type that becomes the column's; nobody changes them after that."""
        begin, self._length = self._length, self._length + len(values)
        if self._whole is not None:
            self._whole[begin : self._length] = values
        elif self._sheet is not None:
            self._write(self._sheet, values)
        else:
            self._pieces.append(values.astype(self._dtype, copy=False))
            self._sheet = self._leave(self._length * self._each)
            while self._sheet is not None and self._pieces:
                self._write(self._sheet, self._pieces.pop(0))

    def _write(self, sheet: Sheet, values: Array) -> None:
        for part in cut(len(values)):
            sheet.write(np.ascontiguousarray(values[part], dtype=self._dtype).data)

    def close(self) -> Array:
        """The array, whole."""
        if self._whole is not None:
            return self._whole
        if self._sheet is not None and self._length:
            return np.frombuffer(self._sheet.keep(), dtype=self._dtype).reshape(-1, *self._shape)
        if len(self._pieces) == 1:
            return self._pieces[0]
        return np.concatenate([np.empty((0, *self._shape), dtype=self._dtype), *self._pieces])


class Room:
    """Gives arrays room, and makes larger ones of those it gave.

    Parameters
    ----------
    begin
        Begins a sheet for what is large; without it everything is in memory.
    large
        Bytes of an array from which on it is large.

    Examples
    --------
    >>> Room().insert(np.array([3, 7]), np.array([1, 2]), np.array([5, 9]))
    array([3, 5, 7, 9])
    """

    def __init__(self, begin: Callable[[], Sheet] | None = None, large: int = LARGE) -> None:
        self._begin, self._large = begin, large

    def is_large(self, size: int) -> bool:
        """Whether an array of so many bytes leaves memory."""
        return self._begin is not None and size >= self._large

    def column(
        self, dtype: npt.DTypeLike, length: int | None = None, shape: tuple[int, ...] = (), *, or_less: bool = False
    ) -> Column:
        """An array that is to be filled with so many values, or fewer if so said, or with arrays of a shape.

        Of how many nobody can tell before, it leaves memory once it is large.
        """
        sheet = self._begin_if_large((length or 0) * prod(shape) * np.dtype(dtype).itemsize)
        return Column(dtype, shape, sheet, None if sheet is not None or or_less else length, self._begin_if_large)

    def _begin_if_large(self, size: int) -> Sheet | None:
        return self._begin() if self._begin is not None and self.is_large(size) else None

    def zeros(self, length: int, dtype: npt.DTypeLike) -> Array:
        """As many zeros."""
        if not self.is_large(length * np.dtype(dtype).itemsize):
            return np.zeros(length, dtype=dtype)
        out = self.column(dtype, length)
        for part in cut(length):
            out.append(np.zeros(part.stop - part.start, dtype=dtype))
        return out.close()

    def keep(self, array: Array) -> Array:
        """An array that was made elsewhere."""
        return self.join(array) if self.is_large(array.nbytes) else array

    def join(self, first: Array, *rest: Array) -> Array:
        """Arrays one after another, of the first one's type, as a new one."""
        out = self.column(first.dtype, len(first) + sum(map(len, rest)))
        for values in (first, *rest):
            out.append(values)
        return out.close()

    def insert(self, array: Array, at: Positions, values: Array) -> Array:
        """An array with values put before the entries at ascending positions (`np.insert`)."""
        if not len(at):
            return array
        length = len(array) + len(at)
        if not self.is_large(length * array.itemsize):
            return np.insert(array, at, values)
        out = self.column(array.dtype, length)
        for part in cut(len(array)):
            last = part.stop == len(array)
            these = slice(*np.searchsorted(at, [part.start, part.stop + last]).tolist())
            out.append(np.insert(array[part], at[these] - part.start, values[these]))
        if not len(array):
            out.append(values)
        return out.close()

    def pick(self, array: Array, keep: Mask) -> Array:
        """The entries that a mask keeps; the array itself where those are all."""
        if keep.all():
            return array
        if not self.is_large(array.nbytes):
            picked: Array = array[keep]
            return picked
        out = self.column(array.dtype, len(array), or_less=True)
        for part in cut(len(array)):
            out.append(array[part][keep[part]])
        return out.close()


def cut(length: int, piece: int | None = None) -> Iterator[slice]:
    """Slices of so many entries, `PIECE` in each unless said otherwise.

    >>> list(cut(5, 2))
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    size = piece or PIECE
    for begin in range(0, length, size):
        yield slice(begin, min(begin + size, length))

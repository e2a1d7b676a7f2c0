"""What only PyArrow opens: zstd and Parquet. It is loaded when such a file is met, never before."""

import io
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

_BLOCK: Final = 1 << 18
"""Bytes of zstd that are asked for at a time; what comes before damage is lost to so many bytes."""
_ROWS: Final = 256
"""Rows that are values at a time."""
_LONGEST_NAMES: Final = 1 << 20
"""Bytes of a text, and items of a list, that Parquet's own description may have."""

Row = Mapping[str, Any]


class _Pieces(io.RawIOBase):
    """Pieces of bytes as PyArrow reads them."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._held = pieces, b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size`; b"" at the end."""
        held = self._held or next(self._pieces, b"")
        self._held = held[size:]
        return held[:size]


def unpack_zstd(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Blocks of what zstd holds; its window is at most 128 MiB.

    Raises
    ------
    OSError
        It is damaged or cut off.
    """
    import pyarrow

    with pyarrow.CompressedInputStream(pyarrow.PythonFile(_Pieces(pieces), mode="r"), "zstd") as stream:
        while block := stream.read(_BLOCK):
            yield block


class ParquetTable:
    """A file of Parquet.

    Raises
    ------
    ValueError, OSError
        It is damaged; so do the methods.
    """

    def __init__(self, file: BinaryIO) -> None:
        import pyarrow.parquet

        self._file = pyarrow.parquet.ParquetFile(
            file, thrift_string_size_limit=_LONGEST_NAMES, thrift_container_size_limit=_LONGEST_NAMES
        )
        self.names: list[str] = self._file.schema_arrow.names
        """Of its columns."""
        described = self._file.metadata
        self.bytes: int = sum(described.row_group(n).total_byte_size for n in range(described.num_row_groups))
        """Of all that it holds, as it says itself."""

    def rows(self) -> Iterator[list[Row]]:
        """Some rows at a time, by the names of their columns."""
        for batch in self._file.iter_batches(batch_size=_ROWS, use_threads=False):
            yield _whole_microseconds(batch).to_pylist()


def _whole_microseconds(batch: Any) -> Any:
    """The same without nanoseconds, which only pandas would read."""
    import pyarrow

    for at, field in enumerate(batch.schema):
        if pyarrow.types.is_timestamp(field.type) and field.type.unit == "ns":
            kind = pyarrow.timestamp("us", field.type.tz)
            batch = batch.set_column(at, field.name, batch.column(at).cast(kind, safe=False))
    return batch

"""Files for arrays that are too large for memory (`models.room`): mapped, and gone with whoever uses them.

What is mapped is in memory while there is memory for it, and else on disk; the system sees to that. A file has no name,
or loses it as it is opened, so that none is left behind by a process that dies.
"""

import mmap
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pyarrow as pa

from models.room import LARGE, Room


class MappedSheet:
    """A file that is written and then mapped (`models.room.Sheet`)."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.file = TemporaryFile(dir=folder)  # noqa: SIM115  it closes once it is mapped

    def write(self, data: Any, /) -> object:
        """Add the bytes of a buffer; a disk that is full is an error here, not when the map is used."""
        return self.file.write(data)

    def keep(self) -> mmap.mmap:
        """All that was written."""
        self.file.flush()
        with self.file:
            return mmap.mmap(self.file.fileno(), 0)


def make_room(folder: Path, large: int | None = None) -> Room:
    """Room whose large arrays are files below a folder, which need not be there yet."""
    return Room(lambda: MappedSheet(folder), large or LARGE)


def map_table(rows: pa.RecordBatchReader, folder: Path, large: int | None = None) -> pa.Table:
    """A table of batches as they come; where they are large together, it is a file, and memory holds one at a time."""
    held, size = list[pa.RecordBatch](), 0
    for batch in rows:
        held.append(batch)
        size += batch.nbytes
        if size >= (large or LARGE):
            break
    else:
        return pa.Table.from_batches(held, rows.schema)
    sheet = MappedSheet(folder)
    with pa.ipc.new_file(sheet.file, rows.schema) as writer:
        while held:
            writer.write_batch(held.pop(0))
        for batch in rows:
            writer.write_batch(batch)
    table: pa.Table = pa.ipc.open_file(pa.py_buffer(sheet.keep())).read_all()
    return table

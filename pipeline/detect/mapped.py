"""Files for arrays that are too large for memory (`models.room`): mapped, and gone with whoever uses them.

What is mapped is in memory while there is memory for it, and else on disk; the system sees to that. A file has no name,
or loses it as it is opened, so that none is left behind by a process that dies.
"""

import mmap
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Final

from models.room import LARGE, Room

SPILL: Final = "spill"
"""Folder of a home for what does not fit in memory."""


class MappedSheet:
    """A file that is written and then mapped (`models.room.Sheet`)."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115  it closes once it is mapped

    def write(self, data: Any, /) -> object:
        """Add the bytes of a buffer; a disk that is full is an error here, not when the map is used."""
        return self._file.write(data)

    def keep(self) -> mmap.mmap:
        """All that was written."""
        self._file.flush()
        with self._file:
            return mmap.mmap(self._file.fileno(), 0)


def make_room(folder: Path, large: int = LARGE) -> Room:
    """Room whose large arrays are files below a folder, which need not be there yet."""
    return Room(lambda: MappedSheet(folder), large)

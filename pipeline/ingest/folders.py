"""Folders that were listed and taken in, so that they are not listed again until something is put there.

A folder's time of change moves when a file is added to it, renamed into it or removed, and not when a file in it is
written on: so a folder is passed over once nothing in it changed for a while, and looked into all the same whenever
everything is. Where a folder's time turns out to tell nothing (some mounted buckets), nothing is passed over.
"""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

QUIET: Final = 600 * 10**9
"""Nanoseconds since anything in a folder was changed, from which on a copy to it is held for done."""
_MOST: Final = 200_000
"""Folders that are remembered."""


class _Known(NamedTuple):
    identity: tuple[int, int]
    changed: int
    """Nanoseconds: when anything was added or removed."""
    entries: int
    folders: tuple[Path, ...]


@dataclass
class Folders:
    """Folders that need no look.

    Parameters
    ----------
    known
        By path; what was listed is added by `keep`, once it was taken in.
    trusted
        Whether times of folders tell of what is added.
    """

    known: dict[Path, _Known] = field(default_factory=dict)
    trusted: bool = True
    _listed: dict[Path, _Known] = field(default_factory=dict)
    _near: date | None = None

    def begin(self, near: date | None) -> "Folders":
        """For one listing: pass over what is known, but days from `near` on; None looks into everything."""
        self._listed, self._near = {}, near
        return self

    def pass_over(self, folder: Path, status: os.stat_result) -> tuple[Path, ...] | None:
        """The folders in one that needs no look; None of one that does."""
        known = self.known.get(folder)
        if known is None or self._near is None or not self.trusted or not _is_same(known, status):
            return None
        day = _day_of(folder)
        return known.folders if day is None or day < self._near else None

    def note(
        self, folder: Path, status: os.stat_result, folders: Sequence[Path], files: Sequence["os.DirEntry[str]"]
    ) -> None:
        """Note what was listed."""
        entries, known = len(folders) + len(files), self.known.get(folder)
        if known is not None and _is_same(known, status) and known.entries < entries:
            self.trusted = False
            self.known.clear()
        if not self.trusted or len(self._listed) >= _MOST:
            return
        since = time.time_ns() - QUIET
        if max(status.st_mtime_ns, status.st_ctime_ns) < since and all(_changed(file) < since for file in files):
            identity = (status.st_dev, status.st_ino)
            self._listed[folder] = _Known(identity, status.st_mtime_ns, entries, tuple(folders))

    def keep(self) -> None:
        """Remember what was listed: all of it was taken in."""
        if self._near is None:
            self.known = self._listed
        elif self.trusted:
            self.known |= self._listed
        self._listed = {}


def _is_same(known: _Known, status: os.stat_result) -> bool:
    return known.identity == (status.st_dev, status.st_ino) and known.changed == status.st_mtime_ns


def _changed(file: "os.DirEntry[str]") -> int:
    try:
        status = file.stat()
    except OSError:
        return 2**63
    return max(status.st_mtime_ns, status.st_ctime_ns)


def _day_of(folder: Path) -> date | None:
    """The day of which a folder holds files, by its name in CloudTrail's layout.

    >>> _day_of(Path("AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/02"))
    datetime.date(2026, 3, 2)
    """
    parts = folder.parts[-3:]
    try:
        return date(*map(int, parts)) if len(parts) == 3 and all(part.isdecimal() for part in parts) else None
    except ValueError:
        return None

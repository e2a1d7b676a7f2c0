"""What the store has lost: segments that were damaged, and the log files that bring back what they held.

A damaged segment leaves the list, so that everything else can be read, and is remembered here. The delivered files that
had records in its account-day are no longer known, so that ingesting them again brings those back; what other segments
hold of them is a duplicate then. The damaged file stays on disk: put back from a copy, it is listed again.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from pipeline.stores.parquet.segment import Segment
from pipeline.stores.sqlite.database import Database

_LISTED = Segment._fields.index("files")
_COLUMNS = ", ".join((*Segment._fields[:_LISTED], "found"))
FILE_DIGITS = 16
"""Digits of a delivered file's digest that its rows carry."""
_PREFIX = f"substr(digest, 1, {FILE_DIGITS})"


class Lost(NamedTuple):
    """A segment that was lost."""

    segment: Segment
    """As it was listed; with its hash, where somebody noted it."""
    found: str
    """What was wrong with it; the text goes on from its name."""


class Losses:
    """What is lost, in a home's database; whatever changes it is to be called inside a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # where the records of delivered files went

    def add_sources(self, segments: Iterable[Segment]) -> None:
        """Remember which delivered files have records in which account-days."""
        self._database.write_each(
            "INSERT OR IGNORE INTO sources VALUES (?, ?, ?, ?)",
            [(segment.kind, segment.account, segment.day, file) for segment in segments for file in segment.files],
        )

    def sources_of(self, segments: Iterable[Segment]) -> set[str]:
        """Files that had records in the account-days of some segments, by the digits that rows carry."""
        days = {(segment.kind, segment.account, segment.day) for segment in segments}
        found = set[str]()
        for day in sorted(days):
            rows = self._database.read("SELECT file FROM sources WHERE kind = ? AND account = ? AND day = ?", day)
            found.update(file for (file,) in rows)
        return found

    def unsourced(self) -> set[str]:
        """Digests of files of which nobody noted it: they may have had records in any."""
        return {digest for (digest,) in self._database.read("SELECT digest FROM unsourced")}

    # what is lost

    def every(self) -> list[Lost]:
        """Segments that are lost, by kind, account and day."""
        rows = self._database.read(f"SELECT {_COLUMNS} FROM lost ORDER BY kind, account, day, path")
        return [Lost(Segment(*row[:-1]), row[-1]) for row in rows]

    def add(self, lost: Iterable[Lost], now: datetime) -> None:
        """Remember segments as lost."""
        rows = [(*segment[:_LISTED], found, now.isoformat()) for segment, found in lost]
        self._database.write_each(
            f"INSERT OR REPLACE INTO lost ({_COLUMNS}, at) VALUES ({','.join('?' * (_LISTED + 2))})", rows
        )

    def take_back(self, path: str) -> None:
        """Forget that a segment was lost, for it is listed again."""
        self._database.write("DELETE FROM lost WHERE path = ?", (path,))
        self._ask_for_no_more()

    def give_up(self, before: date | None = None) -> list[str]:
        """Give up what is lost, of days before one or all of it; return the paths."""
        gone = self._remove("1" if before is None else f"day < '{before.isoformat()}'")
        if before is not None:
            self._database.write("DELETE FROM sources WHERE day < ?", (before.isoformat(),))
        self._ask_for_no_more()
        return gone

    # files that are to be read again for it

    def ask(self, digests: Iterable[str], *, sourced: bool) -> None:
        """Ask for files again: those that had records in a lost segment's day, or those that may have."""
        self._database.write_each("INSERT OR IGNORE INTO again VALUES (?, ?)", [(one, sourced) for one in digests])

    def asked(self) -> set[str]:
        """Digests of the files that are to be read again."""
        return {digest for (digest,) in self._database.read("SELECT digest FROM again")}

    def note_read(self, digests: Iterable[str]) -> list[str]:
        """Note that files were read again; return the paths of what is lost no longer, every file of it being read."""
        rows = [(digest,) for digest in digests]
        for table in ("again", "unsourced"):
            self._database.write_each(f"DELETE FROM {table} WHERE digest = ?", rows)
        return self._remove(
            f"NOT EXISTS (SELECT 1 FROM again JOIN sources AS s ON s.file = substr(digest, 1, {FILE_DIGITS}) "
            "WHERE (s.kind, s.account, s.day) = (lost.kind, lost.account, lost.day)) "
            "AND NOT EXISTS (SELECT 1 FROM again WHERE NOT sourced)"
        )

    def _remove(self, which: str) -> list[str]:
        gone = [path for (path,) in self._database.read(f"SELECT path FROM lost WHERE {which}")]
        self._database.write_each("DELETE FROM lost WHERE path = ?", [(path,) for path in gone])
        return gone

    def _ask_for_no_more(self) -> None:
        """Ask only for files of what is still lost."""
        self._database.write(
            f"DELETE FROM again WHERE NOT EXISTS (SELECT 1 FROM lost) OR (sourced AND substr(digest, 1, {FILE_DIGITS}) "
            "NOT IN (SELECT file FROM sources JOIN lost USING (kind, account, day)))"
        )

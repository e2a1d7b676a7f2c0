"""What people declared: values that are usual for somebody, and days of a principal that are not to be learnt.

A line an entry, added to and never changed; an entry is taken back by a later one. What an entry says is known from
its time on, so that whoever judges a day again reads what was known then (`pipeline.detect.declared`). Most are said by
marks of alerts (`pipeline.stores.jsonl.marks`), which are read with them.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from msgspec import json

from pipeline.errors import StoreError
from pipeline.stores.jsonl.entry import Entry, find_problem
from pipeline.stores.jsonl.lines import append_line, read_lines

DECLARED_FILE: Final = "declared.jsonl"


class DeclaredJsonl:
    """Entries in `path`, and those of marks.

    Parameters
    ----------
    path
        The file.
    marked
        Gives what marks say.

    Examples
    --------
    >>> from datetime import date, datetime
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     declared = DeclaredJsonl(Path(folder) / DECLARED_FILE)
    ...     at = datetime.fromisoformat("2026-03-09T10:00:00Z")
    ...     declared.add(Entry(id="1", at=at, by="ana", kind="kept_out", principal="idc/bob", day=date(2026, 3, 8)))
    ...     [(entry.kind, str(entry.day)) for entry in declared.every()]
    [('kept_out', '2026-03-08')]
    """

    def __init__(self, path: Path, marked: Callable[[], list[Entry]] = list) -> None:
        self.path, self._marked = path, marked

    def add(self, entry: Entry) -> None:
        """Add an entry, durably.

        Raises
        ------
        StoreError
            It says nothing that could be followed, its id is taken, or the file cannot be written.
        """
        problem = find_problem(entry)
        before = {known.id: known for known in self.every()}
        if not problem and entry.id in before:
            problem = "its id is taken: give it another"
        if not problem and entry.kind == "undone" and entry.undoes not in before:
            problem = f"there is no entry {entry.undoes[:80]!r} to undo"
        if problem:
            raise StoreError(f"entry {entry.id[:80]!r} is not declared: {problem}")
        try:
            append_line(self.path, json.encode(entry))
        except OSError as error:
            raise StoreError(
                f"{self.path} cannot be written ({error.strerror}): make room, or mend the file, and declare it again"
            ) from error

    def every(self) -> list[Entry]:
        """Every entry that can be read and followed, those of marks last; the first of an id counts."""
        lines = read_lines(self.path, partial(json.decode, type=Entry), "move it away, or mend it")
        first: dict[str, Entry] = {}
        for entry in [*lines, *self._marked()]:
            if not find_problem(entry):
                first.setdefault(entry.id, entry)
        return list(first.values())

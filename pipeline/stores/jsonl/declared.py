"""What people declared: values that are usual for somebody, and days of a principal that are not to be learnt.

A line an entry, added to and never changed; an entry is taken back by a later one. What an entry says is known from
its time on, so that whoever judges a day again reads what was known then (`pipeline.detect.declared`).
"""

from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct, ValidationError, convert, json, to_builtins

from models.declared import Scope, can_declare
from pipeline.errors import StoreError
from pipeline.stores.jsonl.lines import append_line, read_lines

DECLARED_FILE: Final = "declared.jsonl"
_Text = Annotated[str, Meta(max_length=2048)]
_Name = Annotated[str, Meta(min_length=1, max_length=200)]


class Entry(Struct, frozen=True, kw_only=True):
    """One thing that somebody said.

    Examples
    --------
    >>> entry = Entry(
    ...     id="1", at=datetime.fromisoformat("2026-03-09T10:00:00Z"), by="ana", kind="usual", scope="principal",
    ...     principal="idc/bob", dimension="write", value="iam:CreateUser", until=date(2026, 6, 1),
    ... )
    >>> entry.as_dict()["until"]
    '2026-06-01'
    """

    id: _Name
    at: Annotated[datetime, Meta(tz=True)]
    """When it was said: it is known to days that begin later."""
    by: _Name
    """Who said it."""
    note: _Text = ""
    kind: Literal["usual", "kept_out", "undone"]
    """A value is usual; a principal's day is kept out of learning; an earlier entry counts no more."""
    scope: Scope = "principal"
    """For whom a value is usual: the principal, its group as it is on the day, or everybody."""
    principal: _Text = ""
    """Key of the principal (`Alert.principal_key`); empty for the deployment."""
    dimension: _Text = ""
    """Of the value (`features.activity.dimensions`): write, read, prefix, country, agent, resource:bucket, …"""
    value: _Text = ""
    since: date | None = None
    """First day on which it is usual; none for every day after it was said."""
    until: date | None = None
    """Day from which on it is usual no more; none where it does not expire."""
    day: date | None = None
    """The day that is kept out, in the deployment's time zone."""
    undoes: _Text = ""
    """Id of the entry that counts no more."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        document: dict[str, Any] = to_builtins(self)
        return document


class DeclaredJsonl:
    """Entries in `path`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     declared = DeclaredJsonl(Path(folder) / DECLARED_FILE)
    ...     at = datetime.fromisoformat("2026-03-09T10:00:00Z")
    ...     declared.add(Entry(id="1", at=at, by="ana", kind="kept_out", principal="idc/bob", day=date(2026, 3, 8)))
    ...     [(entry.kind, str(entry.day)) for entry in declared.every()]
    [('kept_out', '2026-03-08')]
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, entry: Entry) -> None:
        """Add an entry, durably.

        Raises
        ------
        StoreError
            It says nothing that could be followed, its id is taken, or the file cannot be written.
        """
        problem = _find_problem(entry)
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
        """Every entry that can be read and followed, in the order they were written; the first of an id counts."""
        lines = read_lines(self.path, partial(json.decode, type=Entry), "move it away, or mend it")
        first: dict[str, Entry] = {}
        for entry in lines:
            if not _find_problem(entry):
                first.setdefault(entry.id, entry)
        return list(first.values())


def _find_problem(entry: Entry) -> str:
    """Why an entry cannot be followed; empty where it can."""
    try:
        convert(entry.as_dict(), Entry)
    except ValidationError as error:
        return str(error)
    if entry.kind == "undone":
        return "" if entry.undoes else "name the entry that it undoes"
    if entry.kind == "kept_out":
        return "" if entry.principal and entry.day else "name the principal and the day that are kept out"
    if not can_declare(entry.dimension):
        return (
            f"values of {entry.dimension[:80]!r} cannot be declared usual; a call (read, write), a place, a tool or a "
            "resource can"
        )
    if not entry.value or (not entry.principal) != (entry.scope == "deployment"):
        return "name the value, and the principal unless it is usual in the whole deployment"
    if entry.since and entry.until and entry.until <= entry.since:
        return f"it would expire on {entry.until}, before it begins"
    return ""

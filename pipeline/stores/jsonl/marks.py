"""Marks: what people said of alerts, a line a decision, added to and never changed.

It is the log that tells who said what, when and why, and it is what models are told: a mark names its entries
(`pipeline.stores.jsonl.declared`) in the line that it is, so that no crash leaves a mark without what follows of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct, ValidationError, convert, json, to_builtins

from features.activity.dimensions import is_dimension
from models.declared import Scope, can_declare
from pipeline.errors import StoreError
from pipeline.stores.jsonl.entry import Entry
from pipeline.stores.jsonl.lines import append_line, read_lines

MARKS_FILE: Final = "marks.jsonl"
LONGEST_NOTE: Final = 2000
"""Characters of a note."""
MOST_VALUES: Final = 32
"""Values of a mark; an alert has no more reasons than 12."""
MOST_DAYS: Final = 92
"""Days that one mark keeps out of learning."""
_Text = Annotated[str, Meta(max_length=2048)]
_Name = Annotated[str, Meta(min_length=1, max_length=200)]
_Id = Annotated[str, Meta(pattern=r"^[0-9a-f]{12}$")]

Verdict = Literal["expected", "malicious", "unsure", "undone"]


class Value(Struct, frozen=True, order=True):
    """A value that is usual from now on."""

    dimension: _Text
    """As `Entry.dimension`."""
    value: Annotated[str, Meta(min_length=1, max_length=2048)]


class Mark(Struct, frozen=True, kw_only=True):
    """One thing that somebody said of an alert.

    Examples
    --------
    >>> mark = Mark(
    ...     id="0123456789ab", at=datetime.fromisoformat("2026-03-09T10:00:00Z"), by="ana", verdict="expected",
    ...     alert_id="3f9a", principal="idc/bob", values=(Value("write", "iam:CreateUser"),), until=date(2026, 6, 1),
    ... )
    >>> [(entry.id, entry.kind, entry.value) for entry in mark.entries()]
    [('0123456789ab/1', 'usual', 'iam:CreateUser')]
    """

    id: _Id
    at: Annotated[datetime, Meta(tz=True)]
    """When it was said: it counts on days that begin later."""
    by: _Name
    """Who said it."""
    source: Literal["command", "page", "index"] = "command"
    """Where it was said; `index` is what another tool wrote into the index of alerts."""
    verdict: Verdict
    """`undone` takes an earlier mark back."""
    note: Annotated[str, Meta(max_length=LONGEST_NOTE)] = ""
    """Why."""
    alert_id: _Text
    principal: _Text
    """Key of the principal that the alert is about."""
    principal_name: _Text = ""
    scope: Scope = "principal"
    """For whom the values are usual."""
    values: Annotated[tuple[Value, ...], Meta(max_length=MOST_VALUES)] = ()
    until: date | None = None
    """Day from which on they are usual no more."""
    days: Annotated[tuple[date, ...], Meta(max_length=MOST_DAYS)] = ()
    """Days of the principal that are not learnt."""
    undoes: Annotated[str, Meta(max_length=12)] = ""
    undone: Annotated[int, Meta(ge=0, le=MOST_DAYS)] = 0
    """Entries of the mark that is undone."""
    external: Annotated[str, Meta(max_length=64)] = ""
    """Names what was read in an index, so that it is taken once."""
    price: dict[str, int | None] = {}
    """What was shown before it was saved: see `pipeline.feedback.price.Price.as_counts`."""

    def entries(self) -> list[Entry]:
        """What models are told of it."""
        about: dict[str, Any] = {"scope": self.scope, "principal": self.principal}
        told: list[dict[str, Any]] = [
            *({"kind": "usual", **about, **to_builtins(one), "until": self.until} for one in self.values),
            *({"kind": "kept_out", "principal": self.principal, "day": day} for day in self.days),
            *({"kind": "undone", "undoes": f"{self.undoes}/{number}"} for number in range(1, self.undone + 1)),
        ]
        return [
            Entry(id=f"{self.id}/{number}", at=self.at, by=self.by, note=self.note, **one)
            for number, one in enumerate(told, 1)
        ]

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        document: dict[str, Any] = to_builtins(self)
        return document


@dataclass(frozen=True, slots=True)
class Standing:
    """A mark as it stands on a day."""

    mark: Mark
    state: Literal["counts", "expired", "undone", "noted"]
    """`noted` is what tells models nothing."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {**self.mark.as_dict(), "state": self.state}


class MarksJsonl:
    """Marks in `path`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     marks = MarksJsonl(Path(folder) / MARKS_FILE)
    ...     at = datetime.fromisoformat("2026-03-09T10:00:00Z")
    ...     marks.add(Mark(id="0123456789ab", at=at, by="ana", verdict="unsure", alert_id="3f9a", principal="idc/bob"))
    ...     [(one.mark.verdict, one.state) for one in marks.standing(at.date())]
    [('unsure', 'noted')]
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, mark: Mark) -> None:
        """Add a mark, durably.

        Raises
        ------
        StoreError
            It says nothing that could be followed, its id is taken, or the file cannot be written.
        """
        before = {known.id: known for known in self.every()}
        problem = _find_problem(mark, before) or _find_unknown(mark)
        if not problem and mark.id in before:
            problem = "its id is taken: give it another"
        if problem:
            raise StoreError(f"mark {mark.id[:80]!r} is not kept: {problem}")
        try:
            append_line(self.path, json.encode(mark))
        except OSError as error:
            raise StoreError(
                f"{self.path} cannot be written ({error.strerror}): make room, or mend the file, and mark it again"
            ) from error

    def every(self) -> list[Mark]:
        """Every mark that can be read and followed, in the order they were written; the first of an id counts."""
        lines = read_lines(self.path, partial(json.decode, type=Mark), "move it away, or mend it")
        first: dict[str, Mark] = {}
        for mark in lines:
            if not _find_problem(mark, first):
                first.setdefault(mark.id, mark)
        return list(first.values())

    def entries(self) -> list[Entry]:
        """What models are told, in the order it was said."""
        return [entry for mark in self.every() for entry in mark.entries()]

    def standing(self, today: date) -> list[Standing]:
        """Every mark and what became of it by a day in the deployment's time zone, the oldest first."""
        every = self.every()
        undone = {mark.undoes for mark in every if mark.verdict == "undone"}
        return [Standing(mark, _find_state(mark, undone, today)) for mark in every]


def _find_state(mark: Mark, undone: set[str], today: date) -> Literal["counts", "expired", "undone", "noted"]:
    if mark.id in undone:
        return "undone"
    if mark.until is not None and mark.until <= today:
        return "expired"
    return "counts" if mark.days or any(can_declare(one.dimension) for one in mark.values) else "noted"


def _find_problem(mark: Mark, before: Mapping[str, Mark]) -> str:
    """Why a mark cannot be followed; empty where it can."""
    try:
        convert(mark.as_dict(), Mark)
    except ValidationError as error:
        return str(error)
    if mark.verdict == "undone":
        found = before.get(mark.undoes)
        if found is None or found.verdict == "undone":
            return f"there is no mark {mark.undoes[:80]!r} to undo"
        return "" if mark.undone == len(found.entries()) else "it takes back something else than that mark said"
    if mark.undoes or mark.undone:
        return f"{mark.verdict} takes nothing back"
    if mark.verdict == "expected":
        return _find_untold(mark)
    if mark.values or mark.until:
        return f"{mark.verdict} makes nothing usual"
    if mark.verdict == "malicious":
        return "" if mark.days and mark.principal else "name the principal and the days that are not learnt"
    return "unsure keeps nothing out of learning" if mark.days else ""


def _find_untold(mark: Mark) -> str:
    """Why what is expected cannot be told to a model; empty where it can."""
    if mark.days:
        return "expected keeps nothing out of learning"
    if not mark.values or not mark.principal or mark.scope == "deployment":
        return "name what is expected, and of which principal or group"
    if mark.until is None or mark.until <= mark.at.date() - timedelta(days=1):
        return "name a day in the future from which on it is expected no more"
    unfit = [one.dimension for one in mark.values if is_dimension(one.dimension) and not can_declare(one.dimension)]
    return _REFUSED.format(unfit[0][:80]) if unfit else ""


_REFUSED: Final = "values of {!r} cannot be made usual"


def _find_unknown(mark: Mark) -> str:
    """Why nothing would come of a mark now: it names what there is not. It may have been so once, and is kept then."""
    unknown = [one.dimension for one in mark.values if not is_dimension(one.dimension)]
    return _REFUSED.format(unknown[0][:80]) if unknown else ""

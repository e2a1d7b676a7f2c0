"""What people declared (`pipeline.stores.jsonl.declared`), as it is known to a day: the same whenever it is asked.

An entry counts from its time on, for days that begin later. So a day that is judged again, by whoever it is, reads what
was known as it began, and a model that goes on from another has been told the same as one from scratch.
"""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.times.day import date_of, day_number, service_start
from features.times.instant import micros
from models.baseline import Bools, Ints
from models.declared import Usual
from pipeline.detect.activity import Delivered
from pipeline.stores.jsonl.entry import Entry

PrincipalDay = tuple[str, int]
"""Key of a principal, and a day since 1970 in the deployment's time zone."""


class DeclaredStore(Protocol):
    """Entries, added to and never changed."""

    def every(self) -> list[Entry]:
        """Every entry, in the order they were written."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What a walk is told.

    Examples
    --------
    >>> class Nothing:
    ...     def every(self):
    ...         return []
    >>> told = Declared(Nothing(), "UTC", 15)
    >>> told.usual(20500), told.kept_out(20501)
    ((), frozenset())
    """

    store: DeclaredStore
    timezone: str
    lateness_minutes: int
    trains: int | None = None
    """Day of the model that is trained: all of its days are learnt by what was known as that one began. None where each
    day is learnt by what is known at its end."""

    def usual(self, day: int) -> tuple[Usual, ...]:
        """Values that are usual on a day, in order."""
        found = {
            Usual(entry.scope, entry.principal, entry.dimension, entry.value)
            for entry in self._known(day)
            if entry.kind == "usual"
            and (entry.since is None or entry.since <= date_of(day))
            and (entry.until is None or date_of(day) < entry.until)
        }
        return tuple(sorted(found))

    def kept_out(self, day: int) -> frozenset[PrincipalDay]:
        """Days of principals that are not learnt by the model of a day."""
        return frozenset(
            (entry.principal, day_number(entry.day))
            for entry in self._known(day if self.trains is None else self.trains)
            if entry.kind == "kept_out" and entry.day is not None
        )

    def digest(self, day: int) -> str:
        """Names all of it that has shaped the model of a day: equal for equal entries."""
        out = sorted(one for one in self.kept_out(day) if one[1] < day)
        told = sorted(
            (entry.as_dict() for entry in self._known(day, undone=True) if entry.kind != "kept_out"),
            key=lambda entry: str(entry["id"]),
        )
        return hashlib.sha256(json.dumps([out, told]).encode()).hexdigest()

    def _known(self, day: int, *, undone: bool = False) -> Sequence[Entry]:
        """Entries that were made before a day began, without those that were undone by then unless asked for."""
        begins = service_start(day, ZoneInfo(self.timezone), self.lateness_minutes)
        known = [entry for entry in self.store.every() if micros(entry.at) < begins]
        gone = set() if undone else {entry.undoes for entry in known if entry.kind == "undone"}
        return [entry for entry in known if entry.id not in gone]


def without(delivered: Delivered, kept_out: Collection[PrincipalDay]) -> Delivered:
    """A day's deliveries without days of principals that are kept out: what a model never sees, it cannot learn."""
    tokens, active, hourly, closed = (
        _leave_out(table, kept_out)
        for table in (delivered.tokens, delivered.active, delivered.hourly, delivered.closed)
    )
    return Delivered(tokens, active, hourly, closed)


def find_kept(principals: Sequence[str], principal: Ints, day: Ints, kept_out: Collection[PrincipalDay]) -> Bools:
    """Which of some coded rows are of a day that is kept out, shape (n,)."""
    names = {name for name, _ in kept_out}
    codes = {name: code for code, name in enumerate(principals) if name in names}
    out = np.zeros(len(principal), dtype=bool)
    for name, of in kept_out:
        if name in codes:
            out |= (principal == codes[name]) & (day == of)
    return out


def _leave_out(table: pa.Table, kept_out: Collection[PrincipalDay]) -> pa.Table:
    mask = np.ones(len(table), dtype=bool)
    names = pa.array(sorted({name for name, _ in kept_out}), pa.string())
    if not pc.any(pc.is_in(table["principal"], value_set=names)).as_py():
        return table
    for name, day in kept_out:
        ours = pc.and_(pc.equal(table["principal"], pa.scalar(name)), pc.equal(table["day"], pa.scalar(date_of(day))))
        mask &= ~np.asarray(ours.to_numpy(), dtype=bool)
    return table if mask.all() else table.filter(pa.array(mask))

"""What a principal's day is made of: the evidence that a day of deliveries showed, and what it adds up to at a tick."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from models.combine import Piece
from models.counts import Volumes
from models.items import Items

Key: TypeAlias = tuple[int, ...]
"""A ledger: (day, principal), and third, where all of it came after yesterday's was closed, the day it came on."""
Shared = tuple[int, int]
"""A first that a change may spread: (circle, token)."""


def is_open(key: Key, day: int) -> bool:
    """Whether more may come into a ledger on a day: that day's, yesterday's, and what came late on it.

    >>> is_open((7, 0), 8), is_open((6, 0), 8), is_open((3, 0, 8), 8), is_open((3, 0, 7), 8)
    (True, False, True, False)
    """
    return key[0] >= day - 1 or key[2:] == (day,)


@dataclass(slots=True)
class Evidence:
    """What a day of deliveries showed, before it is added up; `items` and `volumes` stand in order of tick."""

    day: int
    """The day whose baseline judged it; late items belong to days before."""
    items: Items
    pieces: list[Piece]
    """One an item: family, nats and what a visit to a new service takes off."""
    circle: list[int]
    """Circle in which a change spreads the item's token; -1 for what is no first."""
    volumes: Volumes
    prior: dict[int, float]
    """Nats of each principal's kind: −ln(principals of the kind + 1)."""
    newcomers: frozenset[int]
    acts: frozenset[int] = frozenset()
    """Rows of `items` that are critical acts, however rare anything else is."""
    traces: Mapping[int, int] = field(default_factory=dict)
    """Marks of what may tell whose hands they are, by row of `items`: a place that hardly anybody else was ever seen
    in, a role or user that hardly anybody ever touched (`models.kin`)."""
    kin: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """Marks of each principal: who touches what answers to them is in its story."""
    young: frozenset[int] = frozenset()
    """Principals in their first days, forgiven or not: what they do is also their maker's."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One item in a ledger."""

    evidence: Evidence
    row: int
    """Row of `evidence.items`."""
    shared: tuple[Shared, ...] = ()
    """The changes it may be part of, the widest first."""

    @property
    def piece(self) -> Piece:
        """What it brings to the sum."""
        return self.evidence.pieces[self.row]

    @property
    def token(self) -> int:
        """Code of its value."""
        return int(self.evidence.items.token[self.row])


@dataclass(frozen=True, slots=True)
class Count:
    """The largest count of a ledger."""

    evidence: Evidence
    row: int
    """Row of `evidence.volumes`."""

    @property
    def nats(self) -> float:
        """Evidence of the count."""
        return float(self.evidence.volumes.nats[self.row])


@dataclass(slots=True)
class Standing:
    """What a principal's day adds up to at a tick."""

    day: int
    principal: int
    tick: int
    total: float
    """Sum of the families and the kind's prior, nats."""
    families: dict[str, float]
    contributions: list[tuple[Entry, float]]
    """Nats of each item that adds to the sum."""
    own_past: Count | None
    population: Count | None
    prior: float
    sharing: frozenset[int]
    """Principals that share the changes this one stands for."""
    traces: frozenset[int] = frozenset()
    """Marks that may tell whose hands it was: whoever else shows one is in the same story."""
    late: int = 0
    """The day it came on, where the ledger of its own day was closed by then; else 0."""
    acts: float = 0.0
    """Nats of its critical acts."""
    since: int = 0
    """The first day it speaks of, where the days before are added up with it (`models.week`); else 0."""
    by: str = ""
    """The detector that raised it by itself (`models.alone`); else ""."""
    kin: frozenset[int] = frozenset()
    """Marks of its principal, among `traces`: whoever else bears one made it, took it, or is a fresh name of a role."""
    young: bool = False
    """Its principal is in its first days."""

    @property
    def key(self) -> Key:
        """The ledger it is of."""
        return (self.day, self.principal, self.late) if self.late else (self.day, self.principal)

    @property
    def first_day(self) -> int:
        """The first day it speaks of."""
        return self.since or self.day

    @property
    def evidence(self) -> float:
        """Nats of evidence, without the kind's prior."""
        return self.total - self.prior

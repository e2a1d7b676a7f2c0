"""The day's ledger: what each principal's day adds up to, as deliveries come in.

Yesterday's is open for late deliveries. What comes later still opens a ledger of its own, for the day on which it
comes: the model that judges it has not learnt it, though it has learnt the rest of that day.

A value counts once a day. A first that three or more principals of a circle share today or yesterday is one change: it
stays with the one whose other evidence is largest and leaves the others. A place or tool that nobody here ever had is
a move of everybody who shares it, where most of them do nothing else that is odd: an office, a network or a provider
has moved, and what most others of a place or tool have moved for goes along. What is done there is no part of it, so
that whoever acts in a move is told of as ever, and holds the move as well. Evidence is opened a
day at a time and revealed in order of tick, so that any run over the same deliveries takes the same steps.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from models.baseline import NOBODY
from models.combine import FAMILIES, Piece, combine
from models.counts import Volumes
from models.items import Items

WAVE = 3
"""Principals that must share a first for it to be a change. Set by hand on the prototype; not measured alone."""
MOVE_FAMILIES: Final = ("place", "tool")
"""Families whose values can move with everybody: where somebody calls from, and with what. A definition."""
MOVE_QUIET_NATS: Final = 1.0
"""Nats of what is not shared, from which on whoever is in a move does something else that is odd: at 4, ten
credentials that each read a secret from one host were a move. Set by hand; not measured."""
_MOVED, _GONE_ALONG = -2, -3
"""Circles of a move: a place or tool that nobody here ever had, and one that others had before."""
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


@dataclass(slots=True)
class _Open:
    key: Key
    """Its own; who shares what with it holds this one, for a tuple an item would be many."""
    entries: list[Entry] = field(default_factory=list)
    tokens: set[int] = field(default_factory=set)
    own_past: Count | None = None
    population: Count | None = None


class Ledger:
    """Adds up evidence tick by tick; yesterday stays open for late deliveries, and what is older has its own ledgers.

    Parameters
    ----------
    opens_yesterday
        What comes on the first day of the day before is judged as well; without it, others have judged it.

    Examples
    --------
    >>> Ledger().next_tick() is None
    True
    """

    def __init__(self, *, opens_yesterday: bool = True) -> None:
        self._opens_yesterday = opens_yesterday
        self._evidence: dict[int, Evidence] = {}
        """The last that was opened of each day."""
        self._day = self._item = self._volume = 0
        self._open: dict[Key, _Open] = {}
        self._sharing: dict[Shared, dict[Key, int]] = {}
        """Who shares a first, and from which tick on."""
        self._others: dict[Key, float] = {}
        self._holders: dict[Shared, Key] = {}
        self._moves: dict[Shared, bool] = {}
        self._roles: dict[Key, tuple[float, bool, bool]] = {}
        """What each ledger that shares a change was for the others, the last time that it was looked at."""

    def open(self, evidence: Evidence) -> None:
        """Open a day, or more of the one that is open; close all days before yesterday. `advance` reveals the evidence.

        Raises
        ------
        ValueError
            The evidence is not in order of tick, or what was opened before is not all revealed.
        """
        for tick in (evidence.items.tick, evidence.volumes.tick):
            if (tick[1:] < tick[:-1]).any():
                raise ValueError("evidence must stand in order of tick")
        if self._evidence and evidence.day == self._day and self.next_tick() is not None:
            raise ValueError("more of a day can be opened once all that was opened of it is revealed")
        if evidence.day != self._day:
            self._forget(evidence.day)
        self._evidence[evidence.day] = evidence
        self._day = evidence.day
        self._item = self._volume = 0

    def _forget(self, day: int) -> None:
        """Close the ledgers that a day does not go on with."""
        self._evidence = {of: kept for of, kept in self._evidence.items() if of >= day - 1}
        self._open = {key: kept for key, kept in self._open.items() if is_open(key, day)}
        sharing = {
            shared: {key: tick for key, tick in keys.items() if is_open(key, day)}
            for shared, keys in self._sharing.items()
        }
        self._sharing = {shared: keys for shared, keys in sharing.items() if keys}
        self._forget_found()
        self._roles.clear()
        for key in {key for shared, keys in self._sharing.items() if self._is_many(shared) for key in keys}:
            self._note_role(key)

    def next_tick(self) -> int | None:
        """The earliest tick of the open day with anything not yet revealed; none when all is."""
        if not self._evidence:
            return None
        evidence, ticks = self._evidence[self._day], []
        if self._item < len(evidence.items):
            ticks.append(int(evidence.items.tick[self._item]))
        if self._volume < len(evidence.volumes):
            ticks.append(int(evidence.volumes.tick[self._volume]))
        return min(ticks, default=None)

    def advance(self, tick: int) -> list[Standing]:
        """Reveal all that was delivered up to a tick; return the standings that changed, by day and principal."""
        came = set(self._reveal(tick))
        self._forget_found()
        return [self._standing(key, tick) for key in sorted(self._spread(came))]

    def _spread(self, came: set[Key]) -> set[Key]:
        """Ledgers that may stand otherwise since some of them grew: those, and whoever shares a change with them.

        Where that makes a ledger something else for the others, whoever shares one with it, and so on; each is looked
        at once.
        """
        reached, wave = set(came), came
        while wave:
            shared = {one for key in wave for e in self._open[key].entries for one in e.shared if self._is_many(one)}
            near = {key for one in shared for key in self._sharing[one]} - reached
            reached |= near
            wave = {key for key in near if self._note_role(key)}
        for key in came:
            if any(self._is_many(one) for e in self._open[key].entries for one in e.shared):
                self._note_role(key)
        return reached

    def _note_role(self, key: Key) -> bool:
        """Note what a ledger is for those who share a change with it; say whether that is something else now."""
        role = self._other(key), self._is_quiet(key), self._moved(key)
        if self._roles.get(key) == role:
            return False
        self._roles[key] = role
        return True

    def _forget_found(self) -> None:
        """Forget what was found of ledgers as they stood."""
        self._others.clear()
        self._holders.clear()
        self._moves.clear()

    def _reveal(self, tick: int) -> Iterator[Key]:
        evidence = self._evidence[self._day]
        items, volumes = evidence.items, evidence.volumes
        while self._item < len(items) and items.tick[self._item] <= tick:
            row = self._item
            self._item += 1
            key, token = self._key(int(items.day[row]), int(items.principal[row])), int(items.token[row])
            ledger = self._ledger(key)
            if ledger is None or token in ledger.tokens:
                continue
            shared = _list_shared(evidence, row, token)
            key = ledger.key
            ledger.tokens.add(token)
            ledger.entries.append(Entry(evidence, row, shared))
            for one in shared:
                self._sharing.setdefault(one, {})[key] = int(items.tick[row])
            yield key
        while self._volume < len(volumes) and volumes.tick[self._volume] <= tick:
            row = self._volume
            self._volume += 1
            key = self._key(int(volumes.day[row]), int(volumes.principal[row]))
            ledger = self._ledger(key)
            if ledger is None:
                continue
            count = Count(evidence, row)
            if volumes.population[row]:
                ledger.population = max((ledger.population, count), key=lambda c: c.nats if c else 0.0)
            else:
                ledger.own_past = max((ledger.own_past, count), key=lambda c: c.nats if c else 0.0)
            yield key

    def _key(self, day: int, principal: int) -> Key:
        return (day, principal) if day >= self._day - 1 else (day, principal, self._day)

    def _ledger(self, key: Key) -> _Open | None:
        """The ledger of a key; none for a yesterday that others have judged."""
        if len(key) == 2 and key[0] not in self._evidence and not self._opens_yesterday:
            return None
        if key not in self._open:
            self._open[key] = _Open(key)
        return self._open[key]

    def _standing(self, key: Key, tick: int) -> Standing:
        day, principal, *late = key
        opened, ledger = self._evidence.get(day, self._evidence[self._day]), self._open[key]
        sharing: set[int] = set()
        held: list[Entry] = []
        for entry in ledger.entries:
            wave = self._find_wave(entry)
            if wave is not None:
                if self._holder(wave) != key:
                    continue
                sharing.update(other for _, other, *_ in self._sharing[wave])
            held.append(entry)
        summed = combine([entry.piece for entry in held], principal in opened.newcomers)
        contributions = [(entry, nats) for entry, nats in zip(held, summed, strict=True) if nats > 0]
        families = dict.fromkeys(FAMILIES, 0.0)
        for entry, nats in contributions:
            families[entry.piece.family] += nats
        families["count"] = max((c.nats for c in (ledger.own_past, ledger.population) if c), default=0.0)
        prior, kin = opened.prior.get(principal, 0.0), self._evidence[self._day].kin.get(principal, frozenset())
        return Standing(
            day,
            principal,
            tick,
            sum(families.values()) + prior,
            families,
            contributions,
            ledger.own_past,
            ledger.population,
            prior,
            frozenset(sharing - {principal}),
            kin | {e.evidence.traces[e.row] for e in ledger.entries if e.row in e.evidence.traces},
            late=late[0] if late else 0,
            kin=kin,
            young=principal in self._evidence[self._day].young,
            acts=sum(nats for entry, nats in contributions if entry.row in entry.evidence.acts),
        )

    def _find_wave(self, entry: Entry) -> Shared | None:
        """The change that an entry is part of."""
        for shared in entry.shared:
            if self._is_many(shared) and (shared[0] >= 0 or self._is_move(shared)):
                return shared
        return None

    def _is_many(self, shared: Shared) -> bool:
        keys = self._sharing[shared]
        return len(keys) >= WAVE and len({principal for _, principal, *_ in keys}) >= WAVE

    def _is_move(self, shared: Shared) -> bool:
        """Whether most of those who share a place or tool do nothing else that is odd, or moved for another."""
        if shared not in self._moves:
            keys, belongs = self._sharing[shared], self._is_quiet if shared[0] == _MOVED else self._moved
            self._moves[shared] = 2 * sum(map(belongs, keys)) > len(keys)
        return self._moves[shared]

    def _is_quiet(self, key: Key) -> bool:
        """Whether what a ledger shares with nobody is little."""
        alone = (e.piece.nats for e in self._open[key].entries if not any(map(self._is_many, e.shared)))
        return sum(alone) < MOVE_QUIET_NATS

    def _moved(self, key: Key) -> bool:
        """Whether a ledger holds a place or tool that nobody ever had, and of a move."""
        places = (shared for entry in self._open[key].entries for shared in entry.shared if shared[0] == _MOVED)
        return any(self._is_many(shared) and self._is_move(shared) for shared in places)

    def _holder(self, shared: Shared) -> Key:
        """The ledger a change stays with: the largest other evidence, then the later day, then the older principal.

        A move stays with who came first, while nobody in it does anything else that is odd.
        """
        if shared not in self._holders:
            keys = self._sharing[shared]
            quiet = MOVE_QUIET_NATS if shared[0] < 0 else 0.0
            self._holders[shared] = max(
                keys,
                key=lambda key: (
                    other if (other := self._other(key)) >= quiet else 0.0, -keys[key] if quiet else 0, key[0], -key[1]
                ),
            )  # fmt: skip
        return self._holders[shared]

    def _other(self, key: Key) -> float:
        """Evidence of a ledger that no change explains, before it is combined."""
        if key not in self._others:
            self._others[key] = sum(e.piece.nats for e in self._open[key].entries if self._find_wave(e) is None)
        return self._others[key]


def _list_shared(evidence: Evidence, row: int, token: int) -> tuple[Shared, ...]:
    """The changes that an item may be part of."""
    if evidence.circle[row] < 0:
        return ()
    near = evidence.circle[row], token
    if evidence.pieces[row].family not in MOVE_FAMILIES:
        return (near,)
    return (_MOVED if evidence.items.circle[row] == NOBODY else _GONE_ALONG, token), near

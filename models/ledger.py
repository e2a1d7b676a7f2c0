"""The day's ledger: what each principal's day adds up to, as deliveries come in.

A value counts once a day. A first that three or more principals of a circle share today or yesterday is one change: it
stays with the one whose other evidence is largest and leaves the others. Evidence is opened a day at a time and
revealed in order of tick, so that any run over the same deliveries takes the same steps.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from models.baseline import Floats
from models.combine import FAMILIES, Piece, combine
from models.items import Items
from models.volume import Volumes

WAVE = 3
"""Principals that must share a first for it to be a change."""
Key = tuple[int, int]
"""A ledger: (day, principal)."""


@dataclass(slots=True)
class DayEvidence:
    """A day's evidence before it is added up; `items` and `volumes` are sorted by tick."""

    day: int
    items: Items
    family: list[str]
    service: list[int]
    """Service of an item whose service is new to its principal, else -1."""
    visit: list[float]
    """Nats that further firsts of that service lose."""
    circle: list[int]
    """Circle in which a change spreads the item's token; -1 for what is no first."""
    volumes: Volumes
    prior: dict[int, float]
    """Nats of each principal's kind: −ln(principals of the kind + 1)."""
    newcomers: frozenset[int]
    forest: Floats | None = None


@dataclass(slots=True)
class Standing:
    """What a principal's day adds up to at a tick."""

    day: int
    principal: int
    tick: int
    total: float
    """Sum of the families and the kind's prior, nats."""
    families: dict[str, float]
    contributions: dict[int, float]
    """Nats by item of the day's evidence."""
    own_past: int = -1
    population: int = -1
    """Rows of the day's volumes that count; -1 for none."""
    prior: float = 0.0
    wave: frozenset[int] = frozenset()
    """Principals that share the changes this one stands for."""


@dataclass(slots=True)
class _Open:
    items: list[int] = field(default_factory=list)
    own_past: int = -1
    population: int = -1


class Ledger:
    """Adds up evidence tick by tick over the days that are open.

    Examples
    --------
    >>> Ledger().days
    []
    """

    def __init__(self) -> None:
        self._days: dict[int, DayEvidence] = {}
        self._item: dict[int, int] = {}
        self._volume: dict[int, int] = {}
        self._open: dict[Key, _Open] = {}
        self._sharing: dict[tuple[int, int], dict[Key, int]] = {}
        """By (circle, token), the ledgers that hold it as a first, with the item."""
        self._waves_of: dict[Key, set[tuple[int, int]]] = {}
        self._others: dict[Key, float] = {}
        self._holders: dict[tuple[int, int], Key] = {}

    @property
    def days(self) -> list[int]:
        """Days that are open."""
        return sorted(self._days)

    def open(self, evidence: DayEvidence) -> None:
        """Open a day; its evidence is revealed by `advance`."""
        self._days[evidence.day] = evidence
        self._item[evidence.day] = self._volume[evidence.day] = 0

    def close(self, day: int) -> None:
        """Forget a day and all before it."""
        for old in [d for d in self._days if d <= day]:
            del self._days[old], self._item[old], self._volume[old]
        self._open = {key: value for key, value in self._open.items() if key[0] > day}
        self._waves_of = {key: value for key, value in self._waves_of.items() if key[0] > day}
        for shared in list(self._sharing):
            left = {key: item for key, item in self._sharing[shared].items() if key[0] > day}
            if left:
                self._sharing[shared] = left
            else:
                del self._sharing[shared]

    def evidence(self, day: int) -> DayEvidence:
        """The evidence of an open day."""
        return self._days[day]

    def next_tick(self) -> int | None:
        """The earliest tick with anything not yet revealed; none when all is."""
        ticks = []
        for day, evidence in self._days.items():
            if self._item[day] < len(evidence.items):
                ticks.append(int(evidence.items.tick[self._item[day]]))
            if self._volume[day] < len(evidence.volumes):
                ticks.append(int(evidence.volumes.tick[self._volume[day]]))
        return min(ticks, default=None)

    def advance(self, tick: int) -> list[Standing]:
        """Reveal all that was delivered up to a tick; return the standings that changed, by day and principal."""
        changed: set[Key] = set()
        touched_waves: set[tuple[int, int]] = set()
        for day in self.days:
            for key in self._reveal(day, tick, touched_waves):
                changed.add(key)
        for key in list(changed):
            touched_waves |= self._waves_of.get(key, set())
        for shared in touched_waves:
            if len({principal for _, principal in self._sharing[shared]}) >= WAVE:
                changed.update(self._sharing[shared])
        self._others.clear()
        self._holders.clear()
        return [self._standing(key, tick) for key in sorted(changed) if key in self._open]

    def _reveal(self, day: int, tick: int, touched: set[tuple[int, int]]) -> Iterator[Key]:
        evidence = self._days[day]
        items, position = evidence.items, self._item[day]
        while position < len(items) and items.tick[position] <= tick:
            key = (day, int(items.principal[position]))
            self._open.setdefault(key, _Open()).items.append(position)
            if evidence.circle[position] >= 0:
                shared = (evidence.circle[position], int(items.token[position]))
                self._sharing.setdefault(shared, {})[key] = position
                self._waves_of.setdefault(key, set()).add(shared)
                touched.add(shared)
            position += 1
            yield key
        self._item[day] = position
        volumes, position = evidence.volumes, self._volume[day]
        while position < len(volumes) and volumes.tick[position] <= tick:
            key = (day, int(volumes.principal[position]))
            ledger = self._open.setdefault(key, _Open())
            if volumes.population[position]:
                ledger.population = position
            else:
                ledger.own_past = position
            position += 1
            yield key
        self._volume[day] = position

    def _standing(self, key: Key, tick: int) -> Standing:
        day, principal = key
        evidence, ledger = self._days[day], self._open[key]
        wave: set[int] = set()
        pieces = []
        for item in ledger.items:
            members = self._wave(evidence, item)
            if members and self._holder(members, (evidence.circle[item], int(evidence.items.token[item]))) != key:
                continue
            wave.update(p for _, p in members)
            pieces.append(
                Piece(
                    item,
                    evidence.family[item],
                    float(evidence.items.nats[item]),
                    evidence.service[item],
                    evidence.visit[item],
                )
            )
        contributions = combine(pieces, principal in evidence.newcomers)
        families = dict.fromkeys(FAMILIES, 0.0)
        for item, nats in contributions.items():
            families[evidence.family[item]] += nats
        families["count"] = max(
            (float(evidence.volumes.nats[row]) for row in (ledger.own_past, ledger.population) if row >= 0), default=0.0
        )
        prior = evidence.prior.get(principal, 0.0)
        total = sum(families.values()) + prior
        return Standing(
            day, principal, tick, total, families, contributions, ledger.own_past, ledger.population, prior,
            frozenset(wave),
        )  # fmt: skip

    def _wave(self, evidence: DayEvidence, item: int) -> list[Key]:
        """The ledgers that share an item's first, when they are enough to be one change."""
        if evidence.circle[item] < 0:
            return []
        members = self._sharing[evidence.circle[item], int(evidence.items.token[item])]
        return list(members) if len({principal for _, principal in members}) >= WAVE else []

    def _holder(self, members: list[Key], shared: tuple[int, int]) -> Key:
        if shared not in self._holders:
            self._holders[shared] = max(members, key=lambda key: (self._other(key), -key[0], -key[1]))
        return self._holders[shared]

    def _other(self, key: Key) -> float:
        """Evidence of a ledger that no change explains, before it is combined."""
        if key not in self._others:
            evidence = self._days[key[0]]
            self._others[key] = sum(
                float(evidence.items.nats[item]) for item in self._open[key].items if not self._wave(evidence, item)
            )
        return self._others[key]

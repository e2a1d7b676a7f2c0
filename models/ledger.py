"""The day's ledger: what each principal's day adds up to, as deliveries come in.

Yesterday's is open for late deliveries. What comes later still opens a ledger of its own, for the day on which it
comes: the model that judges it has not learnt it, though it has learnt the rest of that day.

A value counts once a day, and what reaches many at once is told of one (`models.changes`). Evidence is opened a day at
a time and revealed in order of tick, so that any run over the same deliveries takes the same steps.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from models.changes import Changes
from models.combine import FAMILIES, combine
from models.standing import Count, Evidence, Key, Standing, is_open


@dataclass(slots=True)
class _Open:
    key: Key
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
        self._changes = Changes()

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
        self._changes.forget(day)

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
        return [self._standing(key, tick) for key in sorted(self._changes.reach(came))]

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
            ledger.tokens.add(token)
            self._changes.add(ledger.key, evidence, row, int(items.tick[row]))
            yield ledger.key
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
        opened, today, ledger = (
            self._evidence.get(day, self._evidence[self._day]),
            self._evidence[self._day],
            self._open[key],
        )
        held, sharing = self._changes.list_held(key)
        summed = combine([entry.piece for entry in held], principal in opened.newcomers)
        contributions = [(entry, nats) for entry, nats in zip(held, summed, strict=True) if nats > 0]
        families = dict.fromkeys(FAMILIES, 0.0)
        for entry, nats in contributions:
            families[entry.piece.family] += nats
        families["count"] = max((c.nats for c in (ledger.own_past, ledger.population) if c), default=0.0)
        prior, kin = opened.prior.get(principal, 0.0), today.kin.get(principal, frozenset())
        shown = (e.evidence.traces[e.row] for e in self._changes.entries_of(key) if e.row in e.evidence.traces)
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
            sharing,
            kin.union(shown),
            late=late[0] if late else 0,
            kin=kin,
            young=principal in today.young,
            acts=sum(nats for entry, nats in contributions if entry.row in entry.evidence.acts),
        )

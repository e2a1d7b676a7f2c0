"""Alerts that were raised, told again as more of the same comes, without being decided again.

The desk writes a revision when a day turns stranger. A thief who goes on doing the same does not make it so, and
neither does anything where the score is near 100 already. So a raised alert is brought up to date as well: at once for
its first revisions, then once an hour, and when its day ends. All of it follows from the ticks in which deliveries
came: a replay writes the same revisions, whenever and however often somebody scored.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import numpy as np

from features.times.day import day_bounds
from features.times.instant import HOUR
from features.times.tick import TICK
from models.baseline import Bools, Ints
from models.desk import Decision
from models.explain import reasons
from models.ledger import Key, Standing
from pipeline.alerts.document import Judge, read_events
from pipeline.alerts.evidence import Counted, EvidenceEvents, matching

AT_ONCE: Final = 10
"""Revisions of an alert from which on more of the same waits for the hour: a busy day writes no hundreds."""
WAIT: Final = HOUR
"""Microseconds between revisions from then on."""
LEAST_GAIN: Final = 0.05
"""Nats by which a day must have grown to be told again for that alone."""


@dataclass(frozen=True, slots=True)
class Today:
    """What a day gives to follow."""

    decisions: Sequence[Decision]
    """The desk's, in order of tick."""
    followed: Sequence[Standing]
    """Standings of raised ledgers as they changed, in order of tick."""
    until: int
    """The last tick of the day, or the tick it is now, microseconds since 1970."""
    ended: bool
    """The day is over."""
    score: Callable[[float], float]
    """Record score of a sum of evidence, as the day's calibration has it."""


class Followed(NamedTuple):
    """What came of following a day."""

    decisions: list[Decision]
    """In order of tick, numbered anew."""
    events: EvidenceEvents
    """Those that can be behind the decisions."""


@dataclass(slots=True)
class _Case:
    """A raised alert as it was told last."""

    told: Decision
    events: int = 0
    """Odd events that it told of."""
    added: int = 0
    """Revisions that no decision of the desk's stands behind."""
    joins: frozenset[Key] = frozenset()
    """Other alerts of the break-in."""


class _Placed(NamedTuple):
    """A decision, and what orders it."""

    tick: int
    place: int
    decision: Decision


@dataclass(slots=True)
class LiveAlerts:
    """Follows the alerts of days that come one after the other, yesterday's as long as more of it may come.

    Examples
    --------
    >>> LiveAlerts()
    LiveAlerts()
    """

    _cases: dict[Key, _Case] = field(default_factory=dict, repr=False)

    def follow(self, today: Today, judge: Judge, counted: Counted) -> Followed:
        """The decisions of a day with those that only bring an alert up to date, and the events behind them."""
        day = judge.model.day
        self._cases = {key: case for key, case in self._cases.items() if len(key) == 2 and key[0] >= day - 1}
        steps: dict[Key, list[_Step]] = {key: [] for key in self._cases}
        for standing in today.followed:
            steps.setdefault(standing.key, []).append(_Step(standing.tick, len(today.decisions), standing, None))
        for place, decision in enumerate(today.decisions):
            steps.setdefault(decision.standing.key, []).append(
                _Step(decision.standing.tick, place, decision.standing, decision)
            )
        links = _link(today.decisions)
        placed: list[_Placed] = []
        live = {key for key in steps if key in self._cases or any(s.decision and s.decision.raised for s in steps[key])}
        for key in steps.keys() - live:
            placed += [_Placed(s.tick, s.place, s.decision) for s in steps[key] if s.decision]
        shown = [step.standing for key in sorted(steps) for step in steps[key]]
        shown += [case.told.standing for case in self._cases.values()]
        events = read_events(shown, judge, counted)
        for key in sorted(live):
            ordered = sorted(steps[key], key=lambda step: (step.tick, step.decision is not None))
            placed += self._follow(key, ordered, links.get(key, {}), today, _Odd(key, judge, events, today.until))
        placed.sort(key=lambda one: (one.tick, one.place, one.decision.standing.key))
        return Followed([one.decision for one in placed], events)

    def _follow(
        self, key: Key, steps: "list[_Step]", links: dict[int, set[Key]], today: Today, odd: "_Odd"
    ) -> Iterator[_Placed]:
        """The revisions of one alert, as the ticks pass."""
        case = self._cases.get(key)
        standing = case.told.standing if case else steps[0].standing
        by_tick = {step.tick: step for step in steps}  # of one tick the desk's decision stands last
        ticks = sorted({*by_tick, *links, *odd.ticks()})
        for tick in (*ticks, None):
            due = case.told.standing.tick + WAIT if case else 0
            if case and case.told.revision >= AT_ONCE and (due < tick if tick is not None else due <= today.until):
                yield from self._update(case, standing, due, today, odd)
            if tick is None:
                break
            step = by_tick.get(tick)
            standing = step.standing if step else standing
            if step and step.decision:
                joins = step.decision.joins | links.get(tick, set()) | (case.joins if case else set())
                number = step.decision.revision + (case.added if case else 0)
                decision = replace(step.decision, revision=number, joins=joins)
                if decision.raised:
                    case = _Case(decision, odd.count(decision.standing), case.added if case else 0, joins)
                    self._cases[key] = case
                yield _Placed(tick, step.place, decision)
            elif case and not links.get(tick, set()) <= case.joins:
                case.joins |= links[tick]
                at = max(tick, case.told.standing.tick)
                yield from self._update(case, standing, at, today, odd)
            elif case and tick > case.told.standing.tick and (case.told.revision < AT_ONCE or tick >= due):
                yield from self._update(case, standing, tick, today, odd)
        if case and today.ended:
            yield from self._update(case, standing, max(today.until, case.told.standing.tick), today, odd)

    @staticmethod
    def _update(case: _Case, standing: Standing, tick: int, today: Today, odd: "_Odd") -> Iterator[_Placed]:
        """A revision of what an alert holds at a tick, if that is more than was told; a day that shrank stays told."""
        told = case.told.standing
        now = replace(standing if standing.total >= told.total else told, tick=tick)
        events = odd.count(now)
        if events <= case.events and now.total < told.total + LEAST_GAIN and case.joins == case.told.joins:
            return
        case.told = Decision(now, today.score(now.total), True, case.told.revision + 1, joins=case.joins)
        case.events = events
        case.added += 1
        yield _Placed(tick, len(today.decisions), case.told)


def _link(decisions: Sequence[Decision]) -> dict[Key, dict[int, set[Key]]]:
    """By alert and tick, the others of its break-in that are raised then."""
    links: dict[Key, dict[int, set[Key]]] = {}
    for decision in decisions:
        if decision.raised:
            for key in decision.joins:
                links.setdefault(key, {}).setdefault(decision.standing.tick, set()).add(decision.standing.key)
    return links


class _Step(NamedTuple):
    """A tick at which a ledger changed, and what the desk decided of it."""

    tick: int
    place: int
    """Of the decision, among all of the day; after them all where nothing was decided."""
    standing: Standing
    decision: Decision | None


class _Odd:
    """Which events of one ledger's day are odd."""

    def __init__(self, key: Key, judge: Judge, events: EvidenceEvents, until: int) -> None:
        start, end = day_bounds(key[0], judge.zone)
        came = day_bounds(key[2], judge.zone)[0] if len(key) > 2 else None
        self._held = events.delivered(judge.key_of(key[1]), start, end, until, came)
        instants = self._held["delivered_at"].to_numpy(dtype="datetime64[us]").astype(np.int64)
        self._tick: Ints = -(-instants // TICK) * TICK
        self._baseline = judge.model.baseline
        self._shown: tuple[object, Bools] | None = None
        """What a standing is made of, and which events show any of it: the same for all ticks until it changes."""

    def ticks(self) -> list[int]:
        """Ticks in which anything came that may be odd."""
        return sorted(set(self._tick.tolist()))

    def count(self, standing: Standing) -> int:
        """How many events hold anything odd by the standing's tick."""
        if self._shown is None or self._shown[0] is not standing.contributions:
            masks = [matching(self._held, reason) for reason in reasons(standing, self._baseline)[0]]
            shown = np.logical_or.reduce(masks) if masks else np.zeros(len(self._held), dtype=bool)
            self._shown = standing.contributions, shown
        return int((self._shown[1] & (self._tick <= standing.tick)).sum())

"""Alerts that were raised, told again as more of the same comes, without being decided again.

The desk writes a revision when a day turns stranger. A thief who goes on doing the same does not make it so, and
neither does anything where the score is near 100 already. So a raised alert is brought up to date as well: at once for
its first revisions, then once an hour, and when its day ends. All of it follows from the ticks in which deliveries
came: a replay writes the same revisions, whenever and however often somebody scored.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from features.times.day import day_bounds
from features.times.instant import HOUR
from features.times.tick import TICK
from models.baseline import Bools, Ints
from models.desk import Decision
from models.explain import reasons
from models.standing import Key, Standing, is_open
from pipeline.alerts.document import Judge, read_events
from pipeline.alerts.evidence import Counted, EvidenceEvents, Reasoned, matching

Came: TypeAlias = Callable[[Sequence[Reasoned]], Collection[str]]
"""Tells of which principals, keys, anything came that can show one of the reasons given."""
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
    seen: int
    """The last tick in which anything came or changed, microseconds since 1970."""
    until: int
    """The last tick of the day, or the tick it is now."""
    ended: bool
    """The day is over."""
    score: Callable[[Standing], float]
    """Record score of a sum of evidence, as the day's calibration has it."""


class Followed(NamedTuple):
    """What came of following a day."""

    decisions: list[Decision]
    """In order of tick, numbered anew."""
    events: EvidenceEvents | None
    """Those that can be behind the decisions; none where there is nothing to decide."""


@dataclass(slots=True)
class _Case:
    """A raised alert as it was told last."""

    told: Decision
    latest: Standing
    """Its ledger as it stands."""
    events: int = 0
    """Odd events that it told of."""
    added: int = 0
    """Revisions that no decision of the desk's stands behind."""
    joins: frozenset[Key] = frozenset()
    """Other alerts of the break-in."""
    waits: bool = False
    """Something may have come since it was told that was not looked at."""


class _Placed(NamedTuple):
    """A decision, and what orders it."""

    tick: int
    place: int
    decision: Decision


@dataclass(slots=True)
class LiveAlerts:
    """Follows the alerts of days that come one after the other, yesterday's as long as more of it may come.

    A day may be followed at once, or bit by bit as it comes: the revisions are the same.

    Examples
    --------
    >>> LiveAlerts()
    LiveAlerts()
    """

    _cases: dict[Key, _Case] = field(default_factory=dict, repr=False)
    _since: int = field(default=0, repr=False)
    """The last tick that was followed, microseconds since 1970."""

    def is_due(self, tick: int) -> bool:
        """Whether an alert that waits for its hour is to be told again by a tick."""
        return any(
            case.waits and case.told.revision >= AT_ONCE and case.told.standing.tick + WAIT <= tick
            for case in self._cases.values()
        )

    def follow(self, today: Today, judge: Judge, counted: Counted, came: Came | None = None) -> Followed:
        """The decisions of a day, or of more of it, with those that only bring an alert up to date; and their events.

        Parameters
        ----------
        came
            Tells of which principals anything came since the last time that can show a reason of theirs; all are
            looked at where it is not given.
        """
        day = judge.model.day
        self._cases = {key: case for key, case in self._cases.items() if is_open(key, day)}
        steps: dict[Key, list[_Step]] = {}
        for standing in today.followed:
            steps.setdefault(standing.key, []).append(_Step(standing.tick, len(today.decisions), standing, None))
        for place, decision in enumerate(today.decisions):
            steps.setdefault(decision.standing.key, []).append(
                _Step(decision.standing.tick, place, decision.standing, decision)
            )
        links = _link(today.decisions)
        shown_by = None if came is None else came(self._list_reasons(judge))
        for key, case in self._cases.items():
            case.waits |= shown_by is None or judge.key_of(key[1]) in shown_by or key in links or key in steps
            hour_is_over = case.told.standing.tick + WAIT <= today.until
            if case.waits and (case.told.revision < AT_ONCE or hour_is_over or today.ended or key in links):
                steps.setdefault(key, [])
        for key in [key for key in steps if self._only_waits(key, steps[key], links, today)]:
            self._cases[key].latest = _in_order(steps.pop(key))[-1].standing
        if not steps:
            self._since = max(self._since, today.seen)
            return Followed([], None)
        placed: list[_Placed] = []
        live = {key for key in steps if key in self._cases or any(s.decision and s.decision.raised for s in steps[key])}
        for key in steps.keys() - live:
            placed += [_Placed(s.tick, s.place, s.decision) for s in steps[key] if s.decision]
        shown = [step.standing for key in sorted(steps) for step in steps[key]]
        followed = [self._cases[key] for key in live if key in self._cases]
        shown += [standing for case in followed for standing in (case.told.standing, case.latest)]
        events = read_events(shown, judge, counted)
        for key in sorted(live):
            of_key = [step.standing for step in steps[key]]
            if key in self._cases:
                of_key += [self._cases[key].told.standing, self._cases[key].latest]
            first = min(standing.first_day for standing in of_key)
            odd = _Odd(key, first, judge, events, self._since, today.until)
            placed += self._follow(key, _in_order(steps[key]), links.get(key, {}), today, odd)
        placed.sort(key=lambda one: (one.tick, one.place, one.decision.standing.key))
        self._since = max(self._since, today.seen)
        return Followed([one.decision for one in placed], events)

    def _only_waits(
        self, key: Key, steps: "Sequence[_Step]", links: Mapping[Key, dict[int, set[Key]]], today: Today
    ) -> bool:
        """Whether nothing is told of an alert before its hour is over, whatever came."""
        case = self._cases.get(key)
        return (
            case is not None
            and case.told.revision >= AT_ONCE
            and case.told.standing.tick + WAIT > today.until
            and not today.ended
            and key not in links
            and not any(step.decision for step in steps)
        )

    def _list_reasons(self, judge: Judge) -> list[Reasoned]:
        """The principals of raised alerts, each with what its alert tells of; their ledgers change by steps alone."""
        baseline = judge.model.baseline
        return [
            (judge.key_of(key[1]), reasons(standing, baseline)[0])
            for key, case in self._cases.items()
            if not case.waits
            for standing in {id(one.contributions): one for one in (case.told.standing, case.latest)}.values()
        ]

    def _follow(
        self, key: Key, steps: "list[_Step]", links: dict[int, set[Key]], today: Today, odd: "_Odd"
    ) -> Iterator[_Placed]:
        """The revisions of one alert, as the ticks pass."""
        case = self._cases.get(key)
        by_tick = {step.tick: step for step in steps}  # of one tick the desk's decision stands last
        for tick in (*sorted({*by_tick, *links, *odd.ticks()}), None):
            due = case.told.standing.tick + WAIT if case else 0
            if case and case.told.revision >= AT_ONCE and (due < tick if tick is not None else due <= today.until):
                yield from self._update(case, due, today, odd)
            if tick is None:
                break
            step = by_tick.get(tick)
            if case and step:
                case.latest = step.standing
            if step and step.decision:
                joins = step.decision.joins | links.get(tick, set()) | (case.joins if case else set())
                number = step.decision.revision + (case.added if case else 0)
                decision = replace(step.decision, revision=number, joins=joins)
                if decision.raised:
                    added = case.added if case else 0
                    case = _Case(decision, step.standing, odd.count(decision.standing), added, joins, waits=True)
                    self._cases[key] = case
                yield _Placed(tick, step.place, decision)
            elif case and not links.get(tick, set()) <= case.joins:
                case.joins |= links[tick]
                yield from self._update(case, max(tick, case.told.standing.tick), today, odd)
            elif case and tick > case.told.standing.tick and (case.told.revision < AT_ONCE or tick >= due):
                yield from self._update(case, tick, today, odd)
        if case and today.ended:
            yield from self._update(case, max(today.until, case.told.standing.tick), today, odd)
        if case:
            case.waits &= case.told.revision >= AT_ONCE and today.until < case.told.standing.tick + WAIT

    @staticmethod
    def _update(case: _Case, tick: int, today: Today, odd: "_Odd") -> Iterator[_Placed]:
        """A revision of what an alert holds at a tick, if that is more than was told; a day that shrank stays told."""
        told = case.told.standing
        now = replace(case.latest if case.latest.total >= told.total else told, tick=tick)
        events = odd.count(now)
        if events <= case.events and now.total < told.total + LEAST_GAIN and case.joins == case.told.joins:
            return
        case.told = Decision(now, today.score(now), True, case.told.revision + 1, joins=case.joins)
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


def _in_order(steps: Sequence[_Step]) -> list[_Step]:
    """By tick; of one tick the desk's decision last."""
    return sorted(steps, key=lambda step: (step.tick, step.decision is not None))


class _Odd:
    """Which events of one ledger's days, from the first that a standing of it speaks of, are odd."""

    def __init__(self, key: Key, first: int, judge: Judge, events: EvidenceEvents, since: int, until: int) -> None:
        start, end = day_bounds(first, judge.zone)[0], day_bounds(key[0], judge.zone)[1]
        came = day_bounds(key[2], judge.zone)[0] if len(key) > 2 else None
        self._held = events.delivered(judge.key_of(key[1]), start, end, until, came)
        instants = self._held["delivered_at"].to_numpy(dtype="datetime64[us]").astype(np.int64)
        self._tick: Ints = -(-instants // TICK) * TICK
        self._zone = judge.zone
        self._since = since
        self._baseline = judge.model.baseline
        self._shown: tuple[object, Bools] | None = None
        """What a standing is made of, and which events show any of it: the same for all ticks until it changes."""

    def ticks(self) -> list[int]:
        """Ticks since the last time in which anything came that may be odd."""
        return sorted(set(self._tick[self._tick > self._since].tolist()))

    def count(self, standing: Standing) -> int:
        """How many events hold anything odd by the standing's tick."""
        if self._shown is None or self._shown[0] is not standing.contributions:
            masks = [matching(self._held, reason) for reason in reasons(standing, self._baseline)[0]]
            shown = np.logical_or.reduce(masks) if masks else np.zeros(len(self._held), dtype=bool)
            begins = day_bounds(standing.first_day, self._zone)[0]
            self._shown = standing.contributions, shown & np.asarray(self._held["event_time"] >= begins, dtype=bool)
        return int((self._shown[1] & (self._tick <= standing.tick)).sum())

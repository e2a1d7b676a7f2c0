"""Which standings become alerts: a budget as a ceiling, a floor of evidence, and a lane for the critical.

The cut is the trailing quantile at which the deployment reached as many principal-days a day as the budget asks.
Decisions are causal and never taken back: an alert that was raised stays raised.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from math import floor
from typing import Final, Literal, TypeAlias

import numpy as np

from models.alone import Alone
from models.calibration import Calibration
from models.hands import FindHands, Hands, find_no_hands
from models.history import ACT_NATS, History
from models.ledger import Key, Standing

FLOOR_NATS: Final = 4.0
"""Nats of evidence an alert needs: quiet days raise nothing. Set by hand; not measured."""
OVERSHOOT: Final = 1.25
"""Alerts over the whole period at most, as a multiple of those asked for, critical lane included. A promise, and the
bound that the benchmark holds everybody to."""
ORDINARY_OVERSHOOT: Final = 1.0
"""The same for the ordinary lane, so that decoys or busy days cannot use up what is kept for the strongest. Set by
hand; not measured."""
CREDIT_DAYS, ORDINARY_CREDIT_DAYS = 1.75, 1.0
"""Days of budget a desk starts with, so that an early attack finds room; within `OVERSHOOT` after a week. Set by hand;
not measured."""
STRONG_SHARE: Final = 0.25
"""Share of the budget's rate at which a sum is strong enough for the critical lane, from whatever families. Set by
hand; not measured."""
BURST_DAYS: Final = 3
"""Alerts in one day at most, as days of budget. Set by hand; not measured."""
CRITICAL_PER_DAY: Final = 0.1
"""Principal-days a day at which the largest family alone reaches the critical lane: it finds 6 where the sum finds 35
others. Set by hand; not measured."""
ACTS_SHARE: Final = 0.25
"""Share of the budget's rate at which days with a critical act are raised, ranked among themselves; in ordinary room,
so that they never use up what is kept for the strongest. Set by hand; not measured."""
WEEK_SHARE: Final = 0.1
"""Share of the budget's rate at which the sum of a week is raised that no day of it is raised by. Set by hand; not
measured."""
OPEN_DAYS: Final = 2
"""Days that an alert is open for others of its break-in: its own and the one after, which is open for late
deliveries. A definition."""
HELD_PER_DAY: Final = 50
"""Alerts a day at most that are written without being raised; as many again that the budget alone had no room for, so
that no weaker ones come before those. Set by hand; not measured."""
HELD_WEAK: Final = 10
"""Of these, how many may score less than `HELD_FIRST`. Set by hand; not measured."""
HELD_FROM, HELD_FIRST = 25.0, 32.5
"""Record scores from which an alert is held, and held first: 100 and 50 principal-days a day. Set by hand; not
measured."""
MOST_JOINED: Final = 4
"""Alerts of one break-in, beside its first, that use up no budget. Set by hand; not measured."""
RAISE_FROM: Final = 75.0
"""Record score that raises where there is no budget: one false alert a day. A definition."""
RISE: Final = 5.0
"""Points of record score that make a revision. Set by hand; not measured."""

_NO_HANDS: Final = Hands()
AddUp: TypeAlias = Callable[[Standing, float], Standing | None]
Held = Literal["evidence", "score", "others", "budget"]
"""Why a standing is not raised: too little evidence, too low a score where there is no budget, rarer days than the
budget has room for are usual, or the budget is used up."""


@dataclass(slots=True)
class Case:
    """What was decided of one principal's day so far."""

    revision: int = 0
    score: float = float("-inf")
    """Record score of the last revision."""
    raised: bool = False
    tactics: frozenset[str] = frozenset()
    traces: frozenset[int] = frozenset()
    keys: frozenset[str] = frozenset()
    """Credentials with which what is odd was done (`models.hands`)."""
    sharing: frozenset[int] = frozenset()
    """Principals that share the changes it stands for."""
    raised_on: int = 0
    """The desk's day it was raised on."""
    first: "Case | None" = field(default=None, repr=False)
    """Of the break-in it joined: the one that used the budget."""
    joined: int = 0
    """Alerts that were raised without budget, for this one was raised before."""
    by_week: bool = False
    """It was raised by what its week adds up to."""
    by: str = ""
    """The detector that raised it by itself."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A revision to write."""

    standing: Standing
    score: float
    raised: bool
    revision: int
    held: Held | None = None
    """Why it is not raised."""
    joins: frozenset[Key] = frozenset()
    """Raised before, of the same break-in."""


@dataclass(slots=True)
class Desk:
    """Decides tick by tick; keeps what it decided. What belongs to a break-in that was raised uses no budget again.

    Attributes
    ----------
    budget
        Alerts a day for the deployment; none means no ceiling: what scores `RAISE_FROM` is raised.
    shares
        Of the budget, by detector that may raise by itself.
    """

    budget: float | None
    cases: dict[Key, Case] = field(default_factory=dict)
    days: int = 0
    raised: int = 0
    shares: Mapping[str, float] = field(default_factory=dict)
    alone: Alone = field(init=False)
    _today: int = 0
    _held: int = 0
    _without_room: int = 0
    """Held for the budget alone."""
    _cut: float = float("inf")
    _strong: float = float("inf")
    _critical: float = float("inf")
    _acts: float = float("inf")
    _week: float = float("inf")
    _week_calibration: Calibration | None = None
    _calibration: Calibration | None = None
    _open: dict[Key, Case] = field(default_factory=dict)
    """Raised lately: what others may belong to."""
    _waiting: dict[Key, tuple[int, Standing]] = field(default_factory=dict)
    """What would be raised, but waits until a tick for who opened its sessions."""
    _deadlines: dict[Key, int] = field(default_factory=dict)
    """Until when a ledger waits today at most: a fresh session puts nothing off again."""
    _ends: int = 2**62

    def __post_init__(self) -> None:
        self.alone = Alone(self.shares, self.budget)

    def start_day(self, history: History, calibration: Calibration, of_weeks: Calibration, ends: int = 2**62) -> None:
        """Set the day's cuts from the days before it, and grant it its budget; nothing waits beyond its last tick."""
        self.days, self._ends = self.days + 1, ends
        self._open = {key: case for key, case in self._open.items() if self.days - case.raised_on <= OPEN_DAYS}
        self._today = self._held = self._without_room = 0
        self._deadlines.clear()
        self.alone.start_day(history, BURST_DAYS)
        if self.budget is not None:
            self._cut = history.quantile(self.budget)
            self._strong = history.quantile(STRONG_SHARE * self.budget)
            self._critical = history.quantile(min(CRITICAL_PER_DAY, self.budget), of="largest")
            self._acts = history.quantile(ACTS_SHARE * self.budget, of="acts")
            self._week = history.quantile(WEEK_SHARE * self.budget, of="week")
        self._calibration, self._week_calibration = calibration, of_weeks

    def review(
        self,
        standings: list[Standing],
        tactics: Callable[[Standing], frozenset[str]],
        add_up_week: AddUp = lambda *_: None,
        find_hands: FindHands = find_no_hands,
        tick: int = 0,
    ) -> list[Decision]:
        """Revisions to write for standings that changed at one tick, and for what waited until then; the strangest
        first.

        Parameters
        ----------
        standings
            All of one tick.
        tactics
            Tactics that a standing's evidence points to.
        add_up_week
            Adds what is untold of the days before to a standing, where that can reach so many nats (`models.week`).
        find_hands
            Finds by whose credentials a standing's day was odd, and who handed them out.
        tick
            The tick; without it nothing that waits is looked at.
        """
        assert self._calibration is not None
        standings = [*standings, *self._call_waiting(tick, {standing.key for standing in standings})]
        if not standings:
            return []
        scores = self._calibration.score(np.array([s.total for s in standings]))
        order = sorted(range(len(standings)), key=lambda i: (-standings[i].total, standings[i].day, i))
        out = []
        for index in order:
            standing = standings[index]
            decision = self._decide(standing, float(scores[index]), tactics, add_up_week, find_hands)
            if decision:
                out.append(decision)
        return out

    def next_due(self) -> int | None:
        """The first tick at which something is looked at again that waits; none where nothing does."""
        return min((due for due, _ in self._waiting.values()), default=None)

    def _call_waiting(self, tick: int, changed: Collection[Key]) -> list[Standing]:
        """What waited until a tick, as it stands then; what changed is looked at anyway."""
        due = {key: standing for key, (until, standing) in self._waiting.items() if until <= tick or key in changed}
        for key in due:
            del self._waiting[key]
        return [replace(standing, tick=tick) for key, standing in sorted(due.items()) if key not in changed]

    def raise_alone(self, standing: Standing, by: str, score: float, tactics: frozenset[str]) -> Decision | None:
        """The alert of a day that a detector finds strange, if it is not raised yet and has room in share and budget.

        Parameters
        ----------
        standing
            What the day adds up to, if that is nothing.
        by, score
            The detector, and its record score.
        """
        case = self.cases.get(standing.key) or Case()
        room = self.budget is None or self._has_room(ORDINARY_OVERSHOOT, ORDINARY_CREDIT_DAYS)
        if case.raised or not room or not self.alone.has_room(by):
            return None
        self.alone.take(by)
        self._spend(case)
        case.by = by
        return self._write(case, standing, score, None, tactics)

    def _decide(
        self,
        standing: Standing,
        score: float,
        find_tactics: Callable[[Standing], frozenset[str]],
        add_up_week: AddUp,
        find_hands: FindHands,
    ) -> Decision | None:
        key = standing.key
        case = self.cases.get(key) or Case()
        held = None if case.raised else self._hold_back(standing, score)
        if case.by_week or held in ("evidence", "score", "others"):
            least = float("-inf") if case.by_week or self.budget is None else self._week
            week = add_up_week(standing, least)
            if week is not None and (case.by_week or self._hold_back_week(week) is None):
                standing, score, held, case.by_week = week, self._score_week(week), None, True
        tactics = find_tactics(standing)
        if case.raised and tactics <= case.tactics and score < case.score + RISE:
            return None
        if held in (None, "budget"):
            hands = self._find_hands(standing, find_hands, is_raised=held is None)
            joins = self._find_joined(standing, hands)
            if hands.by_opener is not None and not case.raised and not case.by_week:
                held = self._hold_back_opened(hands.by_opener)
        else:
            hands, joins = _NO_HANDS, self._find_makers(standing)
        firsts = (self._open[key].first or self._open[key] for key in sorted(joins))
        first = next((one for one in firsts if one.joined < MOST_JOINED), None)
        if first is not None:
            held = None
        raised = held is None
        if raised and not case.raised and first is None and standing.acts < ACT_NATS:
            until = min(hands.told_by, self._ends)
            if until > standing.tick:
                until = self._deadlines.setdefault(key, until)
            if until > standing.tick:
                self._waiting[key] = until, standing
                return None
        written = case.revision > 0
        if not written and held is not None and not self._hold(standing, score, held):
            return None
        if written and raised == case.raised and tactics <= case.tactics and score < case.score + RISE:
            return None
        if raised and not case.raised:
            if first is None:
                self._spend(case)
            else:
                case.raised_on, case.first = self.days, first
                first.joined += 1
        return self._write(case, standing, score, held, tactics, joins, hands)

    def _spend(self, case: Case) -> None:
        """Raise a case today, with the budget's room."""
        case.raised_on = self.days
        self.raised += 1
        self._today += 1

    def _write(
        self,
        case: Case,
        standing: Standing,
        score: float,
        held: Held | None,
        tactics: frozenset[str],
        joins: frozenset[Key] = frozenset(),
        hands: Hands = _NO_HANDS,
    ) -> Decision:
        """A revision of a case, and what is remembered of it; raised where nothing holds it back."""
        case.revision += 1
        case.score, case.raised, case.tactics = score, held is None, case.tactics | tactics
        case.traces, case.sharing = case.traces | standing.traces, standing.sharing
        case.keys |= hands.keys
        self.cases[standing.key] = case
        if case.raised:
            self._open[standing.key] = case
        return Decision(replace(standing, by=case.by), score, case.raised, case.revision, held, joins)

    def _list_near(self, standing: Standing) -> dict[Key, Case]:
        """Raised ledgers of others, of the same day or one beside it."""
        near = ((key, case) for key, case in self._open.items() if abs(key[0] - standing.day) <= 1)
        return {key: case for key, case in near if key[1] != standing.principal}

    def _find_hands(self, standing: Standing, find_hands: FindHands, *, is_raised: bool) -> Hands:
        """The credentials of a standing, and who handed out those and its neighbours'; none where nobody will ask."""
        near = self._list_near(standing).values()
        others = frozenset(key for case in near for key in case.keys)
        return find_hands(standing, others) if near or is_raised else _NO_HANDS

    def _find_joined(self, standing: Standing, hands: Hands) -> frozenset[Key]:
        """Raised ledgers beside it that show the same hands, stand for the same change, or are of one chain of keys."""
        return frozenset(
            key
            for key, case in self._list_near(standing).items()
            if case.traces & standing.traces
            or standing.principal in case.sharing
            or key[1] in standing.sharing
            or hands.are_linked(case.keys)
        )

    def _find_makers(self, standing: Standing) -> frozenset[Key]:
        """Raised ledgers of whoever made or took the standing's principal, or of another fresh name of its role.

        Who has no history is judged by its maker's: no evidence of its own is too little, and no cut holds it back. Of
        who has one, it has to be odd by itself.
        """
        if standing.evidence < FLOOR_NATS and not (standing.young and standing.evidence > 0):
            return frozenset()
        return frozenset(key for key, case in self._list_near(standing).items() if case.traces & standing.kin)

    def _hold_back(self, standing: Standing, score: float) -> Held | None:
        """Why a standing is not raised; none where it is."""
        if standing.evidence < FLOOR_NATS:
            return "evidence"
        if self.budget is None:
            return None if score >= RAISE_FROM else "score"
        critical = standing.total >= self._strong or max(standing.families.values()) >= self._critical
        act = standing.acts >= ACT_NATS and standing.total >= self._acts
        if standing.total < self._cut and not critical and not act:
            return "others"
        overshoot, credit = (OVERSHOOT, CREDIT_DAYS) if critical else (ORDINARY_OVERSHOOT, ORDINARY_CREDIT_DAYS)
        return None if self._has_room(overshoot, credit) else "budget"

    def _hold_back_opened(self, standing: Standing) -> Held | None:
        """Why a standing is not raised by the habits of who opened its sessions as well; none where it is."""
        assert self._calibration is not None
        return self._hold_back(standing, float(self._calibration.score(np.array([standing.total]))[0]))

    def _hold_back_week(self, week: Standing) -> Held | None:
        """Why the sum of a week is not raised; none where it is."""
        if week.evidence < FLOOR_NATS:
            return "evidence"
        if self.budget is None:
            return None if self._score_week(week) >= RAISE_FROM else "score"
        if week.total < self._week:
            return "others"
        return None if self._has_room(ORDINARY_OVERSHOOT, ORDINARY_CREDIT_DAYS) else "budget"

    def _score_week(self, week: Standing) -> float:
        assert self._week_calibration is not None
        return float(self._week_calibration.score(np.array([week.total]))[0])

    def _has_room(self, overshoot: float, credit: float) -> bool:
        assert self.budget is not None
        most = self.budget * max(overshoot * self.days, self.days + credit)
        return self.raised < floor(most + 1e-9) and self._today < BURST_DAYS * self.budget

    def _hold(self, standing: Standing, score: float, why: Held) -> bool:
        """Whether to write what is not raised for the first time; counts it."""
        if standing.evidence <= 0 or score < HELD_FROM:
            return False
        if why == "budget":
            self._without_room += 1
            return self._without_room <= HELD_PER_DAY
        if self._held >= (HELD_PER_DAY if score >= HELD_FIRST else HELD_WEAK):
            return False
        self._held += 1
        return True

"""Which standings become alerts: a budget as a ceiling, a floor of evidence, and a lane for the critical.

Decisions are causal and never taken back: an alert that was raised stays raised.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, TypeAlias

from models.alone import Alone
from models.break_in import BreakIns, Case
from models.budget import BURST_DAYS, Budget, Held
from models.calibration import Calibration
from models.hands import FindHands, Hands, find_no_hands
from models.history import ACT_NATS, History
from models.standing import Key, Standing
from models.waits import Waits

HELD_PER_DAY: Final = 50
"""Alerts a day at most that are written without being raised; as many again that the budget alone had no room for, so
that no weaker ones come before those. Set by hand; not measured."""
HELD_WEAK: Final = 10
"""Of these, how many may score less than `HELD_FIRST`. Set by hand; not measured."""
HELD_FROM, HELD_FIRST = 25.0, 32.5
"""Record scores from which an alert is held, and held first: 100 and 50 principal-days a day. Set by hand; not
measured."""
RISE: Final = 5.0
"""Points of record score that make a revision. Set by hand; not measured."""

_NO_HANDS: Final = Hands()
FindTactics: TypeAlias = Callable[[Standing], frozenset[str]]
"""Finds the tactics that a standing's evidence points to."""
AddUp: TypeAlias = Callable[[Standing, float], Standing | None]
"""Adds what is untold of the days before to a standing, where that can reach so many nats (`models.week`)."""


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


class _Asked(NamedTuple):
    """Whom a desk asks, at one tick."""

    find_tactics: FindTactics
    add_up_week: AddUp
    find_hands: FindHands


class Desk:
    """Decides tick by tick; keeps what it decided.

    Parameters
    ----------
    per_day
        Alerts a day for the deployment; none means no ceiling: what scores `RAISE_FROM` is raised.
    days, raised
        Days that other desks before this one began, and alerts that they raised.
    shares
        Of the budget, by detector that may raise by itself.

    Examples
    --------
    >>> Desk(5.0, days=3, raised=4).budget.raised
    4
    """

    def __init__(
        self, per_day: float | None, *, days: int = 0, raised: int = 0, shares: Mapping[str, float] | None = None
    ) -> None:
        self.budget = Budget(per_day, days, raised)
        self.alone = Alone(shares or {}, per_day)
        self.cases: dict[Key, Case] = {}
        self._break_ins, self._waits = BreakIns(), Waits()
        self._held = self._without_room = 0

    def start_day(self, history: History, calibration: Calibration, of_weeks: Calibration, ends: int = 2**62) -> None:
        """Set the day's cuts from the days before it, and grant it its budget; nothing waits beyond its last tick."""
        self.budget.start_day(history, calibration, of_weeks)
        self.alone.start_day(history, BURST_DAYS)
        self._break_ins.start_day(self.budget.days)
        self._waits.start_day(ends)
        self._held = self._without_room = 0

    def review(
        self,
        standings: list[Standing],
        find_tactics: FindTactics,
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
        find_tactics, add_up_week, find_hands
            What is looked up of the few that may be raised.
        tick
            The tick; without it nothing that waits is looked at.
        """
        standings = [*standings, *self._waits.call(tick, {standing.key for standing in standings})]
        if not standings:
            return []
        scores, asked = self.budget.score(standings), _Asked(find_tactics, add_up_week, find_hands)
        order = sorted(range(len(standings)), key=lambda i: (-standings[i].total, standings[i].day, i))
        decisions = (self._decide(standings[index], float(scores[index]), asked) for index in order)
        return [decision for decision in decisions if decision]

    def next_due(self) -> int | None:
        """The first tick at which something is looked at again that waits; none where nothing does."""
        return self._waits.next_due()

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
        if case.raised or not self.budget.has_room() or not self.alone.has_room(by):
            return None
        self.alone.take(by)
        self._spend(case)
        case.by = by
        return self._write(case, standing, score, None, tactics)

    def _decide(self, standing: Standing, score: float, asked: _Asked) -> Decision | None:
        case, of_day = self.cases.get(standing.key) or Case(), standing
        by_week, held = case.by_week, None if case.raised else self.budget.hold_back(standing, score)
        if by_week or held in ("evidence", "score", "others"):
            week = self._add_up_week(standing, case, asked.add_up_week)
            if week is not None:
                standing, score, held, by_week = week, self.budget.score_week(week), None, True
        tactics = asked.find_tactics(standing)
        is_news = not tactics <= case.tactics or score >= case.score + RISE
        if case.raised and not is_news:
            return None
        hands, joins = _NO_HANDS, frozenset[Key]()
        if held in (None, "budget"):
            hands = self._break_ins.find_hands(standing, asked.find_hands, is_raised=held is None)
            joins = self._break_ins.find_joined(standing, hands)
            if hands.by_opener is not None and not case.raised and not by_week:
                held = self._hold_back_opened(hands.by_opener)
        else:
            joins = self._break_ins.find_makers(standing)
        first = self._break_ins.find_first(joins)
        if first is not None:
            held = None
        is_new = held is None and not case.raised
        if is_new and first is None and standing.acts < ACT_NATS and self._waits.put_off(of_day, hands.told_by):
            return None
        if held is not None and case.revision and not is_news:
            return None
        if held is not None and not case.revision and not self._hold(standing, score, held):
            return None
        if is_new:
            case.by_week = by_week
        if is_new and first is None:
            self._spend(case)
        elif is_new and first is not None:
            case.raised_on, case.first = self.budget.days, first
            first.joined += 1
        return self._write(case, standing, score, held, tactics, joins, hands)

    def _add_up_week(self, standing: Standing, case: Case, add_up_week: AddUp) -> Standing | None:
        """What its week adds up to, where that is raised, or was."""
        least = float("-inf") if case.by_week or self.budget.per_day is None else self.budget.cuts.week
        week = add_up_week(standing, least)
        if week is None or not (case.by_week or self.budget.hold_back_week(week) is None):
            return None
        return week

    def _spend(self, case: Case) -> None:
        """Raise a case today, with the budget's room."""
        self.budget.spend()
        case.raised_on = self.budget.days

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
            self._break_ins.add(standing.key, case)
        return Decision(replace(standing, by=case.by), score, case.raised, case.revision, held, joins)

    def _hold_back_opened(self, by_opener: Standing) -> Held | None:
        """Why a standing is not raised by the habits of who opened its sessions as well; none where it is."""
        return self.budget.hold_back(by_opener, float(self.budget.score([by_opener])[0]))

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

"""Walk through days of deliveries: judge each with a model that never saw it, then let the model learn it.

The one path of trainer, worker and backtest.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from joblib import parallel_config

from features.times.day import service_start
from features.times.tick import TICK, tick_of
from models.alone import Strange
from models.baseline import ActiveRows, TokenRows
from models.calibration import Calibration
from models.combine import FAMILIES
from models.counts import HourlyRows
from models.desk import Decision, Desk
from models.detectors.hours import Hours
from models.detectors.scored import Scored, Strongest, score_hours
from models.hands import FindHands, find_no_hands
from models.history import DayRecord, Maxima, find_suspects
from models.ledger import Ledger
from models.model import Model, SoFar
from models.standing import Evidence, Key, Standing
from models.tactics import tactics_of
from pipeline.alerts.live import Today
from pipeline.detect.activity import Delivered
from pipeline.detect.coding import coded, coded_hours
from pipeline.detect.declared import Declared, find_kept, without

BURN_IN_DAYS = 7
"""Days of learning before the first day is judged."""


@dataclass(slots=True)
class DayOutcome:
    """What a day's walk showed."""

    day: int
    decisions: list[Decision] = field(default_factory=list)
    standings: dict[tuple[Key, int], Standing] = field(default_factory=dict)
    """Last standing of each ledger and newest hour, where the walk goes by hours."""
    last: dict[Key, Standing] = field(default_factory=dict)
    """Last standing of each ledger."""
    judged: bool = False
    unjudged: int = 0
    """Calls that came too late to be judged (`models.model.LATE_DAYS`); all of them where the day is not judged."""
    followed: list[Standing] = field(default_factory=list)
    """Standings of ledgers that were raised, as they changed after that."""
    ends: int = 0
    """Tick that ends the day, or that it is now."""
    ended: bool = True
    """The day is over, as far as its deliveries are."""
    until: int = 0
    """The last tick that was looked at, microseconds since 1970."""
    calibrations: dict[str, Calibration] = field(default_factory=dict)
    """Of the sum (`total`) and of each detector, as the day's decisions read them."""
    scored: Scored = field(default_factory=Scored)
    """Hours of the day as detectors scored them, as far as they closed."""
    scored_before: Scored = field(default_factory=Scored)
    """Those of the day before, where it was walked here."""

    def today(self) -> Today:
        """What there is to follow of its alerts."""

        def score(standing: Standing) -> float:
            calibration = self.calibrations["week" if standing.since else "total"]
            of_sum = float(calibration.score(np.array([standing.total]))[0])
            alone = self.strongest(standing.by, standing) if standing.by else None
            return max(of_sum, alone.record) if alone else of_sum

        return Today(self.decisions, self.followed, self.until, self.ends, self.ended, score)

    def strongest(self, name: str, standing: Standing) -> Strongest | None:
        """The largest score of a standing's day by a detector, of hours that were closed by its tick."""
        parts = [self.scored] if standing.late else [self.scored_before, self.scored]
        found = (part.find_strongest(name, standing.day, standing.principal, standing.tick) for part in parts)
        return max((one for one in found if one), key=lambda one: one.raw, default=None)

    @staticmethod
    def newest_hour(standing: Standing) -> int:
        """The newest hour that a standing counts, hours since 1970."""
        hours = [int(entry.evidence.items.hour[entry.row]) for entry, _ in standing.contributions]
        hours += [int(c.evidence.volumes.hour[c.row]) for c in (standing.own_past, standing.population) if c]
        return max(hours, default=standing.day * 24)


@dataclass(slots=True)
class _Today:
    """The day that a walk stands in."""

    judged: bool
    evidence: Evidence | None = None
    """What came last."""
    calibrations: dict[str, Calibration] = field(default_factory=dict)
    so_far: SoFar = field(default_factory=SoFar)
    best: dict[Key, Standing] = field(default_factory=dict)
    """Each ledger's largest standing."""
    last: dict[Key, Standing] = field(default_factory=dict)
    raised: set[Key] = field(default_factory=set)
    """Ledgers that were raised today."""
    scored: Scored = field(default_factory=Scored)
    strange: list[Strange] = field(default_factory=list)
    """Hours that a detector may raise by itself, in order; those of later ticks wait."""
    closed: set[tuple[int, int]] = field(default_factory=set)
    """Principals and hours that were scored: an hour is scored once."""


class Walk:
    """Steps a model through days.

    Parameters
    ----------
    model
        Stands at the first day to walk.
    timezone, lateness_minutes
        The deployment's.
    every_tick
        Step through every tick, not only those with deliveries; the outcome is the same.
    raised
        Ledgers raised earlier, as (day, principal key): their values are kept from peers as well.
    opens_yesterday
        What comes on the first day of the day before is judged as well; without it, others have judged it.
    goes_on
        Go on as if the days before had been walked here as well: with the ledger of the model's yesterday.
    by_hour
        Keep what each ledger stood at by hour as well; without it, as for a training, its last alone.
    threads
        Cores that detectors are fitted on; the result is the same for any.
    declared
        What people declared: values that are judged as habits, and days that are judged and not learnt.
    """

    def __init__(
        self,
        model: Model,
        *,
        timezone: str = "UTC",
        lateness_minutes: int = 15,
        every_tick: bool = False,
        raised: Collection[tuple[int, str]] = (),
        opens_yesterday: bool = True,
        goes_on: bool = False,
        by_hour: bool = True,
        threads: int = 1,
        declared: Declared | None = None,
    ) -> None:
        self.model = model
        self.desk: Desk | None = None
        self.find_hands: FindHands = find_no_hands
        """Tells the desk by whose credentials a day was odd (`pipeline.detect.hands`)."""
        self.alerts_from = 0
        """First tick the desk decides at, microseconds since 1970."""
        self.clock: int | None = None
        """The tick it is now; nothing is revealed that would only be known later. None where the days are past."""
        self._zone, self._lateness = ZoneInfo(timezone), lateness_minutes
        self._every_tick, self._by_hour = every_tick, by_hour
        self._raised, self._declared, self._threads = frozenset(raised), declared, threads
        self._ledger = Ledger(opens_yesterday=opens_yesterday)
        if goes_on and model.yesterday is not None:
            self._ledger.open(model.yesterday)
            self._ledger.advance(np.iinfo(np.int64).max)  # to its end
        self._today: _Today | None = None
        self._scored_before = Scored()

    def step(
        self,
        delivered: Delivered,
        members: Mapping[str, Mapping[str, Any]],
        before_learning: Callable[[DayOutcome], None] = lambda _: None,
        *,
        spend: bool = False,
    ) -> DayOutcome:
        """Judge a day's deliveries, then learn them.

        Parameters
        ----------
        before_learning
            Called with the outcome while the model is still the one that judged.
        spend
            Leave nothing in the deliveries once they are coded: who reads them no more needs no room for them.
        """
        told = delivered
        if self.desk is None:  # nobody is told of the day: what is not learnt need not be judged, nor be known
            told = without(delivered, self._kept_out())
        if spend and told is not delivered:
            delivered.spend("tokens", "active", "hourly", "closed")
        rows, active, hourly = coded(told, self.model, members, spend=spend)
        hours = coded_hours(told, self.model, hourly)
        outcome = self.reveal(rows, hourly, hours)
        shown = self._today.evidence if self._today else None
        before_learning(outcome)
        self.learn(rows, active, hourly, hours)
        self.model.yesterday = shown
        return outcome

    def reveal(self, rows: TokenRows, hourly: HourlyRows, hours: Hours) -> DayOutcome:
        """Judge what came of the model's day since the last time, as far as it is known at `clock`.

        Parameters
        ----------
        rows
            Tokens of the day that were not there before, in order of tick.
        hourly
            All that came so far of the hours that grew, or that closed, since.
        hours
            Those that closed since, or came when they were closed; more does no harm.
        """
        model = self.model
        today = self._today = self._today or self._begin()
        outcome = DayOutcome(model.day, judged=today.judged, calibrations=today.calibrations, last=today.last)
        outcome.ends = tick_of(service_start(model.day + 1, self._zone, self._lateness))
        now = outcome.ends if self.clock is None else self.clock
        outcome.ended = now >= outcome.ends
        new = hourly.where(hourly.tick > today.so_far.since)
        if not today.judged:
            outcome.unjudged = model.count_calls(new)
            today.so_far.since = int(new.tick.max(initial=today.so_far.since))
            return outcome
        outcome.unjudged = model.count_too_late(new)
        if self.clock is not None:
            today.so_far.until = self.clock
        closed = self._score(hours, today, now)
        outcome.scored, outcome.scored_before = today.scored, self._scored_before
        today.evidence = model.evidence(rows, hourly, today.so_far)
        self._ledger.open(today.evidence)
        outcome.until = int(max(rows.tick.max(initial=0), hourly.tick.max(initial=0), closed))
        self._judge(outcome, today)
        outcome.ends = min(outcome.ends, now)
        return outcome

    def learn(self, rows: TokenRows, active: ActiveRows, hourly: HourlyRows, hours: Hours) -> None:
        """End the model's day: keep what it added up to, and learn all that came of it but what is kept out."""
        model, today = self.model, self._today
        assert today is not None
        best, scored, kept_out = today.best, today.scored, self._kept_out()
        if kept_out:
            names = model.baseline.principals.values
            rows = rows.where(~find_kept(names, rows.principal, rows.day, kept_out))
            active = active.where(~find_kept(names, active.principal, active.day, kept_out))
            hourly = hourly.where(~find_kept(names, hourly.principal, hourly.day, kept_out))
            hours = hours.where(~find_kept(names, hours.principal, hours.day, kept_out))
            best = {key: standing for key, standing in best.items() if (names[key[1]], key[0]) not in kept_out}
            if len(scored):
                scored = scored.where(~find_kept(names, scored.hours.principal, scored.hours.day, kept_out))
        if today.judged:
            active_today = len(np.unique(active.principal[active.day == model.day]))
            model.history.add(_record(model, best, scored, today.calibrations, active_today))
            self._keep_untold(today, kept_out)
        model.learn(rows, active, hourly, hours)
        self._keep_from_peers(today)
        self._scored_before = today.scored
        self._today = None

    def _kept_out(self) -> frozenset[tuple[str, int]]:
        return self._declared.kept_out(self.model.day + 1) if self._declared else frozenset()

    def _begin(self) -> "_Today":
        """Open the model's day."""
        model = self.model
        model.usual = self._declared.usual(model.day) if self._declared else ()
        today = _Today(judged=model.learnt_days >= BURN_IN_DAYS)
        if today.judged:
            today.calibrations = {of: model.history.calibration(of) for of in ("total", "week", *model.detectors)}
            if self.desk is not None:
                ends = tick_of(service_start(model.day + 1, self._zone, self._lateness))
                self.desk.start_day(model.history, today.calibrations["total"], today.calibrations["week"], ends)
            with parallel_config(n_jobs=self._threads):
                model.fit_detectors()
        return today

    def _score(self, hours: Hours, today: "_Today", now: int) -> int:
        """Let the detectors score what is known by now and was not scored before; return the last tick of that.

        An hour that closes is looked at even where nothing came at that tick: what lands after that is late for it.
        """
        keys = list(zip(hours.principal.tolist(), hours.hour.tolist(), strict=True))
        new = np.array([key not in today.closed for key in keys], dtype=bool) & (hours.tick <= now)
        today.closed.update(key for key, is_new in zip(keys, new.tolist(), strict=True) if is_new)
        explain = self.desk is not None  # a training tells nobody
        scored = score_hours(hours.where(new), self.model.detectors, today.calibrations, explain=explain)
        if len(scored):
            today.scored = Scored.concatenated([today.scored, scored])
            if self.desk is not None:
                today.strange = sorted(today.strange + self.desk.alone.find(scored, self.model.day))
        return int(hours.tick[new].max(initial=0))

    def _judge(self, outcome: DayOutcome, today: "_Today") -> None:
        """Reveal the day tick by tick; keep each ledger's largest standing."""
        first = service_start(self.model.day, self._zone, self._lateness)
        tick = self._next_tick(today) if today.so_far.since >= first else first
        while tick is not None and (self.clock is None or tick <= self.clock):
            changed = self._ledger.advance(tick)
            outcome.until = max(outcome.until, tick if changed else 0)
            for standing in changed:
                key = standing.key
                today.last[key] = standing
                if self._by_hour:
                    outcome.standings[key, outcome.newest_hour(standing)] = standing
                if key not in today.best or standing.total > today.best[key].total:
                    today.best[key] = standing
            if self.desk is not None and tick >= self.alerts_from:
                decisions = self.desk.review(changed, self._find_tactics, self.model.week.add_up, self.find_hands, tick)
                outcome.decisions += decisions
                today.raised |= {d.standing.key for d in decisions if d.raised}
                outcome.followed += self._list_raised(changed, self.desk)
            if today.strange and today.strange[0].tick <= tick:
                outcome.decisions += self._raise_alone(today, tick)
            today.so_far.since = tick
            upcoming = self._next_tick(today)
            step = tick + TICK
            tick = None if upcoming is None else step if self._every_tick else max(upcoming, tick + 1)

    def _next_tick(self, today: "_Today") -> int | None:
        """The earliest tick at which anything is known that was not looked at."""
        due = self.desk.next_due() if self.desk is not None else None
        ticks = [self._ledger.next_tick(), today.strange[0].tick if today.strange else None, due]
        return min((tick for tick in ticks if tick is not None), default=None)

    def _raise_alone(self, today: "_Today", tick: int) -> list[Decision]:
        """Raise what a detector finds strange by itself, as far as it is known by a tick."""
        now = [one for one in today.strange if one.tick <= tick]
        today.strange = today.strange[len(now) :]
        made = list[Decision]()
        if self.desk is None or tick < self.alerts_from:
            return made
        for one in now:
            prior = today.evidence.prior.get(one.principal, 0.0) if today.evidence else 0.0
            nothing = Standing(
                self.model.day, one.principal, tick, prior, dict.fromkeys(FAMILIES, 0.0), [], None, None, prior,
                frozenset(),
            )  # fmt: skip
            standing = replace(today.last.get(nothing.key, nothing), tick=tick)
            decision = self.desk.raise_alone(standing, one.by, one.score, self._find_tactics(standing))
            if decision:
                made.append(decision)
                today.raised.add(standing.key)
        return made

    def _find_tactics(self, standing: Standing) -> frozenset[str]:
        return tactics_of(standing, self.model.baseline, self.model.traits.priors)

    def _list_raised(self, changed: list[Standing], desk: Desk) -> list[Standing]:
        """Those of some standings that are raised, with their week or their detector where that is why."""
        raised = [(s, desk.cases[s.key]) for s in changed if s.key in desk.cases and desk.cases[s.key].raised]
        return [replace((case.by_week and self.model.week.add_up(s)) or s, by=case.by) for s, case in raised]

    def _keep_untold(self, today: "_Today", kept_out: Collection[tuple[str, int]]) -> None:
        """Keep for a week what the day showed of whom no alert was raised; what was told is not told again."""
        model, names = self.model, self.model.baseline.principals.values
        near = {key: standing for key, standing in sorted(today.last.items()) if len(key) == 2}
        shown = {key: standing for key, standing in near.items() if (names[key[1]], key[0]) not in kept_out}
        told = {key[1]: key[0] for key in shown if key in today.raised or (key[0], names[key[1]]) in self._raised}
        model.week = model.week.go_on(model.day, shown.values(), told)

    def _keep_from_peers(self, today: "_Today") -> None:
        """Flag all that a raised ledger holds at the end of the day."""
        names, baseline = self.model.baseline.principals.values, self.model.baseline
        for key, standing in sorted(today.last.items()):
            if key in today.raised or (key[0], names[key[1]]) in self._raised:
                entries = [entry for entry, _ in standing.contributions]
                tokens = np.array([int(e.evidence.items.token[e.row]) for e in entries], dtype=np.int64)
                baseline.flag(np.full(len(tokens), key[1], dtype=np.int64), tokens)


def _record(
    model: Model,
    every: Mapping[Key, Standing],
    scored: Scored,
    calibrations: Mapping[str, Calibration],
    principal_days: int,
) -> DayRecord:
    """What a day added up to."""
    best = [standing for _, standing in sorted(every.items()) if standing.day == model.day]
    totals = np.array([s.total for s in best])
    scored = scored.where(scored.hours.day == model.day) if len(scored) else scored
    maxima = {}
    for name in model.detectors:
        largest = np.zeros(len(model.baseline.stratum))
        if len(scored):
            np.maximum.at(largest, scored.hours.principal, scored.raw[name])
        largest = largest[largest > 0]
        maxima[name] = Maxima(largest, find_suspects(largest, calibrations[name]))
    return DayRecord(
        day=model.day,
        principal_days=principal_days,
        total=totals,
        largest=np.array([max(s.families.values()) for s in best]),
        suspect=find_suspects(totals, calibrations["total"]),
        detectors=maxima,
        acts=np.array([s.acts for s in best]),
        week=model.week.totals(best),
    )

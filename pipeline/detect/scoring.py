"""Scoring that goes on: days are judged, their alerts stored, and how far that has come is remembered.

A day is scored at once, or tick by tick as it arrives; what is decided is the same. A day that is not over stays open.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np

from features.times.day import date_of, day_bounds, service_start
from features.times.instant import micros, moment_of
from features.times.tick import TICK, tick_of
from models.baseline import Ints, TokenRows
from models.desk import Decision, Desk
from pipeline.alerts.document import Judge, make_alerts
from pipeline.alerts.evidence import Counted
from pipeline.alerts.live import Came, LiveAlerts
from pipeline.detect.activity import Activity
from pipeline.detect.arriving import Arriving, Grows
from pipeline.detect.coding import coded, coded_hours
from pipeline.detect.hands import HandsOfDay
from pipeline.detect.hour_scores import hour_score_rows
from pipeline.detect.landing import settle_landed
from pipeline.detect.model_note import note_model
from pipeline.detect.walk import DayOutcome, Walk
from pipeline.settings import Settings
from pipeline.stores.alert import Alert
from pipeline.stores.home import Store
from pipeline.stores.parquet.contents import Column
from pipeline.stores.parquet.hour_scores import LEAST
from pipeline.stores.parquet.segment import Segment
from pipeline.stores.unjudged import put_unjudged

CHECKPOINT: Final = "scored"
UNTIL: Final = "until"
"""What the checkpoint says beside its day and the budget's counters: the last tick that was scored, in microseconds
since 1970."""
BUDGET: Final = "budget"
"""What it says of the budget that these counters are of, alerts a day."""
KEPT_DAYS = 60
"""Days whose budget counters are remembered, so that a day scored again is decided again alike."""


class Scoring:
    """Scores days one after the other; each step's alerts are stored before it is remembered.

    Parameters
    ----------
    activity
        Of events by tick, as far as they were delivered until now.
    walk
        Stands at the first day, its clock at the tick it is now.
    checkpoint
        What an earlier scoring remembered.
    came
        Number of the last file that the activity surely holds (`pipeline.stores.sqlite.arrivals`).
    arrive
        Lets a day of the activity grow.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        activity: Activity,
        walk: Walk,
        checkpoint: dict[str, Any],
        came: int,
        arrive: Callable[[Any, int], Grows] = Arriving,
    ) -> None:
        self.written = 0
        """Revisions that were new."""
        self.made_of = ""
        """Id of the trained model that is stepped."""
        self.raised: set[str] = set()
        """Ids of alerts that are raised on the days scored; where it goes on, on the day."""
        self.alerts: dict[str, Alert] = {}
        """The last revision of each of their alerts."""
        self.is_open = False
        """The day that was scored last is not over."""
        self.until: int = checkpoint.get(UNTIL, 0)
        """The last tick that was scored, microseconds since 1970."""
        self.token = 0
        """Of whoever watches the home: who has an older one than the last checkpoint's is refused."""
        self.before_writing: Callable[[], None] = lambda: None
        """Called before alerts are stored; what it raises ends the step."""
        self.walk = walk
        self.day = date_of(walk.model.day)
        """The day that is scored."""
        self._zone = ZoneInfo(activity.timezone)
        self._store, self._settings, self._activity = store, settings, activity
        self._members = activity.members()
        counters: dict[str, list[int]] = checkpoint.get("counters", {})
        self._counters = counters
        """By day, what the budget's desk had counted as it began: days and alerts raised."""
        days, raised = counters.get(str(date_of(walk.model.day)), [0, 0])
        if checkpoint.get(BUDGET, settings.budget) != settings.budget:
            days = raised = 0  # what was raised of a larger one would use up this one for weeks
        self._live, self._came = LiveAlerts(), came
        self._read = set[str]()
        """Segments that were listed when files were taken in the last time; all of them were in it, or before."""
        self.walk.desk = self._desk = Desk(settings.budget, days=days, raised=raised, shares=settings.shares)
        self._arrive = arrive
        self._arriving: Grows | None = None
        self._hands = HandsOfDay(activity, walk.model, self._show_issued)
        self.walk.find_hands = self._hands.find
        self._held = set[int]()
        """Tokens that came of the day (`_keys`)."""

    def step(self, day: date) -> None:
        """Score a day as far as it has come, store its alerts, and remember that; a day that is over is learnt."""
        self._begin(day)
        clock = self.walk.clock
        delivered = self._activity.delivered(day, by_hour=clock is not None and clock < self._ends())
        rows, active, hourly = coded(delivered, self.walk.model, self._members)
        hours = coded_hours(delivered, self.walk.model, hourly)
        outcome = self.walk.reveal(rows, hourly, hours)
        self._held = set(self._keys(rows).tolist())
        self._keep(outcome, again=True)
        self.is_open = not outcome.ended
        if outcome.ended:
            self.walk.learn(rows, active, hourly, hours)

    def go_on(self, now: datetime) -> list[Alert]:
        """Score what was delivered since the last time; return the revisions that were written.

        Raises
        ------
        StoreError
            A file of the store cannot be read.
        BacklogError
            More landed than is taken in at once; nothing was scored.
        """
        self.before_writing()
        arriving = self.start_arriving()
        self._take_landed(arriving)
        if 0 <= self.until - micros(now) < TICK:
            now = moment_of(self.until + 1)  # what landed since the last time is known from its next tick on
        clock, written = tick_of(micros(now)), list[Alert]()
        while (ends := self._ends()) <= clock:
            written += self._grow(arriving, ends)
            self.until = max(self.until, ends)
            self._end(arriving)
        written += self._grow(arriving, clock)
        return written

    @property
    def desk(self) -> Desk:
        """What has been decided so far."""
        return self._desk

    # -- a day ---------------------------------------------------------------------------------------------------

    def _begin(self, day: date) -> None:
        model = self.walk.model
        self.day = day
        self._counters[str(day)] = [self._desk.budget.days, self._desk.budget.raised]
        self._counters = dict(sorted(self._counters.items())[-KEPT_DAYS:])
        self._judge = Judge(model, model.id(), self._members, self._settings.deployment, self._zone)
        self._unjudged = self._scored = 0
        self.is_open = True

    def _keep(self, outcome: DayOutcome, came: Came | None = None, *, again: bool = False) -> list[Alert]:
        """Store the alerts of what was revealed, and then how far that has come; return those alerts.

        Revisions that an earlier scoring stored are the same, and are not made `again`.
        """
        alerts, stored = list[Alert](), list[Alert]()
        self._unjudged += outcome.unjudged
        if outcome.judged:
            counted = self._show(outcome)
            outcome.decisions, events = self._live.follow(outcome.today(), self._judge, counted, came)
            new = outcome.decisions
            if again:
                new, stored = self._tell_stored(new)
            alerts = make_alerts(new, self._judge, events, outcome.strongest, self._show_issued)
        self.before_writing()
        if alerts:  # noted before they are, so that no alert names a model that nobody knows
            self._store.models.add(note_model(self.walk.model, self._judge.model_id, self.made_of))
        self.until = max(self.until, outcome.until, *(d.standing.tick for d in outcome.decisions))
        put_unjudged(self._store.state, self.day, "delivered", self._unjudged)
        self._keep_scores(outcome)
        self.written += self._store.alerts.append(alerts)
        told = sorted([*stored, *alerts], key=lambda alert: alert.revision)
        self.raised |= {alert.alert_id for alert in told if alert.raised}
        self.alerts |= {alert.alert_id: alert for alert in told}
        self._remember()
        return alerts

    def _tell_stored(self, decisions: Sequence[Decision]) -> tuple[list[Decision], list[Alert]]:
        """Those of some decisions of which no revision is stored, and the revisions of the others."""
        if not decisions:
            return [], []
        ids = [self._judge.alert_of(decision.standing) for decision in decisions]
        wanted = set(ids)
        stored = {(a.alert_id, a.revision): a for a in self._store.alerts.revisions() if a.alert_id in wanted}
        keys = [(alert_id, decision.revision) for alert_id, decision in zip(ids, decisions, strict=True)]
        new = [decision for key, decision in zip(keys, decisions, strict=True) if key not in stored]
        return new, [stored[key] for key in keys if key in stored]

    def _keep_scores(self, outcome: DayOutcome) -> None:
        """Store what detectors said of the day's hours, where more that are kept closed since the last time."""
        kept = sum(int((record >= LEAST).sum()) for record in outcome.scored.record.values())
        if kept > self._scored:
            self._scored = kept
            rows = hour_score_rows(outcome.scored, self.walk.model, self._members)
            self._store.hour_scores.put(self.day, rows)

    def _show(self, outcome: DayOutcome) -> Counted:
        """The events that can be behind what was revealed."""
        shown = [*outcome.followed, *(decision.standing for decision in outcome.decisions)]
        first = min((standing.first_day for standing in shown), default=outcome.day)
        since = day_bounds(min(first, outcome.day - 1), self._zone)[0]
        return _Shown(
            self._activity, lambda who: self._view(since, moment_of(outcome.ends), holding=("principal", who))
        )

    def _show_issued(self, keys: Collection[str], since: datetime) -> None:
        self._view(since, holding=("issued_key", keys))

    def _remember(self) -> None:
        found = {"day": str(self.day), "counters": self._counters, UNTIL: self.until, BUDGET: self._settings.budget}
        self._store.state.put_checkpoint(CHECKPOINT, found, token=self.token)

    def _ends(self) -> int:
        """The tick that ends the day."""
        return tick_of(service_start(self.walk.model.day + 1, self._zone, self._activity.lateness_minutes))

    # -- as it arrives -------------------------------------------------------------------------------------------

    def start_arriving(self) -> Grows:
        """Make ready to go on, so that the first step that does costs no more than others."""
        if self._arriving is None:
            if not self.is_open:
                self._begin(date_of(self.walk.model.day))
            self._arriving = self._arrive(self._activity, self.walk.model.day)
            self._hands.tables = self._arriving.tables
            self._list_segments()
        return self._arriving

    def _take_landed(self, arriving: Grows) -> None:
        """Take in the events of files that landed since the last time, whoever has settled them."""
        settle_landed(self._store, self._settings, judged=self.walk.model.day, closed=self.until)
        yesterday, listed = self._list_segments()  # first: what is listed from here on is read the next time
        came = self._store.arrivals.after(self._came)
        if came:
            since = moment_of(min(one.first for one in came))
            corrects = any(segment.addenda for segment in listed if segment.path not in self._read)
            # what was read holds no more of them; but originals of corrections, and twins of before yesterday
            without = () if corrects or since < yesterday else self._read
            self._activity.see(self._store.events, since, without)
            arriving.take([one.file for one in came])
            self._came = came[-1].number
        self._read = {segment.path for segment in listed}

    def _list_segments(self) -> tuple[datetime, list[Segment]]:
        """When yesterday began, and the segments of events since; what they hold is remembered for alerts to come."""
        yesterday = day_bounds(self.walk.model.day - 1, self._zone)[0]
        listed = self._store.events.segments(since=yesterday)
        self._store.events.look_into(self._activity.connection, listed)
        return yesterday, listed

    def _view(
        self,
        since: datetime,
        until: datetime | None = None,
        *,
        holding: tuple[Column, Collection[str]],
    ) -> None:
        """Make the view `counted` of events since a time, as they were first delivered."""
        self._store.events.view(self._activity.connection, since=since, corrected=False, holding=holding)
        self._activity.count(until)

    def _grow(self, arriving: Grows, clock: int) -> list[Alert]:
        """Reveal what is known of the day by a tick."""
        model, over = self.walk.model, clock >= self._ends()
        if clock < service_start(model.day, self._zone, self._activity.lateness_minutes):
            return []
        came = arriving.grow(self.until, clock, even_nothing=over or self._is_due(clock))
        if came is None:
            return []
        if not came.principals <= self._members.keys():
            self._members.update(self._activity.members())
        rows, _, hourly = coded(came.delivered, model, self._members)
        keys = self._keys(rows).tolist()
        new = np.array([key not in self._held for key in keys], dtype=bool)
        self._held.update(keys)
        self.walk.clock = clock
        outcome = self.walk.reveal(rows.where(new), hourly, coded_hours(came.delivered, model, hourly))
        return self._keep(outcome, arriving.find_showing)

    def _is_due(self, clock: int) -> bool:
        """Whether something has to be looked at by a tick though nothing came."""
        due = self._desk.next_due()
        return self._live.is_due(clock) or (due is not None and due <= clock)

    def _end(self, arriving: Grows) -> None:
        """Learn the day, and begin the next."""
        model, delivered = self.walk.model, arriving.end()
        rows, active, hourly = coded(delivered, model, self._members)
        self.walk.learn(rows, active, hourly, coded_hours(delivered, model, hourly))
        self._held, self.raised, self.alerts = set(), set(), {}
        self._begin(date_of(model.day))
        self._remember()

    def _keys(self, rows: TokenRows) -> Ints:
        """A number for each (principal, token, day)."""
        ago = np.clip(self.walk.model.day - rows.day, 0, 63)
        return (rows.principal << 38) | (rows.token << 6) | ago


class _Shown:
    """The events behind alerts, for which the view `counted` is made when they are asked for."""

    def __init__(self, activity: Activity, view: Callable[[Collection[str]], None]) -> None:
        self.connection, self._activity, self._view = activity.connection, activity, view

    def only(self, condition: str, principals: Collection[str] = ()) -> AbstractContextManager[None]:
        """For a block, let the view hold no other events than those of a condition in SQL, and of some principals."""
        self._view(principals)
        return self._activity.only(condition)

"""Judging drills: as a day of their principal on which nothing else happened, on copies of all that judges.

Whatever a drill holds is left out of every view of the store but its own (`ParquetEvents.view`), so that no ledger, no
budget, no training and no backtest ever sees it, and it cannot be folded into a real alert, nor a real one into it. Its
alerts are the same as others', but marked; how it fared is remembered, found or not.
"""

import hashlib
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from msgspec.structs import replace

from features.times.day import date_of, day_number
from features.times.instant import micros
from features.times.tick import tick_of
from models.budget import FLOOR_NATS
from models.desk import Desk
from models.model import Model
from models.week import Week
from pipeline.alerts.document import Judge, make_alerts
from pipeline.alerts.live import LiveAlerts
from pipeline.connection import connect
from pipeline.detect.activity import Activity
from pipeline.detect.coding import coded, coded_hours
from pipeline.detect.scoring import Scoring
from pipeline.detect.walk import DayOutcome, Walk
from pipeline.settings import Settings
from pipeline.stores.alert import Alert, Held
from pipeline.stores.harm_title import DRILL
from pipeline.stores.home import Store
from pipeline.stores.jsonl.drills import Drill, Over
from pipeline.text.plural import plural

MOST_BUDGET: Final = 50
"""Alerts a day up to which it is said what a drill would have needed."""
_FAMILY: Final = "drill"
"""Of the settings that say how a drill fared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fared:
    """How a drill fared, the last time that something of it was judged."""

    day: str
    """Day that it was judged on."""
    judged_at: str
    """When, by the clock of whoever judged."""
    events: int
    """Events of it that had come, of `of`."""
    of: int
    unjudged: str = ""
    """Why none was judged; empty where they were."""
    evidence: float = 0.0
    """Nats of the day."""
    total: float = 0.0
    """The same, less what is usual for the kind: what the budget's cut is held against."""
    score: float = 0.0
    """Record score, 0 to 100."""
    rank: float = 0.0
    """Principal-days a day that are as strange by chance: at 0.2 it is the strangest of five days."""
    needed: float | None = None
    """Total that is needed to be raised at the budget that there is; None where it would have to be learnt first."""
    budget: int | None = None
    """Alerts a day, at least, at which days of the past that were less strange would have been raised; None for more
    than `MOST_BUDGET`."""
    raised: bool = False
    held: Held | None = None
    """Why it was not raised."""
    alert_id: str = ""
    """Its alert; empty where there is none."""
    desk: tuple[int, int] = (0, 0)
    """Days and alerts that the budget had counted as it was judged first."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)


def judge_drills(store: Store, settings: Settings, scoring: Scoring, now: datetime) -> list[Alert]:
    """Judge what came of drills since the last time, close those that are past their time; return their new revisions.

    Parameters
    ----------
    scoring
        That judges what is real; nothing of it is changed.
    """
    found = []
    for drill in store.drills.begun():
        if drill.expires <= now:
            found += close_drill(store, drill, now)
        else:
            found += _Judging(store, settings, scoring, now, drill).judge()
    return found


def read_fared(store: Store, drill: str) -> Fared | None:
    """How a drill fared; None where nothing of it was judged yet."""
    told: dict[str, Any] | None = store.state.setting(f"{_FAMILY}/{drill}")
    return None if told is None else Fared(**told | {"desk": tuple(told["desk"])})


def close_drill(store: Store, drill: Drill, now: datetime) -> list[Alert]:
    """End a drill: its events leave the store, and its alerts are shown no more; return their last revisions."""
    with store.events.writing(now):
        store.events.remove_drill(drill, now)
    closed = [
        replace(alert, revision=alert.revision + 1, raised=False, held_because="drill")
        for alert in store.alerts.latest()
        if alert.drill == drill.id and alert.held_because != "drill"
    ]
    store.alerts.append(closed)
    store.drills.add(Over(id=drill.id, at=now))
    return closed


class _Judging:
    """Judges one drill at one time."""

    def __init__(self, store: Store, settings: Settings, scoring: Scoring, now: datetime, drill: Drill) -> None:
        self._store, self._settings, self._scoring, self._now, self._drill = store, settings, scoring, now, drill
        self._before = read_fared(store, drill.id)

    def judge(self) -> list[Alert]:
        drill, settings = self._drill, self._settings
        with connect(1, settings.memory) as connection:
            self._store.events.view(
                connection, drill.first, drill.last + timedelta(seconds=1), corrected=False, drill=drill
            )
            [(count,)] = connection.execute(
                "SELECT count(*) FROM events WHERE delivered_at <= $now", {"now": self._now}
            ).fetchall()
            if not count or (self._before and self._before.events == count and not self._before.unjudged):
                return []
            activity = Activity.of_events(
                connection,
                timezone=settings.timezone,
                lateness_minutes=settings.lateness_minutes,
                by_tick=True,
                until=self._now,
            )
            days = activity.days()
            return self._judge_day(activity, days[-1], int(count)) if days else []

    def _judge_day(self, activity: Activity, day: date, count: int) -> list[Alert]:
        model = _copy(self._scoring.walk.model, day)
        counted = (
            self._before.desk if self._before else (self._scoring.desk.budget.days, self._scoring.desk.budget.raised)
        )
        walk = Walk(model, timezone=activity.timezone, lateness_minutes=activity.lateness_minutes)
        walk.desk = desk = Desk(
            self._settings.budget, days=max(counted[0] - 1, 0), raised=counted[1], shares=self._settings.shares
        )
        walk.clock = tick_of(micros(self._now))
        members, judge_id = activity.members(), model.id()
        delivered = activity.delivered(day)
        rows, _, hourly = coded(delivered, model, members)
        outcome = walk.reveal(rows, hourly, coded_hours(delivered, model, hourly))
        told: dict[str, Any] = {
            "day": str(day),
            "judged_at": self._now.isoformat(),
            "events": count,
            "of": len(self._drill.events),
        }
        if not outcome.judged:
            self._note(
                Fared(
                    **told, unjudged=f"the model has learnt {plural(model.learnt_days, 'day')}, too few", desk=counted
                )
            )
            return []
        judge = Judge(model, judge_id, members, self._settings.deployment, ZoneInfo(activity.timezone))
        decisions, events = LiveAlerts().follow(outcome.today(), judge, activity)
        alerts = [self._mark(alert) for alert in make_alerts(decisions, judge, events, outcome.strongest)]
        known = max((one.revision for one in self._store.alerts.latest() if one.drill == self._drill.id), default=0)
        new = [alert for alert in alerts if alert.revision > known]
        self._store.alerts.append(new)
        self._note(self._say(told, outcome, desk, model, alerts, counted))
        return new

    def _say(
        self,
        told: dict[str, Any],
        outcome: DayOutcome,
        desk: Desk,
        model: Model,
        alerts: Sequence[Alert],
        counted: tuple[int, int],
    ) -> Fared:
        best = max(outcome.standings.values(), key=lambda standing: standing.total, default=None)
        needed = model.history.quantile(desk.budget.per_day) if desk.budget.per_day is not None else None
        needed = None if needed is None or not np.isfinite(needed) else round(max(needed, FLOOR_NATS), 2)
        if best is None:
            return Fared(**told, needed=needed, held="evidence", desk=counted)
        calibration = outcome.calibrations["total"]
        last = alerts[-1] if alerts else None
        held: Held = "score" if desk.budget.per_day is None else "others"
        held = "evidence" if best.evidence < FLOOR_NATS else held
        return Fared(
            **told,
            evidence=round(best.evidence, 2),
            total=round(best.total, 2),
            score=round(float(calibration.score(np.array([best.total]))[0]), 1),
            rank=float(f"{float(calibration.rate(np.array([best.total]))[0]):.3g}"),
            needed=needed,
            budget=next((n for n in range(1, MOST_BUDGET + 1) if model.history.quantile(n) <= best.total), None),
            raised=bool(last and last.raised),
            held=last.held_because if last else held,
            alert_id=last.alert_id if last else "",
            desk=counted,
        )

    def _mark(self, alert: Alert) -> Alert:
        drill = self._drill
        name = hashlib.sha256(f"drill\x1f{drill.id}\x1f{alert.alert_id}".encode()).hexdigest()[:32]
        return replace(alert, alert_id=name, title=DRILL + alert.title, drill=drill.id, related=())

    def _note(self, fared: Fared) -> None:
        self._store.state.put_setting(f"{_FAMILY}/{self._drill.id}", fared.as_dict())


def _copy(model: Model, day: date) -> Model:
    """A copy that judges a day, and that may grow by what it is shown; days between are as if nothing had come."""
    copied = deepcopy(model)
    copied.week = Week()  # what the principal itself did is no part of it
    if date_of(copied.day) != day:
        copied.baseline.day = copied.volume.day = copied.breadth.day = day_number(day)
    return copied

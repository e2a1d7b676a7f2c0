"""The worker: score what was delivered since the last time, and append alerts.

It walks from the newest model that is old enough to the newest delivery, and learns a day where no training has come
by. Running it again is harmless: decisions are the same and alerts have the same ids.
"""

import time
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from features.times.day import date_of, day_bounds, day_number
from models.desk import Desk
from models.model import Model
from models.priors import AttackPriors
from pipeline.alerts.document import Judge, make_alerts
from pipeline.alerts.evidence import only_reasoned
from pipeline.connection import connect
from pipeline.datafiles import read_attack_priors
from pipeline.detect.activity import Activity
from pipeline.detect.walk import DayOutcome, Walk
from pipeline.errors import ModelError, NoHistoryError
from pipeline.settings import Settings
from pipeline.stores.alert import Alert
from pipeline.stores.bundles.folder import BundleInfo, Bundles
from pipeline.stores.home import Store

CHECKPOINT = "scored"
KEPT_DAYS = 60
"""Days whose budget counters are remembered, so that a day scored again is decided again alike."""


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """What a scoring did."""

    model_id: str
    first_day: str
    last_day: str
    revisions: int
    """Alert revisions that were new."""
    raised: int
    """Alerts raised that were not raised before."""
    open_alerts: int
    """Alerts raised on the days scored."""
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)


def score(store: Store, settings: Settings, now: datetime) -> ScoreReport:
    """Score every delivery since the last scoring, up to `now`.

    Order of the step: alerts, then the checkpoint; killed in between, the next run writes nothing twice.

    Raises
    ------
    ModelError
        There is no model, or none this version can open.
    NoHistoryError
        Nothing was delivered since the model's day began.
    """
    started = time.monotonic()
    checkpoint = store.state.checkpoint(CHECKPOINT) or {}
    bundles = Bundles(store.home)
    info = _choose_bundle(bundles.every(), checkpoint)
    model = bundles.load(info, AttackPriors.from_dict(read_attack_priors()))
    with connect(settings.threads, settings.memory) as connection:
        activity = _count_events(connection, store, settings, first=info.day, until=now)
        days = _days_to_score(activity, info.day)
        raised_before = {alert.alert_id for alert in store.alerts.latest(raised=True)}
        scoring = _Scoring(store, settings, activity, model, checkpoint.get("counters", {}))
        for day in days:
            scoring.step(day)
    return ScoreReport(
        model_id=info.model_id,
        first_day=str(days[0]),
        last_day=str(days[-1]),
        revisions=scoring.written,
        raised=len(scoring.raised - raised_before),
        open_alerts=len(scoring.raised),
        seconds=round(time.monotonic() - started, 2),
    )


class _Scoring:
    """Days scored one after the other, each remembered once its alerts are stored."""

    def __init__(
        self, store: Store, settings: Settings, activity: Activity, model: Model, counters: dict[str, list[int]]
    ) -> None:
        self.written = 0
        """Revisions that were new."""
        self.raised: set[str] = set()
        """Ids of alerts that are raised on the days scored."""
        self._store, self._settings, self._activity = store, settings, activity
        self._members = activity.members()
        self._counters = counters
        """By day, what the budget's desk had counted as it began: days and alerts raised."""
        days, raised = counters.get(str(date_of(model.day)), [0, 0])
        self._desk = Desk(settings.budget, days=days, raised=raised)
        self._walk = Walk(model, timezone=activity.timezone, lateness_minutes=activity.lateness_minutes)
        self._walk.desk = self._desk

    def step(self, day: date) -> None:
        """Score a day, store its alerts, and remember that."""
        self._counters[str(day)] = [self._desk.days, self._desk.raised]
        alerts = self._score(day)
        self.written += self._store.alerts.append(alerts)
        self.raised |= {alert.alert_id for alert in alerts if alert.raised}
        self._counters = dict(sorted(self._counters.items())[-KEPT_DAYS:])
        self._store.state.put_checkpoint(CHECKPOINT, {"day": str(day), "counters": self._counters})

    def _score(self, day: date) -> list[Alert]:
        """The alerts of a day, which the model then learns."""
        activity, model, alerts = self._activity, self._walk.model, list[Alert]()
        judge = Judge(model, model.id(), self._members, self._settings.deployment, ZoneInfo(activity.timezone))

        def make(outcome: DayOutcome) -> None:
            with only_reasoned(activity, outcome.decisions, model.baseline):
                alerts.extend(make_alerts(outcome.decisions, judge, activity.connection))

        self._walk.step(activity.delivered(day), self._members, make)
        return alerts


def _count_events(
    connection: duckdb.DuckDBPyConnection, store: Store, settings: Settings, first: date, until: datetime
) -> Activity:
    """Activity that became known from a day on, of events delivered until a time."""
    since, _ = day_bounds(day_number(first) - 1, ZoneInfo(settings.timezone))
    store.events.view(connection, since=since, corrected=False)
    return Activity.of_events(
        connection,
        timezone=settings.timezone,
        lateness_minutes=settings.lateness_minutes,
        by_tick=True,
        until=until,
        first=first,
    )


def _days_to_score(activity: Activity, first: date) -> list[date]:
    """Every day from the model's to that of the newest delivery."""
    newest = max((day for day in activity.days() if day >= first), default=None)
    if newest is None:
        raise NoHistoryError(f"nothing was delivered since {first}, the day the model judges; ingest newer log files")
    return [first + timedelta(days=offset) for offset in range((newest - first).days + 1)]


def _choose_bundle(every: list[BundleInfo], checkpoint: dict[str, Any]) -> BundleInfo:
    """The newest bundle that is old enough to score from where the last scoring stood, else the oldest."""
    if not every:
        raise ModelError("there is no model yet; run `oddtrail train` first")
    if "day" not in checkpoint:
        return every[0]
    day = date.fromisoformat(checkpoint["day"])
    return next((info for info in reversed(every) if info.day <= day), every[0])

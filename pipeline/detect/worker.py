"""The worker: score what was delivered since the last time, and append alerts.

It walks from the newest model that is old enough to the newest delivery, and learns a day where no training has come
by. Running it again is harmless: decisions are the same and alerts have the same ids.
"""

import time
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from features.times.day import day_bounds, day_number
from models.desk import Desk
from models.model import Model
from models.priors import AttackPriors
from pipeline.alerts.evidence import only_reasoned
from pipeline.connection import connect
from pipeline.datafiles import read_attack_priors
from pipeline.detect.activity import Activity
from pipeline.detect.replay import Writer
from pipeline.detect.walk import DayOutcome, Walk
from pipeline.errors import ModelError, NoHistoryError
from pipeline.settings import Settings
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
    lateness = int(settings.lateness.total_seconds() // 60)
    connection = connect(settings.threads, settings.memory)
    checkpoint = store.state.checkpoint(CHECKPOINT) or {}
    bundles = Bundles(store.home)
    info = _bundle(bundles.every(), checkpoint)
    model = bundles.load(info, AttackPriors.from_dict(read_attack_priors()))
    since, _ = day_bounds(day_number(info.day) - 1, ZoneInfo(settings.timezone))
    store.events.view(connection, since=since, corrected=False)
    activity = Activity.of_events(
        connection, timezone=settings.timezone, lateness_minutes=lateness, by_tick=True, until=now, first=info.day
    )
    days = [day for day in activity.days() if day >= info.day]
    if not days:
        raise NoHistoryError(
            f"nothing was delivered since {info.day}, the day the model judges; ingest newer log files"
        )
    counters: dict[str, list[int]] = checkpoint.get("counters", {})
    budget_days, raised_before = counters.get(str(info.day), [0, 0])
    desk = Desk(settings.budget, days=budget_days, raised=raised_before)
    walk = Walk(model, timezone=settings.timezone, lateness_minutes=lateness)
    walk.desk = desk
    known = {line["alert_id"] for line in store.alerts.latest(raised=True)}
    writer = Writer(activity, settings.deployment)
    written, raised = 0, set[str]()
    for offset in range((days[-1] - info.day).days + 1):
        day = info.day + timedelta(days=offset)
        counters[str(day)] = [desk.days, desk.raised]
        documents = _scored(walk, activity, writer, model, day)
        written += store.alerts.append(documents)
        raised |= {line["alert_id"] for line in documents if line["raised"]}
        counters = dict(sorted(counters.items())[-KEPT_DAYS:])
        store.state.put_checkpoint(CHECKPOINT, {"day": str(day), "counters": counters})
    connection.close()
    return ScoreReport(
        model_id=info.model_id,
        first_day=str(info.day),
        last_day=str(days[-1]),
        revisions=written,
        raised=len(raised - known),
        open_alerts=len(raised),
        seconds=round(time.monotonic() - started, 2),
    )


def _scored(walk: Walk, activity: Activity, writer: Writer, model: Model, day: date) -> list[dict[str, Any]]:
    documents: list[dict[str, Any]] = []
    model_id, members = model.id(), activity.members()

    def write(outcome: DayOutcome) -> None:
        with only_reasoned(activity, outcome.decisions, model.baseline):
            documents.extend(writer.documents(outcome, model, model_id, members))

    walk.step(activity.delivered(day), members, write)
    return documents


def _bundle(every: list[BundleInfo], checkpoint: dict[str, Any]) -> BundleInfo:
    """The newest bundle that is old enough to score from where the last scoring stood, else the oldest."""
    if not every:
        raise ModelError("there is no model yet; run `oddtrail train` first")
    if "day" not in checkpoint:
        return every[0]
    day = date.fromisoformat(checkpoint["day"])
    return next((info for info in reversed(every) if info.day <= day), every[0])

"""The nightly trainer: learn from a home's activity, day by day, and publish what the worker scores with."""

import time
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from features.times.day import day_number
from models.model import Model
from models.priors import AttackPriors
from pipeline.connection import connect
from pipeline.datafiles import read_attack_priors
from pipeline.detect.activity import Activity
from pipeline.detect.landing import remember_watched, settle_landed
from pipeline.detect.refresh import refresh_activity
from pipeline.detect.scoring import CHECKPOINT, UNTIL
from pipeline.detect.walk import BURN_IN_DAYS, Walk
from pipeline.detect.worker import choose_bundle
from pipeline.errors import NoHistoryError
from pipeline.settings import Settings
from pipeline.stores.bundles.folder import KEPT, Bundles
from pipeline.stores.home import Store
from pipeline.stores.protocols import AlertStore
from pipeline.text.plural import plural

LEAST_DAYS = BURN_IN_DAYS + 1
"""Days of history without which nothing can be judged."""
GOOD_DAYS = 21
"""Days from which habits and the calibration are a deployment's own."""
MOST_DAYS = 120
"""Days of history that are read."""
FIRST_SCORED_DAYS = 7
"""Days before the newest that a first training leaves for the first scoring."""


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What a training did."""

    model_id: str
    day: str
    """The first day the model judges."""
    newest_day: str
    """Day of the newest delivery; what lies between is left for the first scoring."""
    first_day: str
    days: int
    judged_days: int
    """Days of the history that were judged by a model that never saw them; calibration rests on them."""
    principals: int
    account_days: int
    """Account-days of activity that were rewritten."""
    seconds: float
    notes: list[str]
    """What the history is too short for, and what is borrowed instead."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)


def train(store: Store, settings: Settings, now: datetime) -> TrainReport:
    """Learn from everything delivered before the day of the newest delivery up to `now`, and publish a bundle.

    Where no model that can be opened reaches back to where scoring stands, training stops there, so that no day stays
    unscored; before the first scoring that is a week ago.

    Raises
    ------
    NoHistoryError
        There are fewer than `LEAST_DAYS` days to learn from.
    """
    started = time.monotonic()
    timezone, lateness = settings.timezone, settings.lateness_minutes
    bundles = Bundles(store.home)
    scored = store.state.checkpoint(CHECKPOINT)
    if scored is not None:
        every = bundles.every()
        first = choose_bundle(every, scored).day if every else date.fromisoformat(scored["day"])
        settle_landed(store, settings, judged=day_number(first), closed=scored.get(UNTIL, 0))
    with connect(settings.threads, settings.memory) as connection:
        rewritten = refresh_activity(store, connection, timezone=timezone, lateness_minutes=lateness, now=now)
        store.activity.view(connection)
        activity = Activity.of_store(connection, timezone=timezone, lateness_minutes=lateness)
        days = _days(activity, now)
        last = _day_to_judge(days, bundles, scored)
        model = _learn(activity, days[0], last, settings.seed, _raised(store.alerts))
    if scored is None:  # all that was there is history
        settle_landed(store, settings, judged=day_number(last), closed=None)
    remember_watched(store)
    learnt = (last - days[0]).days
    published = bundles.publish(model)
    return TrainReport(
        model_id=published.model_id,
        day=str(last),
        newest_day=str(days[-1]),
        first_day=str(days[0]),
        days=learnt,
        judged_days=len(model.history.days),
        principals=len(model.members),
        account_days=rewritten,
        seconds=round(time.monotonic() - started, 2),
        notes=bundles.notes + note_history(learnt, len(model.members)),
    )


def _learn(activity: Activity, first: date, last: date, seed: int, raised: Collection[tuple[int, str]]) -> Model:
    """A model that has learnt every day from the first to the one before the last."""
    model = Model(day_number(first), AttackPriors.from_dict(read_attack_priors()), seed=seed)
    walk = Walk(model, timezone=activity.timezone, lateness_minutes=activity.lateness_minutes, raised=raised)
    members = activity.members()
    for delivered in activity.each(first + timedelta(days=offset) for offset in range((last - first).days)):
        walk.step(delivered, members)
    return model


def _day_to_judge(days: list[date], bundles: Bundles, scored: dict[str, Any] | None) -> date:
    """The newest day, or where scoring stands when no model reaches back to it and there is enough to learn before."""
    stands = date.fromisoformat(scored["day"]) if scored else days[-1] - timedelta(days=FIRST_SCORED_DAYS)
    every = bundles.every()
    reached = any(info.day <= stands and bundles.is_whole(info) for info in reversed(every))
    if reached or len(every) >= KEPT or stands < days[0] + timedelta(days=LEAST_DAYS):
        return days[-1]
    return min(stands, days[-1])


def _raised(alerts: AlertStore) -> set[tuple[int, str]]:
    """Days and principals of alerts that were raised; nobody has cleared one."""
    return {(day_number(alert.day), alert.principal_key) for alert in alerts.latest(raised=True)}


def _days(activity: Activity, now: datetime) -> list[date]:
    """Days to learn from, and last the one to judge: that of the newest delivery."""
    days = [day for day in activity.days() if day <= activity.day_of(now)]
    days = [day for day in days if day > days[-1] - timedelta(days=MOST_DAYS)]
    have = (days[-1] - days[0]).days if days else 0
    if have < LEAST_DAYS:
        raise NoHistoryError(
            f"there are {have} whole days of activity and at least {LEAST_DAYS} are needed to learn from; "
            "ingest older log files and run `oddtrail train` again"
        )
    return days


def note_history(days: int, principals: int) -> list[str]:
    """What a history of so many days and principals is too short for, and what is borrowed instead."""
    notes = []
    if days < GOOD_DAYS:
        notes.append(
            f"a history of {plural(days, 'day')} is short of {GOOD_DAYS}: rates of firsts lean on peer groups, "
            "and the calibration on a shipped prior"
        )
    if principals < 20:
        notes.append(f"{principals} principals are few: the calibration's tail is borrowed from a shipped prior")
    return notes

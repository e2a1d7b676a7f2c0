"""The watch: take in what is new, judge it, tell of it; once a night, learn. Again and again.

Order of a tick: events, alerts, how far that has come; then the search engines, which are told what is in the home's
file. Killed anywhere, the next tick does what is left, and nothing is there twice.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from features.times.day import day_number, service_start
from features.times.instant import moment_of
from pipeline.detect.trainer import train
from pipeline.errors import ModelError, NoHistoryError, OddtrailError
from pipeline.publish.outbox import Published, publish
from pipeline.settings import Settings
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.home import Store
from pipeline.watch.intake import Intake, TakenIn
from pipeline.watch.judge import Judging
from pipeline.watch.lease import Lease
from pipeline.watch.plan import Plan

TRAIN_AFTER: Final = timedelta(minutes=5)
"""After a day's model goes into service, how long training waits for what is on its way."""


class StoppedError(OddtrailError):
    """The watch was asked to stop."""


@dataclass(slots=True)
class Ticked:
    """What a tick did."""

    at: str
    events: int = 0
    """New in the store."""
    duplicates: int = 0
    set_aside: int = 0
    revisions: int = 0
    """Of alerts, new in the home."""
    raised: int = 0
    """Alerts among them that are raised."""
    published: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By search engine, what it was told and what is left."""
    trained: str = ""
    """Id of the model that was trained."""
    model_id: str = ""
    pruned: int = 0
    problems: list[str] = field(default_factory=list)
    """What could not be done, and why; all else was."""
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)


class Watch:
    """Watches a home's sources.

    Parameters
    ----------
    plan
        What to do.
    asked_to_stop
        Whether somebody wants it to end; asked between the steps of a tick, and while much is taken in.
    """

    def __init__(
        self, store: Store, settings: Settings, plan: Plan, asked_to_stop: Callable[[], bool] = lambda: False
    ) -> None:
        self._store, self._settings, self._plan, self._asked_to_stop = store, settings, plan, asked_to_stop
        self._lease = Lease(store.state, plan.every)
        self._intake = Intake(store, settings, plan, self._check)
        self._judging = Judging(store, settings)
        self._trained_on: date | None = None
        self._pruned_on: date | None = None

    def tick(self, now: datetime) -> Ticked:
        """Do once all that is due at a time.

        Raises
        ------
        TakenError
            Another one watches the home.
        StoppedError
            It was asked to stop; the rest is done by whoever watches next.
        """
        started, ticked = time.monotonic(), Ticked(now.isoformat(timespec="seconds"))
        token = self._lease.take(now)
        self._note(ticked, self._intake.run(now))
        self._check()
        due = self._is_training_due(now)
        if due and not self._has_model():
            self._train(now, ticked)
        self._judge(now, token, ticked)
        self._check()
        self._publish(now, ticked)
        if due and not ticked.trained:  # after all that somebody waits for
            self._check()
            self._train(now, ticked)
        self._prune(now, ticked)
        ticked.seconds = round(time.monotonic() - started, 3)
        return ticked

    def close(self) -> None:
        """Let go of the home."""
        self._judging.drop()
        self._lease.give_back()

    def _check(self) -> None:
        if self._asked_to_stop():
            raise StoppedError("asked to stop")

    @staticmethod
    def _note(ticked: Ticked, taken: TakenIn) -> None:
        ticked.events, ticked.duplicates, ticked.set_aside = taken.events, taken.duplicates, taken.set_aside
        ticked.problems += [f"{source}: {problem}" for source, problem in taken.problems.items()]

    def _judge(self, now: datetime, token: int, ticked: Ticked) -> None:
        try:
            judged = self._judging.go_on(now, token)
        except OddtrailError as error:  # tried again at the next tick, from a replay
            ticked.problems.append(str(error))
            return
        ticked.revisions = judged.revisions
        ticked.raised = sum(alert.raised for alert in judged.alerts)
        ticked.model_id = self._judging.model_id

    def _publish(self, now: datetime, ticked: Ticked) -> None:
        for target in self._plan.targets:
            told: Published = publish(self._store, target, now)
            ticked.published[target.name] = asdict(told)
            if told.problem:
                ticked.problems.append(f"{target.name}: {told.problem}")

    def _today(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self._settings.timezone)).date()

    def _has_model(self) -> bool:
        return bool(Bundles(self._store.home).every())

    def _is_training_due(self, now: datetime) -> bool:
        today = self._today(now)
        if not self._plan.trains or self._trained_on == today:
            return False
        begins = moment_of(
            service_start(day_number(today), ZoneInfo(self._settings.timezone), self._settings.lateness_minutes)
        )
        every = Bundles(self._store.home).every()
        return not every or (now >= begins + TRAIN_AFTER and every[-1].day < today)

    def _train(self, now: datetime, ticked: Ticked) -> None:
        """Train; what is too short a history today is asked again tomorrow, or after as much again was taken in."""
        self._trained_on = self._today(now)
        try:
            ticked.trained = train(self._store, self._settings, now).model_id
        except (NoHistoryError, ModelError) as error:
            ticked.problems.append(f"no training: {error}")

    def _prune(self, now: datetime, ticked: Ticked) -> None:
        today = self._today(now)
        if self._plan.keep is not None and self._pruned_on != today:
            self._pruned_on = today
            ticked.pruned = self._store.events.prune(today - self._plan.keep, now)

"""Judging what came, with all that was learnt so far; where that breaks, it is made anew by replaying."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from features.times.day import midnight
from features.times.instant import moment_of
from pipeline.connection import connect
from pipeline.detect.arriving import BacklogError
from pipeline.detect.drilled import judge_drills
from pipeline.detect.landing import remember_watched
from pipeline.detect.scoring import Scoring
from pipeline.detect.shards.line import ShardLostError
from pipeline.detect.shards.start import start_shards
from pipeline.detect.worker import catch_up
from pipeline.errors import ModelError
from pipeline.settings import Settings
from pipeline.stores.alert import Alert
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.home import Store
from pipeline.watch.memory import give_back


class Judged(NamedTuple):
    """What came of it."""

    alerts: list[Alert]
    """The last revision of each alert that is new or was brought up to date."""
    revisions: int
    """Revisions that are new."""


class Judging:
    """The scoring that goes on while a watch lives.

    What it holds in memory is a copy: the day as it stands follows from the store, so after any error it is thrown
    away, and the next call begins with a replay.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._held: ExitStack | None = None
        self._scoring: Scoring | None = None
        self.lost = ""
        """Why the day was counted again the last time, where a shard was lost; empty where none was."""
        self._serial = 0
        """Of the list of models in service that the scoring began with."""

    @property
    def model_id(self) -> str:
        """Id of the trained model that is stepped; empty where there is none yet."""
        return self._scoring.made_of if self._scoring else ""

    @property
    def learnt_until(self) -> datetime | None:
        """Until when the newest model in service had learnt as it was trained; none where there is none."""
        try:
            serving = Bundles.of(self._settings).serving()
        except ModelError:
            return None
        return midnight(serving[-1].day, ZoneInfo(self._settings.timezone)) if serving else None

    @property
    def newest(self) -> datetime | None:
        """When the newest event that was judged was delivered, to the minute."""
        return moment_of(self._scoring.until) if self._scoring and self._scoring.until else None

    @property
    def principals(self) -> int:
        """Principals that the model knows."""
        return len(self._scoring.walk.model.members) if self._scoring else 0

    def go_on(self, now: datetime, token: int, before_writing: Callable[[], None] = lambda: None) -> Judged:
        """Judge what came since the last time.

        Parameters
        ----------
        before_writing
            Called before anything is written; what it raises ends the call.

        Raises
        ------
        ModelError
            There is no model that can be opened.
        StoreError
            The store cannot be read, or a newer watch has taken over.
        """
        if self._scoring is not None and self._find_serial() != self._serial:
            self.drop()  # another model is in service: trained, promoted, or the one before taken back
        self.lost = ""
        try:
            judged = self._go_on(now, token, before_writing)
            if judged is None:
                self.drop()
                judged = self._start(now, token, before_writing)
            if self._scoring is not None:
                judge_drills(self._store, self._settings, self._scoring, now)
        except BaseException:
            self.drop()
            raise
        remember_watched(self._store)
        return judged

    def _go_on(self, now: datetime, token: int, before_writing: Callable[[], None]) -> Judged | None:
        """Judge with what is held; none where a replay is better: nothing is, much landed, or a shard was lost."""
        if self._scoring is None:
            return None
        self._scoring.token, self._scoring.before_writing = token, before_writing
        try:
            alerts = self._scoring.go_on(now)
        except BacklogError:
            return None
        except ShardLostError as error:
            self.lost = str(error)
            return None
        return Judged(list({alert.alert_id: alert for alert in alerts}.values()), len(alerts))

    def _start(self, now: datetime, token: int, before_writing: Callable[[], None]) -> Judged:
        """Replay from the model in service to now."""
        before = {alert.alert_id: alert.revision for alert in self._store.alerts.latest()}
        self._serial = self._find_serial()
        self._held = ExitStack()
        connection = self._held.enter_context(connect(self._settings.threads, self._settings.memory))
        shards = self._held.enter_context(start_shards(self._store.state, self._settings, before_writing))
        scoring, _ = catch_up(
            self._store, self._settings, now, connection, token=token, before_writing=before_writing, shards=shards
        )
        scoring.start_arriving()
        give_back()
        self._scoring = scoring
        alerts = [alert for key, alert in scoring.alerts.items() if alert.revision > before.get(key, 0)]
        return Judged(alerts, scoring.written)

    def _find_serial(self) -> int:
        """Number of the list of models in service; while it cannot be told, what serves here goes on."""
        try:
            bundles = Bundles.of(self._settings)
            return bundles.in_service().serial if bundles.every() else 0
        except ModelError:
            return self._serial

    def drop(self) -> None:
        """Forget what is held in memory."""
        if self._held is not None:
            self._held.close()
        self._held = self._scoring = None

"""Replay activity day by day, and keep what is decided: alerts in a store, scores as Parquet."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq

from features.times.day import day_number
from features.times.instant import micros
from models.desk import Desk
from models.model import Model
from models.priors import AttackPriors
from models.standing import Key
from pipeline.alerts.document import Judge, Members, make_alerts
from pipeline.alerts.live import LiveAlerts
from pipeline.datafiles import read_attack_priors
from pipeline.detect.activity import Activity
from pipeline.detect.adds import Adds
from pipeline.detect.declared import Declared
from pipeline.detect.hands import HandsOfDay
from pipeline.detect.hour_scores import hour_score_rows
from pipeline.detect.model_note import note_model
from pipeline.detect.new_model import make_model
from pipeline.detect.scores import score_rows, score_schema
from pipeline.detect.stages import Stages
from pipeline.detect.walk import DayOutcome, Walk
from pipeline.settings import Settings
from pipeline.stores.jsonl.models import ModelsJsonl
from pipeline.stores.parquet.hour_scores import ParquetHourScores
from pipeline.stores.protocols import AlertStore

Progress = Callable[[str, int, int], None]
"""Called with a stage, the days done and the days there are."""


def ignore_progress(stage: str, done: int, total: int) -> None:
    """What to call where nobody watches."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay came to."""

    principals: int
    judged_days: int
    """Days that could alert."""
    raised: int
    """Alerts that were raised."""
    never_judged: int
    """Events that came too late to be judged, or on days that were too early for it."""
    adds: dict[str, Any] = field(default_factory=dict)
    """What each model of vectors would have raised (`pipeline.detect.adds`)."""


@dataclass
class Replay:
    """Learns day after day, and from a time on decides as the worker would; models are trained again each night."""

    activity: Activity
    settings: Settings
    """The deployment's: budget, seed, name."""
    alerts: AlertStore
    """Takes every revision."""
    scores: Path
    """Parquet file for the score rows."""
    stages: Stages = field(default_factory=Stages)
    """Take what `train` and `score` cost."""
    _adds: Adds = field(default_factory=Adds, init=False, repr=False)
    _live: LiveAlerts = field(default_factory=LiveAlerts, init=False, repr=False)
    every_tick: bool = False
    """Step through every minute, not only those with deliveries; the outcome is the same."""
    hours: ParquetHourScores | None = None
    """Takes what detectors said of hours, where somebody wants it."""
    models: ModelsJsonl | None = None
    """Takes a note of each model that an alert names, where somebody wants them."""
    declared: Declared | None = None
    """What people declared, where it is to count."""

    def run(self, days: list[date], train_until: datetime, progress: Progress = ignore_progress) -> Replayed:
        """Walk from the first of the days to the last.

        Parameters
        ----------
        days
            Days with deliveries, ascending.
        train_until
            The first delivery that may alert comes after it; days too early to be judged write nothing.
        """
        members, span = self.activity.members(), (days[-1] - days[0]).days + 1
        first_alerting = self.activity.day_of(train_until)
        walk = self._start(days[0])
        judged, raised, never_judged = 0, set[Key](), 0
        with self._open_scores(walk.model) as scores:
            for done, day in enumerate(days[0] + timedelta(days=offset) for offset in range(span)):
                if day == first_alerting:
                    walk.desk, walk.alerts_from = (
                        Desk(self.settings.budget, shares=self.settings.shares),
                        micros(train_until),
                    )
                stage = "train" if walk.desk is None else "score"
                with self.stages.timed(stage):
                    outcome = self._step(walk, day, members, scores)
                judged += walk.desk is not None and outcome.judged
                never_judged += outcome.unjudged if walk.desk is not None else 0
                raised |= {d.standing.key for d in outcome.decisions if d.raised}
                progress(stage, done + 1, span)
        return Replayed(len(members), judged, len(raised), never_judged, self._adds.tell(raised))

    def _start(self, day: date) -> Walk:
        """A walk whose model knows nothing yet."""
        model = make_model(day_number(day), AttackPriors.from_dict(read_attack_priors()), self.settings)
        walk = Walk(
            model,
            timezone=self.activity.timezone,
            lateness_minutes=self.activity.lateness_minutes,
            every_tick=self.every_tick,
            threads=self.settings.threads,
            declared=self.declared,
        )
        walk.find_hands = HandsOfDay(self.activity, model).find
        return walk

    def _open_scores(self, model: Model) -> pq.ParquetWriter:
        return pq.ParquetWriter(self.scores, score_schema(list(model.detectors)), compression="zstd")

    def _step(self, walk: Walk, day: date, members: Members, scores: pq.ParquetWriter) -> DayOutcome:
        """Judge a day, keep what was decided where a desk decides, and learn the day."""
        judge = Judge(walk.model, walk.model.id(), members, self.settings.deployment, ZoneInfo(self.activity.timezone))

        def keep(outcome: DayOutcome) -> None:
            if walk.desk is not None and outcome.judged:
                outcome.decisions, events = self._live.follow(outcome.today(), judge, self.activity)
                scores.write_table(score_rows(outcome, walk.model, members))
                self._adds.take(outcome, walk.model, self.settings.budget)
                if self.hours is not None:
                    self.hours.put(day, hour_score_rows(outcome.scored, walk.model, members))
                alerts = make_alerts(outcome.decisions, judge, events, outcome.strongest)
                if alerts and self.models:
                    self.models.add(note_model(walk.model, judge.model_id))
                self.alerts.append(alerts)

        return walk.step(self.activity.delivered(day), members, keep)

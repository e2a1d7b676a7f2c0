"""Replay activity day by day and write what is decided: alerts as JSON lines, scores as Parquet."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq

from features.times.day import day_bounds, day_number
from models.desk import Desk
from models.model import Model
from models.priors import AttackPriors
from pipeline.alerts.document import alert
from pipeline.alerts.evidence import EvidenceEvents
from pipeline.detect.activity import Activity
from pipeline.detect.scores import score_rows, score_schema
from pipeline.detect.walk import DayOutcome, Walk
from pipeline.machine import peak_memory


@dataclass
class Stages:
    """Seconds and peak memory of each stage."""

    seconds: dict[str, float] = field(default_factory=dict)
    peak_bytes: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add a block to a stage."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.monotonic() - started
            self.peak_bytes[stage] = peak_memory()


Members = Mapping[str, Mapping[str, Any]]


class Writer:
    """Makes alert documents of a day's decisions."""

    def __init__(self, activity: Activity, deployment: str) -> None:
        self._activity, self._deployment = activity, deployment

    def documents(self, outcome: DayOutcome, model: Model, model_id: str, members: Members) -> list[dict[str, Any]]:
        """A document a revision, in the order they were decided; the model has not learnt the day yet."""
        zone = ZoneInfo(self._activity.timezone)
        since, until = day_bounds(outcome.day - 1, zone)[0], day_bounds(outcome.day, zone)[1]
        wanted = {model.baseline.principals.values[d.standing.principal] for d in outcome.decisions}
        events = EvidenceEvents(self._activity.connection, wanted, since, until)
        documents = []
        for decision in outcome.decisions:
            start, end = day_bounds(decision.standing.day, zone)
            documents.append(
                alert(
                    decision,
                    model,
                    members,
                    events,
                    day_start=start,
                    day_end=end,
                    deployment=self._deployment,
                    model_id=model_id,
                )
            )
        return documents


class Replay:
    """Walks forward and writes what is decided."""

    def __init__(
        self,
        activity: Activity,
        priors: AttackPriors,
        out: Path,
        budget: float | None,
        seed: int,
        deployment: str,
        stages: Stages,
        every_tick: bool,
    ) -> None:
        self._activity, self._priors, self._out, self._stages = activity, priors, out, stages
        self._budget, self._seed, self._every_tick = budget, seed, every_tick
        self._alerting_days = 0
        self._raised: set[str] = set()
        self._writer = Writer(activity, deployment)
        self._principals = 0

    def run(
        self,
        days: list[date],
        first_alerting: date,
        progress: Callable[[str, int, int], None] | None = None,
        *,
        alerts_from: int = 0,
    ) -> None:
        """Walk from the first day to the last.

        Parameters
        ----------
        first_alerting
            First day whose deliveries may alert; days too early to be judged write nothing.
        alerts_from
            First tick that may alert, microseconds since 1970.
        """
        activity = self._activity
        members = activity.members()
        self._principals = len(members)
        model = Model(day_number(days[0]), self._priors, seed=self._seed)
        walk = Walk(
            model, timezone=activity.timezone, lateness_minutes=activity.lateness_minutes, every_tick=self._every_tick
        )
        with (
            (self._out / "alerts.jsonl").open("wb") as alerts,
            pq.ParquetWriter(
                self._out / "scores.parquet", score_schema(list(model.detectors)), compression="zstd"
            ) as scores,
        ):
            for day in (days[0] + timedelta(days=n) for n in range((days[-1] - days[0]).days + 1)):
                if day == first_alerting:
                    walk.desk, walk.alerts_from = Desk(self._budget), alerts_from
                stage = "train" if walk.desk is None else "score"
                with self._stages.timed(stage):
                    delivered = activity.delivered(day)
                    model_id = model.id()

                    def write(outcome: DayOutcome, model_id: str = model_id) -> None:
                        if walk.desk is not None and outcome.judged:
                            self._write(outcome, model, model_id, members, alerts, scores)

                    walk.step(delivered, members, write)
                if progress is not None:
                    progress(stage, (day - days[0]).days + 1, (days[-1] - days[0]).days + 1)

    def _write(
        self,
        outcome: DayOutcome,
        model: Model,
        model_id: str,
        members: Members,
        alerts: IO[bytes],
        scores: pq.ParquetWriter,
    ) -> None:
        self._alerting_days += 1
        scores.write_table(score_rows(outcome, model, members))
        raised = set()
        for document in self._writer.documents(outcome, model, model_id, members):
            alerts.write(json.dumps(document, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
            if document["raised"]:
                raised.add(document["alert_id"])
        self._raised |= raised

    def summary(self, first_alerting: date, days: list[date]) -> dict[str, Any]:
        """Counts of the walk."""
        alerting = max(self._alerting_days, 1)
        return {
            "principals": self._principals,
            "days": {"first": str(days[0]), "first_alerting": str(first_alerting), "last": str(days[-1])},
            "judged_days": self._alerting_days,
            "raised": len(self._raised),
            "alerts_a_day": {"asked": self._budget, "realised": len(self._raised) / alerting},
        }

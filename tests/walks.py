"""Walks through small worlds, each day with what was decided and made of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from features.times.day import day_number
from models.desk import Desk
from models.detectors.registry import DETECTORS
from models.model import Model
from models.priors import AttackPriors
from models.room import Room
from pipeline.alerts.document import Judge, make_alerts, read_events
from pipeline.datafiles import read_attack_priors
from pipeline.detect.activity import Activity
from pipeline.detect.hands import HandsOfDay
from pipeline.detect.scores import score_rows
from pipeline.detect.walk import BURN_IN_DAYS, DayOutcome, Walk
from pipeline.stores.alert import Alert
from tests.worlds import START, table


@dataclass(frozen=True)
class Day:
    """What a walk made of one day."""

    outcome: DayOutcome
    alerts: list[Alert]
    scores: pa.Table


def an_activity(rows: Iterable[dict[str, Any]], **options: Any) -> Activity:
    """Activity of events, with a row a tick."""
    connection = duckdb.connect(config={"threads": 1})
    connection.register("events", table(rows))
    return Activity.of_events(connection, by_tick=True, **options)


def a_model(detectors: Iterable[str] = tuple(DETECTORS), room: Room | None = None) -> Model:
    """A model that knows nothing yet and judges from `START` on."""
    return Model(day_number(START.date()), AttackPriors.from_dict(read_attack_priors()), detectors, room=room)


def walk_through(
    rows: Iterable[dict[str, Any]],
    *,
    days: int | None = None,
    timezone: str = "UTC",
    budget: float | None = None,
    shares: Mapping[str, float] | None = None,
    detectors: Iterable[str] = tuple(DETECTORS),
    **options: Any,
) -> list[Day]:
    """Walk from `START` through the events' days, or so many of them; a desk decides after burn-in.

    `options` are the walk's.
    """
    activity = an_activity(rows, timezone=timezone)
    members, model, made = activity.members(), a_model(detectors), list[Day]()
    walk = Walk(model, timezone=timezone, **options)
    walk.desk, walk.find_hands = Desk(budget, shares=shares or {}), HandsOfDay(activity, model).find
    for day in activity.days()[:days]:
        judge = Judge(model, model.id(), members, "test", ZoneInfo(timezone))

        def keep(outcome: DayOutcome, judge: Judge = judge) -> None:
            if outcome.judged:
                standings = [decision.standing for decision in outcome.decisions]
                alerts = make_alerts(
                    outcome.decisions, judge, read_events(standings, judge, activity), outcome.strongest
                )
                made.append(Day(outcome, alerts, score_rows(outcome, model, members)))

        walk.step(activity.delivered(day), members, keep)
    assert len(made) == max(len(activity.days()[:days]) - BURN_IN_DAYS, 0)
    return made

"""Standings of a few days of a small company, judged as the product judges them."""

from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple

import duckdb

from features.times.day import day_number
from models.model import Model
from models.standing import Standing
from pipeline.detect.activity import Activity
from pipeline.detect.walk import DayOutcome, Walk
from tests.models.baselines import PRIORS
from tests.worlds import START, a_company, a_theft, table

THEFT_DAY = 11


class Judged(NamedTuple):
    """A model and what it saw on the last day."""

    model: Model
    outcome: DayOutcome

    def standing(self, principal: str) -> Standing:
        """What the last day of a principal added up to."""
        return self.outcome.last[self.outcome.day, self.model.baseline.principals.get(principal)]


def judge(rows: Iterable[dict[str, Any]], days: int) -> Judged:
    """Walk through days of events; the last one is judged like the others."""
    connection = duckdb.connect()
    connection.register("events", table(rows))
    activity = Activity.of_events(connection, by_tick=True)
    walk, outcome = Walk(Model(day_number(START.date()), PRIORS, detectors=())), None
    for offset in range(days):
        outcome = walk.step(activity.delivered((START + timedelta(days=offset)).date()), activity.members())
    assert outcome is not None
    return Judged(walk.model, outcome)


@cache
def a_theft_judged() -> Judged:
    """Thirteen days of a company; on the last the session of `person3` is stolen."""
    return judge([*a_company(days=THEFT_DAY + 1, people=4, roles=3), *a_theft(THEFT_DAY)], THEFT_DAY + 1)

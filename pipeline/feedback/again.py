"""Alerts of the past judged again, as if something had been usual then: by the model of then, of its principal alone.

A home keeps the models of its last trainings (`pipeline.stores.bundles.in_service.KEPT`). The newest one that had not
learnt an alert's day judges what the principal did on it twice, with and without what is to be expected. All else of
the day is left out: others may make a value more or less rare on a day, and do so in both. So a home of any size has to
read no more than a few hours of one principal, and a model.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

import duckdb
import numpy as np

from features.times.day import day_number
from models.declared import Usual
from models.model import Model
from pipeline.connection import connect
from pipeline.detect.activity import Activity
from pipeline.detect.declared import Declared
from pipeline.detect.figures import total_day
from pipeline.detect.served import open_model
from pipeline.errors import OddtrailError
from pipeline.settings import Settings
from pipeline.stores.alert import Alert
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.reading import BundleInfo
from pipeline.stores.home import Store
from pipeline.words.words import to_say

SECONDS: Final = 10.0
"""That judging takes, about: what is not judged by then is told at most."""
NO_MODEL: Final = to_say("no model of then is kept")
NO_EVENTS: Final = to_say("nothing is kept of what was done then")
NO_TIME: Final = to_say("it would take too long")
_TABLES: Final = ("joint", "touched", "filled", "principals")
"""Views of an activity store that name principals."""
_AROUND: Final = timedelta(days=1)
"""Before an alert's first event and after its last, what may have been delivered with it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What judging an alert again came to."""

    before: float
    """Nats of the principal's day by the model of then."""
    after: float
    """The same if it had been usual."""
    score: float
    """Record score of that."""
    model: Model
    """That judged."""


Again = Judged | str
"""What it came to, or why it could not be judged."""


def judge_again(
    store: Store,
    settings: Settings,
    alerts: Collection[Alert],
    new: Collection[Usual],
    *,
    seconds: float = SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[tuple[Alert, Again]]:
    """Judge alerts again, the newest first, each with what it came to.

    Parameters
    ----------
    new
        Values that would have been usual, beside those that were.
    seconds
        After which nothing is begun any more.
    """
    end = clock() + seconds
    newest = sorted(alerts, key=lambda alert: (alert.day, alert.alert_id), reverse=True)
    bundles = Bundles.of(settings)
    kept = sorted(bundles.every(), key=lambda info: info.day)
    for info, group in groupby(newest, key=lambda alert: _find_model(kept, alert.day)):
        model = _open(store, bundles, info) if info is not None and clock() < end else None
        for alert in group:
            if info is None or (model is None and clock() < end):
                yield alert, NO_MODEL
            elif model is None or clock() >= end:
                yield alert, NO_TIME
            else:
                yield alert, _judge(store, settings, alert, model, new, kept[-1].day)


def _find_model(kept: Iterable[BundleInfo], day: date) -> BundleInfo | None:
    """The newest model that had not learnt a day."""
    return next((info for info in reversed([*kept]) if info.day <= day), None)


def _open(store: Store, bundles: Bundles, info: BundleInfo) -> Model | None:
    try:
        return open_model(store, bundles, info)
    except OddtrailError:  # damaged, or of another version: a training tells
        return None


def _judge(
    store: Store, settings: Settings, alert: Alert, model: Model, new: Collection[Usual], trained: date
) -> Again:
    """The alert's principal, on the days on which what it did was delivered."""
    key, zone, lateness = alert.principal_key, settings.timezone, settings.lateness_minutes
    known = Declared(store.declared, zone, lateness).usual(day_number(alert.day))
    found: list[tuple[float, float]] = []
    with connect(settings.threads, settings.memory // 4) as connection:
        activity = _read(store, settings, connection, alert, trained)
        members = activity.members()
        for day in dict.fromkeys((alert.day, activity.day_of(alert.detected_at))):
            delivered = activity.delivered(day)
            if key not in members or not len(delivered.tokens):
                continue
            totals = []
            for usual in (known, {*known, *new}):
                model.usual = tuple(sorted(usual))
                totals.append(total_day(model, delivered, members, day_number(day), alone=True).get(key, 0.0))
            found.append((totals[0], totals[1]))
    if not found:
        return NO_EVENTS
    before, after = max(found)
    score = float(model.history.calibration().score(np.array([after]))[0])
    return Judged(before, after, score, model)


def _read(
    store: Store, settings: Settings, connection: duckdb.DuckDBPyConnection, alert: Alert, trained: date
) -> Activity:
    """What the principal did around an alert: of activity where a training has counted it, else of events.

    Parameters
    ----------
    trained
        Day of the newest model: activity of the days before is whole.
    """
    zone, lateness = settings.timezone, settings.lateness_minutes
    first, last = min(alert.window_start.date(), alert.day), alert.detected_at.date()
    if last < trained:
        store.activity.view(connection, since=first - _AROUND, until=last + 2 * _AROUND)
        _leave(connection, _TABLES, alert.principal_key)
        return Activity.of_store(connection, timezone=zone, lateness_minutes=lateness)
    begins = datetime.combine(first - _AROUND, datetime.min.time(), ZoneInfo(zone))
    store.events.view(connection, begins, alert.detected_at + _AROUND)
    _leave(connection, ("events",), alert.principal_key)
    return Activity.of_events(connection, timezone=zone, lateness_minutes=lateness, by_tick=True)


def _leave(connection: duckdb.DuckDBPyConnection, names: Collection[str], principal: str) -> None:
    """Leave in some views, where they are there, nothing but rows of a principal."""
    connection.execute("CREATE TEMP TABLE chosen AS SELECT $principal AS principal", {"principal": principal})
    there = {row[0] for row in connection.execute("SELECT view_name FROM duckdb_views()").fetchall()}
    for name in there.intersection(names):
        connection.execute(f"ALTER VIEW {name} RENAME TO of_all_{name}")
        connection.execute(
            f"CREATE TEMP VIEW {name} AS SELECT * FROM of_all_{name} WHERE principal = (SELECT principal FROM chosen)"
        )

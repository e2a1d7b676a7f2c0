"""What it would cost to expect something: alerts of the past that would be weaker, and attacks that would be missed.

Alerts are judged again by the models of then (`pipeline.feedback.again`), as far as those are kept and time allows. Of
the others no more than what they say is read, and a value that is expected is taken to weigh nothing: so it is the most
that could be hidden. Attacks are planted and judged by the model in service. All is held against the cut that a model
raises by.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import isfinite
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from msgspec import structs

from features.times.day import day_number
from models.budget import FLOOR_NATS, RAISE_FROM
from models.declared import Usual
from models.model import Model
from pipeline.connection import connect
from pipeline.detect.activity import Activity
from pipeline.detect.declared import Declared
from pipeline.detect.figures import total_day
from pipeline.detect.served import find_served, open_served
from pipeline.errors import ModelError
from pipeline.feedback.again import judge_again
from pipeline.feedback.attacks import Strike, plant_on
from pipeline.settings import Settings
from pipeline.simulate.truth import Degree
from pipeline.stores.alert import Alert
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.reading import BundleInfo
from pipeline.stores.home import Store
from pipeline.stores.jsonl.marks import Mark

PAST_DAYS: Final = 90
"""Days of alerts before the marked one's that are looked through, with all since."""
MOST_PAST: Final = 500
"""Alerts that are told, the strongest first."""

LEAST_NATS: Final = 0.05
"""Nats by which an alert has to be weaker to be called so; alerts tell them to a tenth."""
_BEFORE: Final = timedelta(days=7)
"""How long before the alert's day it is looked for how the principal calls: with a weekend in it."""


@dataclass(frozen=True, slots=True)
class Weaker:
    """An alert of the past that would have been weaker."""

    alert: Alert
    left: float
    """Nats that would be left; where it was not judged again, at least."""
    hidden: bool
    """It was raised, and what is left would not reach the cut."""
    score: float | None = None
    """Record score of what would be left; None where it was not judged again."""
    unjudged: str = ""
    """Why it was not judged again; empty where it was."""

    @property
    def weaker(self) -> bool:
        """It would be weaker, as judging it again showed, and was raised or not as ever."""
        return not self.unjudged and not self.hidden and self.left < self.alert.evidence - LEAST_NATS


@dataclass(frozen=True, slots=True)
class Tried:
    """A planted attack."""

    name: str
    degree: Degree
    as_expected: bool
    found: bool
    """As things are."""
    missed: bool
    """It is found as things are, and would not be."""


@dataclass(frozen=True, slots=True)
class Price:
    """What it would cost to expect something."""

    since: date
    """Day from which on the past was looked through."""
    past: tuple[Weaker, ...] = ()
    tried: tuple[Tried, ...] = ()
    untried: str = ""
    """Why no attack could be planted; empty where they were."""

    @property
    def hidden(self) -> list[Weaker]:
        """Alerts that were raised and would not have been."""
        return [one for one in self.past if one.hidden]

    @property
    def missed(self) -> list[Tried]:
        """Attacks that would be missed."""
        return [one for one in self.tried if one.missed]

    def as_counts(self) -> dict[str, int | None]:
        """In numbers, as a mark keeps it; None for what could not be told."""
        known = not self.untried
        return {
            "past": len(self.past),
            "judged": sum(not one.unjudged for one in self.past),
            "hidden": len(self.hidden),
            "planted": len(self.tried) if known else None,
            "found": sum(one.found for one in self.tried) if known else None,
            "missed": len(self.missed) if known else None,
        }


def find_price(
    store: Store, settings: Settings, mark: Mark, day: datetime, alerts: Callable[[], Iterable[Alert]]
) -> Price:
    """What a mark that expects something would cost, before it is kept.

    Parameters
    ----------
    day
        Some instant of the marked alert's day; attacks are planted there, where it is known how the principal calls.
    alerts
        The last revisions of alerts, of any principal.
    """
    model = _open(store, settings, mark.at)
    reaches = _find_cut(model, settings.budget)
    whose = _find_whose(model, mark)
    since = (day - timedelta(days=PAST_DAYS)).date()
    past = [_weaken(one, mark, reaches) for one in alerts() if one.principal_key in whose and one.day >= since]
    most = sorted((one for one in past if one), key=lambda one: (not one.hidden, -one.alert.evidence))[:MOST_PAST]
    new = {Usual(mark.scope, mark.principal, one.dimension, one.value) for one in mark.values}
    shared = sorted(_judge_past(store, settings, most, new), key=lambda one: (not one.hidden, -one.alert.evidence))
    if model is None:
        return Price(since, tuple(shared), untried="there is no model in service")
    tried = _try(store, settings, mark, model, day, reaches)
    untried = "" if tried else f"nothing is kept of how {mark.principal_name or 'it'} called around that day"
    return Price(since, tuple(shared), tuple(tried), untried)


def price_mark(
    store: Store, settings: Settings, alert: Alert, mark: Mark, alerts: Callable[[], Iterable[Alert]]
) -> tuple[Mark, Price]:
    """A mark of an alert that expects something, with its price in it, and the price."""
    price = find_price(store, settings, mark, alert.window_start, alerts)
    return structs.replace(mark, price=price.as_counts()), price


def _open(store: Store, settings: Settings, now: datetime) -> Model | None:
    def newest(left: list[BundleInfo]) -> BundleInfo:
        if not left:
            raise ModelError("there is no model in service")
        return left[-1]

    bundles = Bundles.of(settings)
    try:
        return open_served(store, bundles, find_served(store, bundles), newest, now)[1]
    except ModelError:
        return None


def _find_cut(model: Model | None, budget: float | None) -> Callable[[float], bool]:
    """Whether so many nats are raised, as days are."""
    if model is None:
        return lambda nats: nats >= FLOOR_NATS
    cut = model.history.quantile(budget) if budget is not None else float("inf")
    if isfinite(cut):
        return lambda nats: nats >= max(FLOOR_NATS, cut)
    calibration = model.history.calibration()
    return lambda nats: isfinite(nats) and float(calibration.score(np.array([nats]))[0]) >= RAISE_FROM


def _find_whose(model: Model | None, mark: Mark) -> frozenset[str]:
    """Keys of the principals that a mark is about."""
    code = model.baseline.principals.get(mark.principal) if model is not None else -1
    if mark.scope == "principal" or model is None or code < 0:
        return frozenset([mark.principal])
    group = model.baseline.group
    names = model.baseline.principals.values
    return frozenset(names[one] for one in np.flatnonzero(group == group[code]).tolist())


def _weaken(alert: Alert, mark: Mark, reaches: Callable[[float], bool]) -> Weaker | None:
    """What would be left of an alert; None where nothing of it is expected."""
    expected = {(one.dimension, one.value) for one in mark.values}
    lost = [reason.nats for reason in alert.reasons if (reason.dimension, reason.value) in expected]
    if not lost:
        return None
    left = alert.evidence - sum(lost)
    return Weaker(alert, left, alert.raised and not reaches(left))


def _judge_past(store: Store, settings: Settings, most: Sequence[Weaker], new: Collection[Usual]) -> Iterator[Weaker]:
    """Alerts of the past, judged again as far as they can be; the others as they are."""
    by_id = {one.alert.alert_id: one for one in most}
    for alert, again in judge_again(store, settings, [one.alert for one in most], new):
        one = by_id[alert.alert_id]
        if isinstance(again, str):
            yield replace(one, unjudged=again)
            continue
        left = alert.evidence - max(again.before - again.after, 0.0)
        reaches = _find_cut(again.model, settings.budget)
        held = reaches(again.after) if reaches(again.before) else reaches(left) or not reaches(alert.evidence)
        yield Weaker(alert, left, alert.raised and not held, again.score)


def _try(
    store: Store, settings: Settings, mark: Mark, model: Model, day: datetime, reaches: Callable[[float], bool]
) -> list[Tried]:
    zone, lateness = settings.timezone, settings.lateness_minutes
    of = day.astimezone(ZoneInfo(zone)).date()
    with connect(settings.threads, settings.memory // 4) as connection:
        store.activity.view(connection, since=of - _BEFORE, until=of + timedelta(days=2))
        members = Activity.of_store(connection, timezone=zone, lateness_minutes=lateness).members()
    with connect(settings.threads, settings.memory // 4) as connection:
        store.activity.view(connection, since=of - _BEFORE, until=of + timedelta(days=2))
        strikes = plant_on(connection, mark.principal, mark.values, of, timezone=zone, lateness_minutes=lateness)
    tomorrow = day_number(mark.at.astimezone(ZoneInfo(zone)).date()) + 1
    before = Declared(store.declared, zone, lateness).usual(tomorrow)
    new = {Usual(mark.scope, mark.principal, one.dimension, one.value) for one in mark.values}

    def judge(strike: Strike, usual: Collection[Usual]) -> bool:
        model.usual = tuple(sorted(usual))
        totals = total_day(model, strike.delivered, members, day_number(of), alone=True)
        return reaches(totals.get(mark.principal, float("-inf")))

    tried = []
    for strike in strikes:
        found = judge(strike, before)
        missed = found and not judge(strike, {*before, *new})
        tried.append(Tried(strike.name, strike.degree, strike.as_expected, found, missed))
    return tried

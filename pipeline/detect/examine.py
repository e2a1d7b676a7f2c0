"""Look at a new model and the one in service, on the deployment's newest day and on planted attacks.

One is let go of before the other is opened: where they are large, neither memory nor disk has to hold both.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from features.times.day import day_number
from models.model import Model
from pipeline.alerts.document import Members
from pipeline.connection import connect
from pipeline.detect.activity import Activity, Delivered
from pipeline.detect.coding import list_principals
from pipeline.detect.figures import Alone, describe, find_plants, rank_agreement, total_day
from pipeline.detect.gate import Together, Verdict, decide
from pipeline.detect.planted import Round, plant_attacks
from pipeline.settings import Settings
from pipeline.stores.home import SPILL, Store

Open = Callable[[], Model | None]
"""Opens a copy that nobody publishes, for it grows by what it is shown; None where it cannot be opened."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """What both models are shown."""

    day: int
    delivered: Delivered
    members: Members
    rounds: Sequence[Round]


@dataclass(frozen=True, slots=True)
class _Said:
    """What a model says, by itself and of what it was shown."""

    alone: Alone
    totals: Mapping[str, float] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)


def examine(
    store: Store,
    settings: Settings,
    day: date,
    new: Callable[[], Model],
    old: Open | None = None,
    known: Collection[str] = (),
) -> Verdict:
    """Whether a new model may serve in place of an old one; None where none serves.

    Parameters
    ----------
    day
        The day that the new one judges.
    known
        Principals that both know.
    """
    shown = _show(store, settings, day, known) if old else None
    said = _ask(new(), shown, settings.budget)
    rival = old() if old and not said.alone.unsound else None
    was = _ask(rival, shown, settings.budget) if rival else None
    together = Together()
    if was is not None and not was.alone.unsound:
        together = Together(rank_agreement(said.totals, was.totals), said.scores, was.scores)
    return decide(said.alone, was.alone if was else None, together, settings.budget)


def _show(store: Store, settings: Settings, day: date, known: Collection[str]) -> _Shown:
    """What was delivered on a day, and attacks planted into it by principals that are known, or were there on it."""
    zone, lateness, spill = settings.timezone, settings.lateness_minutes, store.home / SPILL
    with connect(settings.threads, settings.memory, spill=str(spill)) as connection:
        store.activity.view(connection, since=day - timedelta(days=2), until=day + timedelta(days=2))
        activity = Activity.of_store(connection, timezone=zone, lateness_minutes=lateness, spill=spill)
        members, delivered = activity.members(), activity.delivered(day)
    with connect(settings.threads, settings.memory, spill=str(spill)) as connection:
        store.activity.view(connection, since=day - timedelta(days=2), until=day + timedelta(days=2))
        struck = {*known, *list_principals(delivered)}
        rounds = plant_attacks(connection, day, struck, timezone=zone, lateness_minutes=lateness, spill=spill)
    return _Shown(day_number(day), delivered, members, rounds)


def _ask(model: Model, shown: _Shown | None, budget: float | None) -> _Said:
    alone = describe(model, budget)
    if shown is None or alone.unsound:
        return _Said(alone)
    totals = total_day(model, shown.delivered, shown.members, shown.day)
    return _Said(alone, totals, find_plants(model, shown.rounds, shown.members, shown.day))

"""Look at a new model and the one in service side by side, on the deployment's newest day and on planted attacks."""

from datetime import timedelta

from features.times.day import date_of
from models.model import Model
from pipeline.connection import connect
from pipeline.detect.activity import Activity
from pipeline.detect.figures import describe, find_plants, rank_agreement, total_day
from pipeline.detect.gate import Together, Verdict, decide
from pipeline.detect.planted import plant_attacks
from pipeline.settings import Settings
from pipeline.stores.home import SPILL, Store


def examine(store: Store, settings: Settings, new: Model, old: Model | None) -> Verdict:
    """Whether a new model may serve in place of an old one; None where none serves.

    Parameters
    ----------
    new, old
        Copies that nobody publishes: they grow by what they are shown.
    """
    alone, was = describe(new, settings.budget), describe(old, settings.budget) if old else None
    together = Together()
    if old is not None and not alone.unsound and not (was and was.unsound):
        together = _look_at_both(store, settings, new, old)
    return decide(alone, was, together, settings.budget)


def _look_at_both(store: Store, settings: Settings, new: Model, old: Model) -> Together:
    zone, lateness = settings.timezone, settings.lateness_minutes
    day, spill = date_of(new.day), store.home / SPILL
    with connect(settings.threads, settings.memory, spill=str(spill)) as connection:
        store.activity.view(connection, since=day - timedelta(days=2), until=day + timedelta(days=2))
        activity = Activity.of_store(connection, timezone=zone, lateness_minutes=lateness, spill=spill)
        members, delivered = activity.members(), activity.delivered(day)
        agreement = rank_agreement(*(total_day(model, delivered, members, new.day) for model in (new, old)))
        del delivered
    with connect(settings.threads, settings.memory, spill=str(spill)) as connection:
        store.activity.view(connection, since=day - timedelta(days=2), until=day + timedelta(days=2))
        known = new.members.keys() & old.members.keys()
        rounds = plant_attacks(connection, day, known, timezone=zone, lateness_minutes=lateness, spill=spill)
        scores, were = (find_plants(model, rounds, members, new.day) for model in (new, old))
    return Together(agreement, scores, were)

"""Training and scoring where they may be two machines: fetch what the other side made, work, share what came of it.

Without `models_at` and `activity_at` a home does all of it by itself.
"""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from features.times.day import day_number
from pipeline.detect.landing import remember_watched, settle_landed
from pipeline.detect.scoring import CHECKPOINT
from pipeline.detect.served import find_served, tell_once
from pipeline.detect.trainer import Elsewhere, TrainReport, train
from pipeline.detect.worker import ScoreReport, choose_bundle, score
from pipeline.errors import ModelError, OddtrailError
from pipeline.settings import Settings
from pipeline.shared.activity import fetch_history, pull_activity, share_activity
from pipeline.shared.models import publishing, refresh_models
from pipeline.shared.place import open_place
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.home import Store

WAIT: Final = timedelta(hours=1)
"""Time after a day's deliveries are over at which its activity is shared: files are ingested some minutes later."""
_SHARED_ON: Final = "activity/shared_on"


def train_apart(store: Store, settings: Settings, now: datetime, *, from_scratch: bool = False) -> TrainReport:
    """Train on what this home ingested and on what a backfill made, or on the activity that another shares, and publish
    the model.

    Where this home holds events and the place of the backfill cannot be used, that is told, and training goes on with
    what is here; not so the first time.

    Raises
    ------
    OddtrailError
        As `pipeline.detect.trainer.train`, or a shared place cannot be used.
    """
    with publishing(store, settings, Bundles.of(settings), now):
        elsewhere = None
        if settings.activity_at is not None and store.events.days():
            _fetch_history(settings.activity_at, store, settings, now)
        elif settings.activity_at is not None:
            listing = pull_activity(open_place(settings.activity_at), store, settings, now)
            elsewhere = Elsewhere(listing.scored, frozenset(listing.raised))
        return train(store, settings, now, from_scratch=from_scratch, elsewhere=elsewhere)


def _fetch_history(at: str, store: Store, settings: Settings, now: datetime) -> None:
    try:
        fetch_history(open_place(at), store, settings, now)
    except OddtrailError as error:
        if not Bundles.of(settings).every():  # a first model of a few days would be told from all that is missing
            raise
        tell_once(store, "history_not_fetched", now, f"what a backfill made was not fetched: {error}")


def score_apart(store: Store, settings: Settings, now: datetime) -> ScoreReport:
    """Share the activity where it is time, fetch models that are new, and score.

    A place that cannot be reached, or a model that nobody who is trusted signed, is told in the operations events, and
    what is in service here goes on.

    Raises
    ------
    OddtrailError
        As `pipeline.detect.worker.score`.
    """
    problems = prepare(store, settings, now)
    try:
        report = score(store, settings, now)
    except ModelError as error:
        if not problems:
            raise
        raise ModelError("; ".join([str(error), *problems])) from error
    if report.raised:  # a training of this night has to know what was raised, or it learns another model
        _try_to_share(store, settings, now, again=True)
    return report


def prepare(store: Store, settings: Settings, now: datetime) -> list[str]:
    """What has to be done before scoring where the models are trained elsewhere; return what of it went wrong."""
    problems = _try_to_share(store, settings, now)
    if settings.models_at is None:
        return problems
    bundles = Bundles.of(settings)
    if problem := refresh_models(settings, bundles):
        problems.append(problem)
        tell_once(store, "models_not_fetched", now, problem)
    served = find_served(store, bundles)
    if served and store.state.checkpoint(CHECKPOINT) is None:  # all that is there is history
        settle_landed(store, settings, judged=day_number(choose_bundle(served, {}).day), closed=None)
        remember_watched(store)
    return problems


def _try_to_share(store: Store, settings: Settings, now: datetime, *, again: bool = False) -> list[str]:
    """Share activity where it is time, or again; return what went wrong."""
    try:
        _share_once_a_day(store, settings, now, again=again)
    except OddtrailError as error:  # tried again the next time
        problem = f"activity was not shared: {error}"
        tell_once(store, "activity_not_shared", now, problem)
        return [problem]
    return []


def _share_once_a_day(store: Store, settings: Settings, now: datetime, *, again: bool) -> None:
    """Share this home's activity once a day's deliveries are over, the first time at once, or again."""
    if settings.activity_at is None or not store.events.days():
        return
    over = str((now - settings.lateness - WAIT).astimezone(ZoneInfo(settings.timezone)).date())
    if again or store.state.setting(_SHARED_ON) != over:
        share_activity(open_place(settings.activity_at), store, settings, now)
        store.state.put_setting(_SHARED_ON, over)

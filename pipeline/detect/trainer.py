"""The nightly trainer: learn from a home's activity, day by day, and publish what the worker scores with.

It goes on from the newest model that still holds (`pipeline.detect.stepping`) by the days that are new, which gives the
model that a training from scratch would.
"""

import time
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from features.times.day import date_of, day_number
from models.model import Model
from models.priors import AttackPriors
from pipeline.connection import connect
from pipeline.datafiles import read_attack_priors
from pipeline.detect.activity import Activity
from pipeline.detect.checkpoint import read_checkpoint
from pipeline.detect.declared import Declared
from pipeline.detect.gate import Verdict
from pipeline.detect.history_span import choose_first
from pipeline.detect.known import KnownActivity, read_known
from pipeline.detect.landing import remember_watched, settle_landed
from pipeline.detect.mapped import make_room
from pipeline.detect.new_model import make_model
from pipeline.detect.promotion import consider
from pipeline.detect.provenance import Provenance, trace_back
from pipeline.detect.refresh import refresh_activity
from pipeline.detect.scoring import CHECKPOINT, UNTIL
from pipeline.detect.served import find_served
from pipeline.detect.stepping import Start, find_start, pack_first_seen
from pipeline.detect.walk import BURN_IN_DAYS, Walk
from pipeline.detect.worker import choose_bundle
from pipeline.errors import ModelError, NoHistoryError
from pipeline.settings import Settings
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.in_service import KEPT
from pipeline.stores.bundles.reading import BundleInfo
from pipeline.stores.fetched import find_unseen, note_fetched, read_fetched
from pipeline.stores.home import SPILL, Store
from pipeline.stores.protocols import AlertStore
from pipeline.text.plural import agree, plural

LEAST_DAYS = BURN_IN_DAYS + 1
"""Days of history without which nothing can be judged."""
GOOD_DAYS = 21
"""Days from which habits and the calibration are a deployment's own."""
FIRST_SCORED_DAYS = 7
"""Days before the newest that a first training leaves for the first scoring."""


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What a training did."""

    model_id: str
    day: str
    """The first day the model judges."""
    newest_day: str
    """Day of the newest delivery; what lies between is left for the first scoring."""
    first_day: str
    days: int
    judged_days: int
    """Days of the history that were judged by a model that never saw them; calibration rests on them."""
    principals: int
    account_days: int
    """Account-days of activity that were rewritten."""
    stepped_from: str | None
    """Id of the model that it went on from; none where it learned from scratch."""
    stepped_days: int
    """Days that were read and learned, the others being known to that model."""
    why: str
    """Why from there."""
    seconds: float
    notes: list[str]
    """What the history is too short for, and what is borrowed instead."""
    served: bool
    """Whether the model is in service; else the one before stays, and `gate` says why."""
    in_service: str | None
    """Id of the champion."""
    gate: dict[str, Any] | None
    """What the gate measured (`pipeline.detect.gate.Verdict`); none where the model was in service already."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What a training asks of scoring, where another home scores."""

    scored: dict[str, Any] | None
    """How far scoring has come (`pipeline.detect.scoring.CHECKPOINT`); none where nothing was scored."""
    raised: Collection[tuple[int, str]]
    """Days, since 1970, and principals of alerts that were raised."""


def train(
    store: Store,
    settings: Settings,
    now: datetime,
    *,
    from_scratch: bool = False,
    elsewhere: Elsewhere | None = None,
) -> TrainReport:
    """Learn from everything delivered before the day of the newest delivery up to `now`, and publish a bundle.

    Where no model that can be opened reaches back to where scoring stands, training stops there, so that no day stays
    unscored; before the first scoring that is a week ago, or the second day of which the home holds events where days
    before are known by activity alone.

    Parameters
    ----------
    from_scratch
        Read the whole history, whatever model there is.
    elsewhere
        What another home says that ingests and scores, and whose activity was put into this one.

    Raises
    ------
    NoHistoryError
        There are fewer than `LEAST_DAYS` days to learn from.
    """
    started = time.monotonic()
    timezone, lateness = settings.timezone, settings.lateness_minutes
    bundles = Bundles.of(settings)
    served = _find_served(store, bundles)
    scored = elsewhere.scored if elsewhere else read_checkpoint(store.state, CHECKPOINT)
    raised = elsewhere.raised if elsewhere else _raised(store.alerts)
    if scored is not None:
        first = choose_bundle(served, scored).day if served else date.fromisoformat(scored["day"])
        settle_landed(store, settings, judged=day_number(first), closed=scored.get(UNTIL, 0))
    with connect(settings.threads, settings.memory, spill=str(store.home / SPILL)) as connection:
        rewritten = refresh_activity(store, connection, timezone=timezone, lateness_minutes=lateness, now=now)
        known = read_known(store, connection, timezone=timezone, lateness_minutes=lateness)
        newest, first = _choose_days(known, now.astimezone(ZoneInfo(timezone)).date())
        fetched = read_fetched(store.state)
        unseen = None if elsewhere else find_unseen(fetched, set(store.events.days()))
        last = _day_to_judge(first, newest, bundles, served, scored, unseen)
        training = _Training(store, settings, known, connection, first, last, raised)
        start = Start("it was asked for") if from_scratch else training.find_start(bundles, served)
        info, judged_days, principals = training.go_on(start, bundles)
        start = replace(start, model=None, earlier=None)  # what was published is opened again to be judged
    is_new = info.path.name not in {one.path.name for one in served}
    gate = consider(store, settings, bundles, served, info, now) if is_new else None
    champion = bundles.serving()[-1:]
    if scored is None:  # all that was there is history
        settle_landed(store, settings, judged=day_number(last), closed=None)
    remember_watched(store)
    learnt = (last - first).days
    return TrainReport(
        model_id=info.model_id,
        day=str(last),
        newest_day=str(newest),
        first_day=str(first),
        days=learnt,
        judged_days=judged_days,
        principals=principals,
        account_days=rewritten,
        stepped_from=start.info.model_id if start.info else None,
        stepped_days=(last - start.info.day).days if start.info else learnt,
        why=start.why,
        seconds=round(time.monotonic() - started, 2),
        notes=[
            *bundles.notes,
            *_note_refusal(gate),
            *([] if elsewhere else note_fetched(fetched, first, last)),
            *note_history(learnt, principals),
        ],
        served=gate is None or gate.passed,
        in_service=champion[0].model_id if champion else None,
        gate=gate.as_dict() if gate else None,
    )


class _Training:
    """Learns the days from a first one to the one before a last one."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        known: KnownActivity,
        connection: duckdb.DuckDBPyConnection,
        first: date,
        last: date,
        raised: Collection[tuple[int, str]],
    ) -> None:
        self._store, self._settings, self._known, self._connection = store, settings, known, connection
        self._first, self._last = first, last
        self._priors = AttackPriors.from_dict(read_attack_priors())
        self._raised, self._fetched = raised, read_fetched(store.state)
        self._spill = store.home / SPILL
        self._room = make_room(self._spill)
        self._declared = Declared(store.declared, settings.timezone, settings.lateness_minutes, trains=day_number(last))

    def _trace(self, day: date) -> Provenance:
        told = self._declared.digest(day_number(day))
        return trace_back(day, self._first, self._known, self._raised, self._settings, told, self._fetched)

    def find_start(self, bundles: Bundles, served: Sequence[BundleInfo]) -> Start:
        """The newest model that still holds."""
        return find_start(bundles, served, self._last, self._priors, self._trace, self._room, self._spill)

    def go_on(self, start: Start, bundles: Bundles) -> tuple[BundleInfo, int, int]:
        """Learn the days that are left, and publish the model of the last one; its judged days, and principals."""
        if start.info is not None and start.model is not None and start.info.day == self._last:
            return start.info, *_count(start.model)
        model = start.model or make_model(day_number(self._first), self._priors, self._settings, self._room)
        begin = date_of(model.day)
        only = None if start.model is None else self._known.between(begin, self._last)
        self._store.activity.view(self._connection, only=only)
        zone, lateness = self._settings.timezone, self._settings.lateness_minutes
        activity = Activity.of_store(
            self._connection, timezone=zone, lateness_minutes=lateness, earlier=start.earlier, spill=self._spill
        )
        walk = Walk(
            model,
            timezone=zone,
            lateness_minutes=lateness,
            raised=self._raised,
            goes_on=True,
            by_hour=False,
            threads=self._settings.threads,
            declared=self._declared,
        )
        members = activity.members()
        days = (begin + timedelta(days=offset) for offset in range((self._last - begin).days))
        for delivered in activity.each(days):
            walk.step(delivered, members, spend=True)
        beside, note = pack_first_seen(activity, self._last), self._trace(self._last).as_dict()
        return bundles.publish(model, beside, note), *_count(model)


def _count(model: Model) -> tuple[int, int]:
    """Days of a model's history, and its principals."""
    return len(model.history.days), len(model.members)


def _find_served(store: Store, bundles: Bundles) -> list[BundleInfo]:
    """Bundles in service; none where that cannot be told, so that another list is begun."""
    try:
        return find_served(store, bundles)
    except ModelError as error:
        bundles.notes.append(str(error).partition(";")[0])
        return []


def _note_refusal(gate: Verdict | None) -> list[str]:
    return [] if gate is None or gate.passed else [f"the model was not put in service: {gate.why}"]


def _day_to_judge(
    first: date,
    newest: date,
    bundles: Bundles,
    served: Sequence[BundleInfo],
    scored: dict[str, Any] | None,
    unseen: date | None,
) -> date:
    """The newest day, or where scoring stands when no model reaches back to it and there is enough to learn before.

    A first scoring begins after a day of which there are events, for what comes of it late; `unseen` is the newest of
    which there are none.
    """
    stands = date.fromisoformat(scored["day"]) if scored else newest - timedelta(days=FIRST_SCORED_DAYS)
    if not scored and unseen:
        stands = max(stands, unseen + timedelta(days=2))
    reached = any(info.day <= stands and bundles.is_whole(info) for info in reversed(served))
    if reached or len(served) >= KEPT or stands < first + timedelta(days=LEAST_DAYS):
        return newest
    return min(stands, newest)


def _raised(alerts: AlertStore) -> set[tuple[int, str]]:
    """Days and principals of alerts that were raised; nobody has cleared one."""
    return {(day_number(alert.day), alert.principal_key) for alert in alerts.latest(raised=True) if not alert.drill}


def _choose_days(known: KnownActivity, today: date) -> tuple[date, date]:
    """The day of the newest delivery up to today, and the first one to learn."""
    if not known.of:
        raise NoHistoryError("the store holds no events: run `oddtrail ingest PATH` first")
    days = [day for day in known.days() if day <= today]
    first = choose_first(days) if days else today
    have = (days[-1] - first).days if days else 0
    if have < LEAST_DAYS:
        raise NoHistoryError(
            f"there {agree(have)} {plural(have, 'whole day')} of activity and at least {LEAST_DAYS} are needed to "
            "learn from; ingest older log files and run `oddtrail train` again"
        )
    return days[-1], first


def note_history(days: int, principals: int) -> list[str]:
    """What a history of so many days and principals is too short for, and what is borrowed instead."""
    notes = []
    if days < GOOD_DAYS:
        notes.append(
            f"a history of {plural(days, 'day')} is short of {GOOD_DAYS}: rates of firsts lean on peer groups, "
            "and the calibration on a shipped prior"
        )
    if principals < 20:
        notes.append(
            f"{plural(principals, 'principal')} {agree(principals)} few: the calibration's tail is borrowed from a "
            "shipped prior"
        )
    return notes

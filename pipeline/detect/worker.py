"""The worker: score what was delivered since the last time, and append alerts.

It walks from the newest model that is old enough to the newest delivery, and learns a day where no training has come
by. Running it again is harmless: decisions are the same and alerts have the same ids.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from features.times.day import day_bounds, day_number, service_start
from features.times.instant import micros, moment_of
from features.times.tick import TICK, tick_of
from pipeline.connection import connect
from pipeline.detect.activity import Activity
from pipeline.detect.arriving import Arriving
from pipeline.detect.checkpoint import read_checkpoint
from pipeline.detect.declared import Declared
from pipeline.detect.drilled import judge_drills
from pipeline.detect.landing import remember_watched, settle_landed
from pipeline.detect.scoring import CHECKPOINT, UNTIL, Scoring
from pipeline.detect.served import find_served, open_served
from pipeline.detect.shards.sharded import ShardedActivity, ShardedArriving
from pipeline.detect.shards.together import Shards
from pipeline.detect.walk import Walk
from pipeline.errors import ModelError, NoHistoryError
from pipeline.settings import Settings
from pipeline.stores.alert import Alert
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.reading import BundleInfo
from pipeline.stores.home import SPILL, Store
from pipeline.stores.unjudged import count_unjudged, put_unjudged


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """What a scoring did."""

    model_id: str
    first_day: str
    last_day: str
    revisions: int
    """Alert revisions that were new."""
    raised: int
    """Alerts raised that were not raised before."""
    open_alerts: int
    """Alerts raised on the days scored."""
    never_judged: int
    """Events that came too late to be judged, or of days no model was kept for; all that are remembered."""
    seconds: float
    alerts: Sequence[Alert] = ()
    """The last revision of each alert that is new or was revised, the strongest first."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self) | {"alerts": [alert.as_dict() for alert in self.alerts]}


def score(store: Store, settings: Settings, now: datetime) -> ScoreReport:
    """Score every delivery since the last scoring, up to `now`.

    Order of the step: alerts, then the checkpoint; killed in between, the next run writes nothing twice.

    Raises
    ------
    ModelError
        There is no model, or none this version can open.
    NoHistoryError
        Nothing was delivered since the model's day began.
    """
    started = time.monotonic()
    before = {alert.alert_id: alert for alert in store.alerts.latest()}
    with connect(settings.threads, settings.memory) as connection:
        scoring, days = catch_up(store, settings, now, connection)
        judge_drills(store, settings, scoring, now)
        if not days:
            raise NoHistoryError(
                f"nothing was delivered since {scoring.day}, the day the model judges; ingest newer log files"
            )
    raised_before = {alert.alert_id for alert in before.values() if alert.raised}
    remember_watched(store)
    return ScoreReport(
        model_id=scoring.made_of,
        first_day=str(days[0]),
        last_day=str(days[-1]),
        revisions=scoring.written,
        raised=len(scoring.raised - raised_before),
        open_alerts=len(scoring.raised),
        never_judged=count_unjudged(store.state),
        alerts=_find_new(scoring.alerts.values(), before),
        seconds=round(time.monotonic() - started, 2),
    )


def catch_up(
    store: Store,
    settings: Settings,
    now: datetime,
    connection: duckdb.DuckDBPyConnection,
    *,
    token: int | None = None,
    before_writing: Callable[[], None] = lambda: None,
    shards: Shards | None = None,
) -> tuple[Scoring, list[date]]:
    """Score all days from the newest model's that is old enough to `now`; the last stays open where it is not over.

    Parameters
    ----------
    token
        Of whoever watches the home; that of the last checkpoint where nobody does.
    before_writing
        Called before anything is written; what it raises ends the scoring.
    shards
        Count what was delivered; None where this process does.

    Returns
    -------
    tuple
        What scored them and can go on, and the days; none where nothing was delivered since the model's day began.
    """
    checkpoint = read_checkpoint(store.state, CHECKPOINT) or {}
    bundles = Bundles.of(settings)
    served = find_served(store, bundles)
    info, model = open_served(store, bundles, served, lambda left: choose_bundle(left, checkpoint), now)
    closed = checkpoint.get(UNTIL, 0)
    before_writing()
    came = store.arrivals.count()  # what lands from here on may be seen, and is taken once
    settle_landed(store, settings, judged=day_number(info.day), closed=closed)
    if 0 <= closed - micros(now) < TICK:
        now = moment_of(closed + 1)  # what landed since the last scoring is known from its next tick on
    resumed = "day" in checkpoint
    if resumed and _holds_yesterday(connection, store, settings, info.day, now):
        older = [one for one in served if one.day < info.day]
        resumed = bool(older)
        if older:
            info, model = open_served(store, bundles, older, lambda left: choose_bundle(left, checkpoint), now)
    if UNTIL in checkpoint:
        _note_skipped(connection, store, settings, checkpoint, info.day)
    activity = _count_events(connection, store, settings, shards, first=info.day, until=now)
    days = _days_to_score(activity, info.day)
    zone, lateness = activity.timezone, activity.lateness_minutes
    told = Declared(store.declared, zone, lateness)
    walk = Walk(
        model,
        timezone=zone,
        lateness_minutes=lateness,
        opens_yesterday=not resumed,
        threads=settings.threads,
        declared=told,
    )
    walk.clock = tick_of(micros(now))
    scoring = Scoring(store, settings, activity, walk, checkpoint, came, ShardedArriving if shards else Arriving)
    scoring.made_of = info.model_id
    scoring.token = store.state.token(CHECKPOINT) if token is None else token
    scoring.before_writing = before_writing
    for done, day in enumerate(days):
        scoring.step(day)
        if scoring.is_open:
            days = days[: done + 1]
            break
    return scoring, days


def _count_events(
    connection: duckdb.DuckDBPyConnection,
    store: Store,
    settings: Settings,
    shards: Shards | None,
    first: date,
    until: datetime,
) -> Activity:
    """Activity that became known from a day on, of events delivered until a time."""
    zone, judged, spill = ZoneInfo(settings.timezone), day_number(first), store.home / SPILL
    since, _ = day_bounds(judged - 1, zone)
    reach = store.arrivals.reach(service_start(judged, zone, settings.lateness_minutes))
    if reach is not None:
        since = min(since, moment_of(reach))
    if shards is not None:
        sharded = ShardedActivity(connection, settings.timezone, settings.lateness_minutes, shards, spill)
        sharded.begin(store.events, since, first=first, until=until)
        return sharded
    store.events.view(connection, since=since, corrected=False)
    return Activity.of_events(
        connection,
        timezone=settings.timezone,
        lateness_minutes=settings.lateness_minutes,
        by_tick=True,
        until=until,
        first=first,
        spill=spill,
    )


def _days_to_score(activity: Activity, first: date) -> list[date]:
    """Every day from the model's to that of the newest delivery; none where nothing was delivered since."""
    newest = max((day for day in activity.days() if day >= first), default=None)
    if newest is None:
        return []
    return [first + timedelta(days=offset) for offset in range((newest - first).days + 1)]


def _find_new(alerts: Iterable[Alert], before: Mapping[str, Alert]) -> list[Alert]:
    """Alerts that were not known before, or not as far; the strongest first."""
    new = [one for one in alerts if one.alert_id not in before or one.revision > before[one.alert_id].revision]
    return sorted(new, key=lambda alert: (-alert.record_score, alert.alert_id))


def choose_bundle(every: list[BundleInfo], checkpoint: dict[str, Any]) -> BundleInfo:
    """Of bundles in service, the newest that is old enough to score from where the last scoring stood, else the oldest.

    Raises
    ------
    ModelError
        There is none.
    """
    if not every:
        raise ModelError("there is no model yet; run `oddtrail train` first")
    if "day" not in checkpoint:
        return every[0]
    day = date.fromisoformat(checkpoint["day"])
    return next((info for info in reversed(every) if info.day <= day), every[0])


def _holds_yesterday(
    connection: duckdb.DuckDBPyConnection, store: Store, settings: Settings, day: date, until: datetime
) -> bool:
    """Whether anything of the day before a day came after its training: that ledger has to be filled again first."""
    zone, judged = ZoneInfo(settings.timezone), day_number(day)
    store.events.view(connection, *day_bounds(judged - 1, zone), corrected=False)
    start = moment_of(service_start(judged, zone, settings.lateness_minutes))
    found = connection.execute(
        "SELECT 1 FROM events WHERE delivered_at >= $start AND delivered_at <= $until LIMIT 1",
        {"start": start, "until": until},
    )
    return found.fetchone() is not None


def _note_skipped(
    connection: duckdb.DuckDBPyConnection, store: Store, settings: Settings, checkpoint: dict[str, Any], first: date
) -> None:
    """Remember how many calls were delivered after the last scoring and before a model's first day."""
    if first <= date.fromisoformat(checkpoint["day"]):
        return
    start = moment_of(service_start(day_number(first), ZoneInfo(settings.timezone), settings.lateness_minutes))
    store.events.view(connection, moment_of(checkpoint[UNTIL]) - timedelta(days=1), start, corrected=False)
    [(skipped,)] = connection.execute(
        "SELECT count(*) FROM events WHERE delivered_at > $until AND delivered_at < $start "
        "AND category IN ('Management', 'Data')",
        {"until": moment_of(checkpoint[UNTIL]), "start": start},
    ).fetchall()
    put_unjudged(store.state, first, "skipped", skipped)

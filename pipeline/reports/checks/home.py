"""What the home has learned and decided, as far as it can be read."""

from collections.abc import Iterator
from datetime import UTC

from features.times.day import midnight
from models.model import LATE_DAYS
from pipeline.reports.checks.finding import TIMELY, Finding, Patient, name_some
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.unjudged import count_unjudged
from pipeline.text.plural import agree, plural

STALE_DAYS = 9
"""Days between a model and the newest event; a first training leaves a week to the first scoring."""


def check_learning(patient: Patient) -> Iterator[Finding]:
    """Whether something was learned, and how long ago."""
    bundles = Bundles.of(patient.settings).every()
    if not bundles:
        yield Finding("model", "note", "Nothing was learned yet.", "Run `oddtrail train`, then `oddtrail score`.")
        return
    [(newest,)] = patient.rows(f"SELECT epoch(max(event_time)) FROM events WHERE {TIMELY}")
    behind = (newest - midnight(bundles[-1].day, UTC).timestamp()) / 86_400 if newest else 0
    if behind > STALE_DAYS:
        before = plural(round(behind), "day")
        found = f"The newest model judges from {bundles[-1].day} on, {before} before the newest event."
        yield Finding(
            "model", "note", found, "Run `oddtrail train` each night: what is new stays new until it is learned."
        )
    else:
        yield Finding("model", "ok", f"The newest judges from {bundles[-1].day} on.", "")


def check_judged(patient: Patient) -> Iterator[Finding]:
    """Whether all that came was judged."""
    events = count_unjudged(patient.store.state)
    if events:
        yield Finding(
            "judged",
            "warning",
            f"{plural(events, 'event')} {agree(events, 'was', 'were')} learned and never judged: delivered more "
            f"than {LATE_DAYS} days after it happened, or nothing was scored for longer than models are kept.",
            "Keep the copy of the bucket and `oddtrail score` running; `oddtrail backtest` over those files shows "
            "what would have been raised.",
        )


def check_alerts(patient: Patient) -> Iterator[Finding]:
    """Whether what was decided can all be read."""
    alerts = patient.store.alerts
    if torn := alerts.torn():
        which = name_some([str(line.number) for line in alerts.bad_lines], "line")
        yield Finding(
            "alerts",
            "note",
            f"{plural(torn, 'line')} of alerts.jsonl cannot be read: {which} ({alerts.bad_lines[0].why}).",
            f"Put {'it' if torn == 1 else 'them'} back from a copy of {alerts.path}; what a crash cut short is written "
            "again when those hours are scored again.",
        )

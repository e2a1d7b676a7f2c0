"""What the home has learned and decided, as far as it can be read."""

from collections.abc import Iterator
from datetime import UTC

from features.times.day import midnight
from models.model import LATE_DAYS
from pipeline.reports.checks.finding import TIMELY, Finding, Patient, name_some
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.unjudged import count_unjudged
from pipeline.words.words import to_say

STALE_DAYS = 9
"""Days between a model and the newest event; a first training leaves a week to the first scoring."""


def check_learning(patient: Patient) -> Iterator[Finding]:
    """Whether something was learned, and how long ago."""
    words, check = patient.words, to_say("model")
    bundles = Bundles.of(patient.settings).every()
    if not bundles:
        found = words.say("Nothing was learned yet.")
        yield Finding(check, "note", found, words.say("Run `oddtrail train`, then `oddtrail score`."))
        return
    [(newest,)] = patient.rows(f"SELECT epoch(max(event_time)) FROM events WHERE {TIMELY}")
    behind = (newest - midnight(bundles[-1].day, UTC).timestamp()) / 86_400 if newest else 0
    if behind > STALE_DAYS:
        found = words.say_many(
            round(behind),
            "The newest model judges from {day} on, {n} day before the newest event.",
            "The newest model judges from {day} on, {n} days before the newest event.",
            day=bundles[-1].day,
        )
        do = words.say("Run `oddtrail train` each night: what is new stays new until it is learned.")
        yield Finding(check, "note", found, do)
    else:
        yield Finding(check, "ok", words.say("The newest judges from {day} on.", day=bundles[-1].day), "")


def check_judged(patient: Patient) -> Iterator[Finding]:
    """Whether all that came was judged."""
    words = patient.words
    if events := count_unjudged(patient.store.state):
        found = words.say_many(
            events,
            "{n} event was learned and never judged: delivered more than {days} days after it happened, or nothing was "
            "scored for longer than models are kept.",
            "{n} events were learned and never judged: delivered more than {days} days after they happened, or nothing "
            "was scored for longer than models are kept.",
            days=LATE_DAYS,
        )
        do = words.say(
            "Keep the copy of the bucket and `oddtrail score` running; `oddtrail backtest` over those files shows what "
            "would have been raised."
        )
        yield Finding(to_say("unjudged"), "warning", found, do)


def check_alerts(patient: Patient) -> Iterator[Finding]:
    """Whether what was decided can all be read."""
    alerts, words = patient.store.alerts, patient.words
    if torn := alerts.torn():
        which = name_some([f"{line.number:,}" for line in alerts.bad_lines], words)
        found = words.say_many(
            torn,
            "{n} line of alerts.jsonl cannot be read: {which} ({why}).",
            "{n} lines of alerts.jsonl cannot be read: {which} ({why}).",
            which=which,
            why=alerts.bad_lines[0].why,
        )
        do = words.say_many(
            torn,
            "Put it back from a copy of {file}; what a crash cut short is written again when those hours are scored "
            "again.",
            "Put them back from a copy of {file}; what a crash cut short is written again when those hours are scored "
            "again.",
            file=alerts.path,
        )
        yield Finding(to_say("alerts"), "note", found, do)

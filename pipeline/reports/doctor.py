"""What the data cannot show, and what to do about it: no alert means little where nothing was looked at."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from pipeline.connection import connect
from pipeline.reports.checks.fetched import check_fetched
from pipeline.reports.checks.finding import LEVELS, Finding, Level, Patient
from pipeline.reports.checks.home import check_alerts, check_judged, check_learning
from pipeline.reports.checks.records import check_access_levels, check_clock, check_records, check_set_aside
from pipeline.reports.checks.storage import check_storage
from pipeline.reports.checks.trail import (
    check_data_events,
    check_digests,
    check_history,
    check_places,
    check_regions,
    check_silences,
)
from pipeline.settings import Settings
from pipeline.stores.home import Store
from pipeline.stores.parquet.integrity import find_damaged
from pipeline.words.words import ENGLISH, Words, to_say

CHECKS: Final[tuple[Callable[[Patient], Iterator[Finding]], ...]] = (
    check_history,
    check_fetched,
    check_data_events,
    check_regions,
    check_silences,
    check_digests,
    check_places,
    check_clock,
    check_records,
    check_access_levels,
    check_learning,
    check_judged,
    check_alerts,
    check_storage,
)
"""All there are, in the order in which findings of one level are told."""


def diagnose(store: Store, settings: Settings, now: datetime, words: Words = ENGLISH) -> list[Finding]:
    """Look at everything; warnings first, then notes, then what is fine.

    Parameters
    ----------
    words
        Of the language in which what was found is told; names of checks and levels stay English.
    """
    damaged, all_hashed = find_damaged(store.home, store.manifest)
    with connect(settings.threads, settings.memory) as connection:
        patient = Patient(connection, store, settings, now, damaged, all_hashed, words)
        store.events.view(connection, without=patient.left_out)
        [(events,)] = patient.rows("SELECT count(*) FROM events")
        if not events:
            said, do = words.say("The store holds no event."), words.say("Run `oddtrail ingest PATH`.")
            fetched = [*check_fetched(patient)]
            level: Level = "note" if fetched else "warning"  # who trains for another home needs none
            told = [finding for finding in check_storage(patient) if finding.level != "ok"]
            return [Finding(to_say("events"), level, said, do), *fetched, *check_set_aside(patient), *told]
        found = [finding for check in CHECKS for finding in check(patient)]
    return sorted(found, key=lambda finding: LEVELS.index(finding.level))

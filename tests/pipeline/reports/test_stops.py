"""Who switched logging off just before an account fell silent is named, and nobody else."""

from datetime import timedelta
from pathlib import Path

from pipeline.connection import connect
from pipeline.reports.stops import MOST, find_stops
from pipeline.stores.home import open_store
from tests.pipeline.stores.rows import ACCOUNT, NOON, a_row, put

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
STOPS = {"service": "cloudtrail", "action": "cloudtrail:StopLogging", "facts": ["logging_off"]}
OTHER = {"account": "444455556666"}


def test_calls_of_the_account_or_for_the_organisation_just_before_are_named_the_last_first(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, connect(1, 1 << 30) as connection:
        put(
            store.events,
            a_row(event_id="stop", event_time=NOON - MINUTE, principal="user/eve", **STOPS),
            a_row(event_id="organisation's", event_time=NOON - 2 * MINUTE, **STOPS, **OTHER),
            a_row(event_id="late to happen", event_time=NOON + 20 * MINUTE, **STOPS),
            a_row(event_id="long ago", event_time=NOON - DAY, **STOPS),
            a_row(event_id="not ours", **OTHER, service="config", facts=["logging_off"]),
            a_row(event_id="harmless"),
        )
        found = find_stops(store, connection, ACCOUNT, NOON, 15 * MINUTE)
    assert [(one.event_id, one.action, one.principal) for one in found] == [
        ("stop", "cloudtrail:StopLogging", "user/eve"),
        ("organisation's", "cloudtrail:StopLogging", "user/1"),
    ]


def test_of_many_the_last_are_named(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, connect(1, 1 << 30) as connection:
        put(store.events, *(a_row(event_id=f"{n}", event_time=NOON - n * MINUTE, **STOPS) for n in range(1, MOST + 4)))
        found = find_stops(store, connection, ACCOUNT, NOON, 15 * MINUTE)
    assert [one.event_id for one in found] == [str(n) for n in range(1, MOST + 1)]

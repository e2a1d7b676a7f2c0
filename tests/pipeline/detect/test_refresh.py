"""Activity is rewritten where its events changed, and nowhere else."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.detect.refresh import refresh_activity
from pipeline.stores.home import Store, open_store
from tests.pipeline.stores.rows import ACCOUNT, NOON, a_row, put

DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "home")


def refresh(store: Store, **given: Any) -> int:
    values = {"timezone": "UTC", "lateness_minutes": 15, "now": NOON} | given
    with duckdb.connect() as connection:
        return refresh_activity(store, connection, **values)


def calls(store: Store) -> list[Any]:
    with duckdb.connect() as connection:
        store.activity.view(connection)
        return connection.execute("SELECT account, CAST(sum(calls) AS INT) FROM joint GROUP BY 1 ORDER BY 1").fetchall()


def test_each_account_day_is_made_once(store: Store) -> None:
    put(store.events, a_row(), a_row(event_time=NOON + DAY), a_row(account="999900001111"))
    assert refresh(store) == 3
    assert refresh(store) == 0
    assert store.activity.days() == store.events.days()
    assert calls(store) == [(ACCOUNT, 2), ("999900001111", 1)]


def test_an_account_day_is_made_again_when_its_events_change(store: Store) -> None:
    put(store.events, a_row(), a_row(event_time=NOON + DAY))
    refresh(store)
    put(store.events, a_row())
    assert refresh(store) == 1
    assert calls(store) == [(ACCOUNT, 3)]


def test_all_are_made_again_when_days_are_counted_otherwise(store: Store) -> None:
    put(store.events, a_row(), a_row(event_time=NOON + DAY))
    refresh(store)
    assert refresh(store, timezone="Asia/Seoul") == 2
    assert refresh(store, timezone="Asia/Seoul", lateness_minutes=30) == 2
    assert refresh(store, timezone="Asia/Seoul", lateness_minutes=30) == 0


def test_what_an_earlier_version_remembered_still_holds(store: Store) -> None:
    """A home of before is not made anew: its fingerprints are of the setting and the paths of its segments."""
    put(store.events, a_row())
    put(store.events, a_row())
    refresh(store)
    paths = sorted(segment.path for segment in store.manifest.live("events"))
    assert len(paths) == 2
    made_of = "\n".join(["UTC 15", *paths])
    expected = hashlib.sha256(made_of.encode()).hexdigest()[:32]
    assert store.state.setting(f"activity/{ACCOUNT}/2026-03-02") == expected

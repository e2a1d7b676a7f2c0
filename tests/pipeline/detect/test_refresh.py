"""Activity is rewritten where its events changed, and nowhere else."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from features.activity.statements import COUNTED
from pipeline.detect.refresh import refresh_activity
from pipeline.stores.fetched import Fetched, put_fetched, read_fetched
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


def test_what_an_earlier_version_counted_otherwise_is_made_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store.events, a_row())
    with monkeypatch.context() as earlier:
        earlier.setattr("pipeline.detect.refresh.COUNTED", f"{COUNTED}\n-- as it was")
        assert refresh(store) == 1
    assert refresh(store) == 1
    assert refresh(store) == 0


def test_activity_that_was_removed_or_damaged_is_made_again(store: Store) -> None:
    put(store.events, a_row(), a_row(event_time=NOON + DAY), a_row(account="999900001111"))
    refresh(store)
    right = calls(store)
    file = min((store.home / "activity").rglob("*.parquet"))
    for damage in (file.unlink, lambda: min((store.home / "activity").rglob("*.parquet")).write_bytes(b"PAR1")):
        damage()
        assert refresh(store) == 1
        assert calls(store) == right
    shutil.rmtree(store.home / "activity")
    assert refresh(store) == 3
    assert calls(store) == right
    assert refresh(store) == 0


def test_of_days_that_were_pruned_activity_stays_and_nothing_else_is_remembered(store: Store) -> None:
    put(store.events, a_row(), a_row(event_time=NOON + 3 * DAY))
    refresh(store)
    before = calls(store)
    store.events.prune(NOON.date() + DAY, NOON)
    assert refresh(store) == 0
    days = (NOON.date(), NOON.date() + 3 * DAY)
    assert [store.state.setting(f"activity/{ACCOUNT}/{day}") is None for day in days] == [True, False]
    assert calls(store) == before
    put(store.events, a_row(event_id="late"), a_row(event_id="other", account="999900001111"))
    assert refresh(store) == 1  # of the other account no activity was there
    assert calls(store) == sorted([*before, ("999900001111", 1)])


def test_activity_that_is_gone_with_its_events_hinders_nobody(store: Store) -> None:
    put(store.events, a_row(), a_row(event_time=NOON + 3 * DAY))
    refresh(store)
    store.events.prune(NOON.date() + DAY, NOON)
    shutil.rmtree(store.home / "activity")
    assert refresh(store) == 1
    assert calls(store) == [(ACCOUNT, 1)]


def fetch(store: Store, tmp_path: Path) -> None:
    """Put an account-day into a home as if it came from elsewhere: two calls at noon and two an hour later."""
    hours = {str(int(NOON.timestamp()) // 3600 + after): 2 for after in (0, 1)}
    with open_store(tmp_path / "elsewhere") as other, duckdb.connect() as connection:
        put(other.events, *(a_row(event_time=NOON + after * DAY / 24) for after in (0, 0, 1, 1)))
        refresh(other)
        other.activity.view(connection)
        names = ("joint", "touched", "filled", "principals", "places", "sessions")
        tables = {name: connection.sql(f"FROM {name}").to_arrow_table() for name in names}
    store.activity.write(ACCOUNT, NOON.date(), tables, NOON)
    put_fetched(store.state, ACCOUNT, NOON.date(), Fetched({}, "/mnt/shared", hours, stands=True))


def test_what_was_fetched_stays_while_it_has_more_calls_than_the_own_events(store: Store, tmp_path: Path) -> None:
    fetch(store, tmp_path)
    put(store.events, a_row(), a_row(event_time=NOON + DAY))
    assert refresh(store) == 1, "of the other day"
    assert (calls(store), refresh(store)) == ([(ACCOUNT, 5)], 0)
    put(store.events, a_row(), a_row(), a_row(event_time=NOON + DAY / 24))
    assert refresh(store) == 1
    assert calls(store) == [(ACCOUNT, 5)], "four of the day and one of the other, each of one side"
    [fetched] = read_fetched(store.state).values()
    assert (fetched.stands, fetched.lacks) == (False, 1)
    put(store.events, a_row(event_time=NOON + DAY / 24))
    refresh(store)
    [fetched] = read_fetched(store.state).values()
    assert (calls(store), fetched.lacks) == ([(ACCOUNT, 6)], 0)


def test_what_was_fetched_and_is_here_no_more_is_to_be_fetched_again(store: Store, tmp_path: Path) -> None:
    fetch(store, tmp_path)
    put(store.events, *(a_row() for _ in range(4)))
    refresh(store)
    put_fetched(store.state, ACCOUNT, NOON.date(), Fetched({}, "/mnt/shared", {"1": 9}, stands=False))
    put(store.events, a_row())
    refresh(store)
    assert (read_fetched(store.state), calls(store)) == ({}, [(ACCOUNT, 5)])

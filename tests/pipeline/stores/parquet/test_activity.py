"""What the Parquet store of activity promises beyond the contract: which files there are, and when they go."""

import os
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from pipeline.stores.home import Store, open_store
from pipeline.stores.parquet.manifest import GRACE
from tests.pipeline.stores.rows import ACCOUNT, NOON

MONDAY = date(2026, 3, 2)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "home")


def files(store: Store) -> set[str]:
    return {path.relative_to(store.home).as_posix() for path in store.home.rglob("*.parquet")}


def test_a_replaced_table_stays_for_its_readers_and_then_goes(store: Store) -> None:
    table = pa.table({"calls": [1]})
    store.activity.write(ACCOUNT, MONDAY, {"joint": table}, NOON)
    [first] = files(store)
    assert first.startswith(f"activity/joint/account={ACCOUNT}/day=2026-03-02/")
    with duckdb.connect() as connection:
        store.activity.view(connection)
        store.activity.write(ACCOUNT, MONDAY, {"joint": pa.table({"calls": [2]})}, NOON)
        assert connection.execute("SELECT calls FROM joint").fetchall() == [(1,)], "it reads what it opened"
    assert first in files(store)
    store.activity.write(ACCOUNT, MONDAY, {"joint": table}, NOON + GRACE)
    assert first not in files(store)
    assert files(store) == store.manifest.kept()


def test_a_write_that_fails_replaces_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.activity.write(ACCOUNT, MONDAY, {"joint": pa.table({"calls": [1]})}, NOON)
    monkeypatch.setattr(type(store.manifest), "swap", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        store.activity.write(ACCOUNT, MONDAY, {"joint": pa.table({"calls": [2]})}, NOON)
    with duckdb.connect() as connection:
        store.activity.view(connection)
        assert connection.execute("SELECT calls FROM joint").fetchall() == [(1,)]


def test_other_tables_of_the_day_and_other_days_stay(store: Store) -> None:
    for name, day in (("joint", 0), ("touched", 0), ("joint", 1)):
        store.activity.write(ACCOUNT, MONDAY + timedelta(days=day), {name: pa.table({"calls": [day]})}, NOON)
    store.activity.write(ACCOUNT, MONDAY, {"joint": pa.table({"calls": [7]})}, NOON)
    with duckdb.connect() as connection:
        store.activity.view(connection)
        assert connection.execute("SELECT calls FROM joint ORDER BY 1").fetchall() == [(1,), (7,)]
        assert connection.execute("SELECT calls FROM touched").fetchall() == [(0,)]


def test_a_table_without_days_in_range_is_an_empty_view_with_its_columns(store: Store) -> None:
    store.activity.write(ACCOUNT, MONDAY, {"joint": pa.table({"calls": [1], "name": ["a"]})}, NOON)
    with duckdb.connect() as connection:
        store.activity.view(connection, accounts=["999900001111"])
        assert connection.table("joint").columns == ["calls", "name"]
        assert connection.table("joint").fetchall() == []


def test_pruning_and_sweeping_events_leaves_activity_alone(store: Store) -> None:
    store.activity.write(ACCOUNT, MONDAY, {"joint": pa.table({"calls": [1]})}, NOON)
    with store.events.writing(NOON):
        assert store.events.prune(MONDAY + timedelta(days=9), NOON) == 0
    assert store.activity.days() == [(ACCOUNT, MONDAY)]
    assert files(store) == store.manifest.kept()


def test_what_a_killed_training_left_goes_with_the_next_writer_once_it_is_old(store: Store) -> None:
    store.activity.write(ACCOUNT, MONDAY, {"joint": pa.table({"calls": [1]})}, NOON)
    [listed] = files(store)
    left = store.home / listed.replace(".parquet", "left.parquet")
    for age, there in ((timedelta(0), True), (GRACE + timedelta(seconds=1), False)):
        left.touch()
        os.utime(left, ((NOON - age).timestamp(),) * 2)
        with store.events.writing(NOON):
            pass
        assert left.exists() is there
    assert files(store) == {listed}

"""A home is opened by its folder, and its stores share one list of files and one database."""

import sqlite3
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from pipeline.errors import StoreError
from pipeline.stores.home import STATE_FILE, open_store
from tests.pipeline.stores.rows import ACCOUNT, NOON, a_row, put


def test_a_home_is_made_where_none_is_and_opened_again(tmp_path: Path) -> None:
    with open_store(tmp_path / "deep" / "home") as store:
        put(store.events, a_row(event_id="x"))
        store.state.put_setting("k", 7)
    with open_store(tmp_path / "deep" / "home", create=False) as store, duckdb.connect() as connection:
        store.events.view(connection)
        assert connection.execute("SELECT event_id FROM events").fetchall() == [("x",)]
        assert store.state.setting("k") == 7


def test_the_users_folder_can_be_named_as_in_a_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with open_store("~/home") as store:
        assert store.home == tmp_path / "home"


def test_where_none_is_to_be_made_the_error_says_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"holds no store: run `oddtrail ingest PATH --home .*oddtrail demo"):
        open_store(tmp_path / "home", create=False)
    assert not (tmp_path / "home").exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"cannot be made .*--home"):
        open_store(tmp_path / "file" / "home")


def test_events_and_activity_are_in_one_list(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        put(store.events, a_row())
        store.activity.write(ACCOUNT, date(2026, 3, 2), {"joint": pa.table({"calls": [1]})}, NOON)
        listed = store.manifest.kept()
    there = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.parquet")}
    assert len(there) == 2
    assert listed == there


def test_a_closed_home_lets_go_of_its_files(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        pass
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        store.state.setting("k")
    assert not (tmp_path / f"{STATE_FILE}-wal").exists()

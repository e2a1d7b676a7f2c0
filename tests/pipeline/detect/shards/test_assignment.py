"""Whose each shard is stands in the home, and changes only when somebody says so."""

from pathlib import Path

import pytest

from pipeline.detect.shards.assignment import assign, read_assignment
from pipeline.errors import SettingsError
from pipeline.settings import Settings
from pipeline.stores.sqlite.database import Database
from pipeline.stores.sqlite.state import SqliteState


@pytest.fixture
def state() -> SqliteState:
    return SqliteState(Database(":memory:"))


def test_without_one_all_shards_that_settings_ask_for_are_here(state: SqliteState, tmp_path: Path) -> None:
    assert read_assignment(state, Settings(home=tmp_path)).owners == ("here",)
    assert read_assignment(state, Settings(home=tmp_path, shards=3)).owners == ("here",) * 3


def test_what_was_assigned_stands_until_it_is_taken_back(state: SqliteState, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, shards=5)
    assign(state, ["here", "node-b", "node-b"])
    assert read_assignment(state, settings).owners == ("here", "node-b", "node-b")
    assert read_assignment(state, settings).of_owner("node-b") == [1, 2]
    assign(state, [])
    assert read_assignment(state, settings).owners == ("here",) * 5


@pytest.mark.parametrize("owners", [["../x"], ["A"], [""], ["a" * 64], ["a/b"], ["here"] * 65])
def test_what_is_no_name_is_refused(state: SqliteState, owners: list[str]) -> None:
    with pytest.raises(SettingsError):
        assign(state, owners)

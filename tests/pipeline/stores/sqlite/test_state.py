"""What the SQLite state promises beyond the contract: it lasts, and shares its file with others."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.errors import StoreError
from pipeline.stores.sqlite.database import Database
from pipeline.stores.sqlite.state import SqliteState

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SPAN = timedelta(minutes=5)


def opened(folder: Path) -> SqliteState:
    return SqliteState(Database(folder / "state.sqlite"))


def test_everything_is_there_for_the_next_process(tmp_path: Path) -> None:
    first = opened(tmp_path)
    first.put_setting("k", [1, None, "é"])
    first.put_checkpoint("score", {"day": "2026-03-02"}, token=3)
    assert first.acquire("score", "one", now=NOON, span=SPAN) == 1
    again = opened(tmp_path)
    assert again.setting("k") == [1, None, "é"]
    assert again.checkpoint("score") == {"day": "2026-03-02"}
    assert again.acquire("score", "two", now=NOON, span=SPAN) is None


def test_a_null_that_was_remembered_is_not_nothing(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.put_setting("k", None)
    assert state.setting("k", "default") is None
    assert state.setting("other", "default") == "default"


def test_a_refused_checkpoint_and_a_refused_lease_leave_the_state_writable(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.put_checkpoint("score", 1, token=2)
    with pytest.raises(StoreError, match="newer worker"):
        state.put_checkpoint("score", 0, token=1)
    state.acquire("score", "one", now=NOON, span=SPAN)
    assert state.acquire("score", "two", now=NOON, span=SPAN) is None
    other = opened(tmp_path)
    other.put_checkpoint("score", 2, token=2)
    assert state.checkpoint("score") == 2


def test_the_token_lives_on_when_a_lease_is_given_back(tmp_path: Path) -> None:
    state = opened(tmp_path)
    tokens = []
    for holder in ("one", "two", "two", "one"):
        tokens.append(state.acquire("score", holder, now=NOON, span=SPAN))
        state.release("score", holder)
    assert tokens == sorted(set(tokens)) == [1, 2, 3, 4]


@pytest.mark.parametrize("value", ["", "{", "[" * 100_000, b"\xff", b"\x00\x01"])
def test_a_value_that_nobody_wrote_is_told(tmp_path: Path, value: str | bytes) -> None:
    state = opened(tmp_path)
    state.put_setting("k", 1)
    state.put_checkpoint("score", 1)
    for table in ("settings", "checkpoints"):
        state._database.write(f"UPDATE {table} SET value = ?", (value,))
    for read in (lambda: state.setting("k"), lambda: state.checkpoint("score")):
        with pytest.raises(StoreError, match="restore it from a copy"):
            read()

"""While a source cannot be read, what may lie there is not missing; and it is said that nobody knows."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.stores.sqlite.database import Database
from pipeline.stores.sqlite.state import SqliteState
from pipeline.stores.waits import Waits, find_waits, note_waits

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def state() -> SqliteState:
    return SqliteState(Database(":memory:"))


def test_what_waits_is_woken_when_nothing_or_something_else_does(state):
    woken: list[int] = []
    one, other = Waits("one is away", frozenset({"1"})), Waits("both are away", None)
    for at, waits in enumerate([None, one, one, other, other, None, None]):
        note_waits(state, waits, NOON + at * HOUR, lambda at=at: woken.append(at))
    assert woken == [3, 5]


def test_a_day_tells_why_it_was_not_known_what_is_missing(state):
    def why(start: int, end: int) -> str:
        return find_waits(state, NOON + start * HOUR, NOON + end * HOUR)

    assert why(0, 24) == ""
    note_waits(state, Waits("away\n", None), NOON, lambda: None)
    assert [why(-24, 0), why(-23, 1), why(24, 48)] == ["", "away\\x0a", "away\\x0a"], "it goes on"
    note_waits(state, None, NOON + 2 * HOUR, lambda: None)
    assert [why(1, 25), why(2, 25)] == ["away\\x0a", ""]

"""A tick ends the minute of delivery that an event came in."""

from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from features.times.instant import micros
from features.times.tick import TICK, TICK_MACRO, TICK_MINUTES

NINE = datetime(2025, 3, 3, 9, tzinfo=UTC)


@pytest.mark.parametrize(("late", "tick"), [(0, 0), (1, 1), (59_999_999, 1), (60_000_000, 1), (60_000_001, 2)])
def test_a_delivery_belongs_to_the_tick_that_ends_its_minute(late: int, tick: int) -> None:
    connection = duckdb.connect()
    connection.execute("SET timezone = 'UTC'")
    connection.execute(TICK_MACRO)
    [(found,)] = connection.execute("SELECT tick_of($1)", [NINE + timedelta(microseconds=late)]).fetchall()
    assert found == NINE + timedelta(minutes=tick)


def test_a_tick_is_one_length_in_both_units() -> None:
    assert timedelta(minutes=TICK_MINUTES) == timedelta(microseconds=TICK)
    assert micros(NINE) % TICK == 0

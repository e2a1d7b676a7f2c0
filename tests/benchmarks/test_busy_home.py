"""The busy world of the training benchmark: its activity is what its events add up to, and its habits recur."""

from datetime import date, timedelta
from itertools import pairwise

import duckdb
import pytest

from benchmarks.busy_home import midnight, write_activity, write_events
from benchmarks.busy_world import LATENESS, TIMEZONE, World
from pipeline.detect.refresh import refresh_activity
from pipeline.stores.home import open_store

TABLES = ("joint", "touched", "filled", "principals", "places", "sessions")


@pytest.fixture
def world():
    return World(principals=40, days=3, first=date(2026, 3, 2), calls=20_000)


def rows(store, day):
    connection = duckdb.connect()
    connection.execute("SET timezone = 'UTC'")
    store.activity.view(connection, day, day + timedelta(days=1))
    out = {}
    for name in TABLES:
        table = connection.sql(f"SELECT * FROM {name} ORDER BY ALL").to_arrow_table()
        out[name] = table.select(sorted(table.column_names)).to_pylist()
    return out


def test_activity_written_as_such_is_what_a_training_makes_of_the_events(world, tmp_path):
    with open_store(tmp_path / "direct") as direct, open_store(tmp_path / "events") as told:
        counts = write_activity(world, direct, 1)
        events = write_events(world, told, 1, midnight(world, 1), midnight(world, 4))
        refresh_activity(told, duckdb.connect(), timezone=TIMEZONE, lateness_minutes=LATENESS, now=midnight(world, 4))
        made, refreshed = rows(direct, midnight(world, 1).date()), rows(told, midnight(world, 1).date())
    assert counts == {name: len(made[name]) for name in TABLES}
    assert sum(row["calls"] for row in made["joint"]) == events > 15_000
    for name in TABLES:
        assert made[name] == refreshed[name]


def test_events_come_once_however_their_delivery_is_cut(world, tmp_path):
    cuts = [midnight(world, 0), midnight(world, 0) + timedelta(hours=7, minutes=20), midnight(world, 3)]
    with open_store(tmp_path) as store:
        parts = [write_events(world, store, 0, *span) for span in pairwise(cuts)]
        connection = duckdb.connect()
        store.events.view(connection)
        stored = connection.execute("SELECT count(*), count(DISTINCT event_id) FROM events").fetchone()
        (total,) = world.connection.execute("SELECT sum(calls) FROM atoms").fetchone()
    assert all(parts)
    assert stored == (sum(parts), sum(parts)) == (total, total)


def test_most_of_a_day_was_seen_before_and_a_rare_share_never():
    world = World(principals=400, days=3, first=date(2026, 3, 2), calls=200_000)
    seen = []
    for number in (0, 1, 2):
        world.day(number)
        habits = world.connection.execute("SELECT principal, action, agent FROM atoms GROUP BY ALL").fetchall()
        seen.append({tuple(habit) for habit in habits})
    firsts = len(seen[2] - seen[1] - seen[0])
    assert 0 < firsts < len(seen[2]) / 3
    assert len({principal for principal, *_ in seen[2]}) > 400


def test_a_day_made_twice_is_the_same_day(world):
    days = []
    for _ in range(2):
        world.day(1)
        days.append(world.connection.sql("FROM atoms ORDER BY atom").to_arrow_table())
    assert days[0].num_rows > 5_000
    assert days[0].equals(days[1])

"""Days that were counted say what their events say, and are counted again when more came."""

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from pipeline.reports import busiest, where_from
from pipeline.reports.day_counts import Counted, count_missing, view_counts
from pipeline.stores.home import open_store
from tests.pipeline.cli.commands import run
from tests.pipeline.cli.homes import NINE, a_home, a_record, write_trail

DAY = timedelta(days=1)
MANY = 1_000_000
ELSEWHERE = {"sourceIPAddress": "203.0.113.9"}


def records(day: int) -> list[dict[str, object]]:
    at = NINE + day * DAY
    return [a_record(at), a_record(at + timedelta(minutes=70), "GetObject", "s3"), a_record(at, **ELSEWHERE)]


def a_week(folder: Path) -> Path:
    return a_home(folder, [record for day in (0, 1, 8) for record in records(day)])


def look(home: Path, connection: duckdb.DuckDBPyConnection, most: int = MANY, days: int = 28) -> Counted:
    with open_store(home, create=False) as store, duckdb.connect() as reading:
        reading.execute("SET timezone = 'UTC'")
        return view_counts(store, connection, reading, days, most)


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect()
    made.execute("SET timezone = 'UTC'")
    return made


def test_counts_answer_as_events_do(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    home = a_week(tmp_path)
    assert look(home, connection).days == [date(2026, 3, day) for day in (2, 3, 10)]
    with open_store(home, create=False) as store:
        store.events.view(connection)
    for ask in (busiest.hours_of_week, busiest.quiet_hours, where_from.new_places):
        told = ask(connection, "Asia/Kolkata", counted=True)
        assert not told.empty or ask is where_from.new_places
        pd.testing.assert_frame_equal(told, ask(connection, "Asia/Kolkata"))
    for report in (where_from.countries, where_from.networks):
        told = report(connection, counted=True)
        assert not told.empty
        pd.testing.assert_frame_equal(told, report(connection))
    assert where_from.known_share(connection, counted=True) == where_from.known_share(connection)


def test_a_day_is_counted_once_and_again_when_more_of_it_came(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    home = a_week(tmp_path)
    look(home, connection)
    with open_store(home, create=False) as store, duckdb.connect() as reading:
        reading.execute("SET timezone = 'UTC'")
        assert count_missing(store, reading, 28) == 0
    more = write_trail(tmp_path / "more", [a_record(NINE + DAY + timedelta(hours=5))], NINE + 2 * DAY)
    assert run("ingest", more, "--home", home).exit_code == 0
    told = look(home, connection, most=0)
    assert told == Counted(days=[date(2026, 3, day) for day in (2, 3, 10)], behind=[date(2026, 3, 3)], missing=[])
    assert connection.sql("SELECT sum(events) FROM hours").fetchall() == [(9,)]
    assert look(home, connection).behind == []
    assert connection.sql("SELECT sum(events) FROM hours").fetchall() == [(10,)]


def test_what_is_too_much_for_now_is_named_the_newest_days_first(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    home = a_week(tmp_path)
    told = look(home, connection, most=5)
    assert (told.days, told.missing) == ([date(2026, 3, 10)], [date(2026, 3, 2), date(2026, 3, 3)])
    with open_store(home, create=False) as store, duckdb.connect() as reading:
        reading.execute("SET timezone = 'UTC'")
        assert count_missing(store, reading, 28) == 2
    assert look(home, connection, most=0).missing == []


def test_where_nothing_is_counted_there_is_nothing(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    assert look(a_week(tmp_path), connection, most=0).days == []
    assert busiest.hours_of_week(connection, "UTC", counted=True).to_numpy().sum() == 0
    assert where_from.countries(connection, counted=True).empty


def test_days_that_nobody_looks_at_any_more_go(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    home = a_week(tmp_path)
    look(home, connection)
    with open_store(home, create=False) as store, duckdb.connect() as reading:
        assert count_missing(store, reading, 7) == 0
    assert [path.name for path in (home / "prepared").iterdir()] == ["day-2026-03-10"]


def test_only_the_last_days_are_looked_at(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    assert look(a_week(tmp_path), connection, days=7).days == [date(2026, 3, 10)]

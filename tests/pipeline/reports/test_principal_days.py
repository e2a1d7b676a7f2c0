"""Sums of days and weeks are made once, read instead of activity, and made again when more comes."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipeline.connection import connect
from pipeline.reports.activity_days import last_days
from pipeline.reports.principal_days import EACH_DAY, TOGETHER, keep_sums, list_weeks, view_sums
from pipeline.reports.principal_quick import view_principal
from pipeline.reports.principal_sums import HOURS, SOURCES
from pipeline.settings import load_settings
from pipeline.stores.home import Store, open_store
from tests.builders import NINE, an_event
from tests.pipeline.reports.homes import an_active_home

DAY = timedelta(days=1)
OTHER = "444455556666"
LAST = (NINE + 9 * DAY).date()


@pytest.fixture(scope="module")
def active(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ana calls on a week's days and three more, once in another account, and ben beside her."""
    return an_active_home(
        tmp_path_factory.mktemp("active"),
        *(an_event(NINE + d * DAY, principal="user/ana", resources=["bucket:a"]) for d in range(10)),
        an_event(NINE + 9 * DAY, principal="user/ana", account=OTHER, session="ASIAEXAMPLE/run"),
        an_event(NINE, principal="user/ben"),
    )


@pytest.fixture
def home(active: Path, tmp_path: Path) -> Path:
    """A copy of one's own."""
    return shutil.copytree(active, tmp_path / "home")


def count(store: Store, key: str = "user/ana") -> int:
    with connect(1, 1 << 30) as tables:
        view_principal(store, load_settings({"home": store.home}), tables, key, days=10)
        [(calls,)] = tables.execute("SELECT coalesce(sum(calls), 0) FROM acts('UTC')").fetchall()
        return int(calls)


def make(store: Store, days: int = 28) -> int:
    with connect(1, 1 << 30) as reading:
        return keep_sums(store, load_settings({"home": store.home}), reading, days)


def opened(store: Store, days: int = 9, what: tuple[str, ...] = tuple(SOURCES)) -> int:
    with connect(1, 1 << 30) as connection:
        settings = load_settings({"home": store.home})
        return view_sums(connection, store, settings, LAST - days * DAY, LAST, what)


def test_what_was_made_is_read_and_nothing_else(home: Path) -> None:
    with open_store(home, create=False) as store:
        assert count(store) == 11
        make(store)
        for path in (home / "activity").rglob("*.parquet"):
            if path.parent.name != f"day={LAST}":  # of the newest day the newest hour is asked
                path.unlink()
        assert count(store) == 11
        assert count(store, "user/ben") == 1


def test_closed_days_are_read_together_where_all_are_asked_for(home: Path) -> None:
    with open_store(home, create=False) as store:
        assert make(store) == 10 + 1 + 1
        assert opened(store) == (1 + 3) * len(EACH_DAY) + (1 + 2) * len(TOGETHER)
        assert opened(store, what=(HOURS,)) == 1 + 3
        assert opened(store, what=("had",)) == 1 + 2
        assert opened(store, 8) == (6 + 3) * len(SOURCES), "neither is read of which a day is not asked for"


@pytest.mark.parametrize("timezone", ["Asia/Kolkata", "America/Los_Angeles"])
def test_days_of_another_zone_are_read_together_too(timezone: str, tmp_path: Path) -> None:
    calls = [an_event(NINE + d * DAY, principal="user/ana") for d in range(10)]
    settings = load_settings({"home": an_active_home(tmp_path, *calls, timezone=timezone), "timezone": timezone})
    with open_store(settings.home, create=False) as store, connect(1, 1 << 30) as connection:
        keep_sums(store, settings, connection, 28)
        first, last = last_days(store, settings, 28)
        assert view_sums(connection, store, settings, first, last, ["had"]) == 1 + 2


def test_a_day_of_which_more_came_is_read_as_it_lies_until_it_is_summed_again(home: Path) -> None:
    with open_store(home, create=False) as store, connect(1, 1 << 30) as connection:
        make(store)
        store.activity.view(connection, since=NINE.date(), until=(NINE + DAY).date())
        tables = {
            name: connection.sql(f"SELECT * FROM {name}").to_arrow_table()
            for name in ("joint", "touched", "filled", "principals", "places", "sessions")
        }
        [account] = {account for account, day in store.activity.days() if account != OTHER}
        store.activity.write(account, NINE.date(), tables | {"joint": tables["joint"].slice(0, 0)}, NINE + DAY)
        assert count(store) == 10, "what is there now, and not what was summed"
        assert make(store) == 3, "the day, its week, and all that are closed"
        assert count(store) == 10


def test_of_days_that_are_too_old_the_hours_are_kept(home: Path) -> None:
    with open_store(home, create=False) as store:
        make(store)
        assert make(store, 2) == 8, "nothing is closed of two days"
        names = sorted(path.name for path in (home / "prepared").iterdir())
        assert names == [*(f"busy-{NINE.date() + d * DAY}" for d in range(8)), f"who-{LAST - DAY}", f"who-{LAST}"]
        assert opened(store, what=(HOURS,)) == 10


def test_where_no_day_is_held_there_are_empty_views(home: Path) -> None:
    with open_store(home, create=False) as store, connect(1, 1 << 30) as connection:
        settings = load_settings({"home": home})
        assert view_sums(connection, store, settings, LAST + 90 * DAY, LAST + 91 * DAY) == 0
        for one in SOURCES:
            assert connection.execute(f"SELECT count(*) FROM sum_{one}").fetchone() == (0,)


def test_a_week_begins_on_monday() -> None:
    assert list_weeks([date(2026, 3, 2) + d * DAY for d in (*range(6), 7)]) == []

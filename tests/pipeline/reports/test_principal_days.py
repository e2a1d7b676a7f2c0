"""A principal's days say the same whether they were arranged or not, and are arranged again when more comes."""

from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.connection import connect
from pipeline.reports.principal_calls import take_principal
from pipeline.reports.principal_days import KINDS, keep_days, view_days
from pipeline.settings import load_settings
from pipeline.stores.home import Store, open_store
from tests.builders import NINE, an_event
from tests.pipeline.reports.homes import an_active_home

DAY = timedelta(days=1)
OTHER = "444455556666"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Ana calls in two accounts on two days, and ben beside her."""
    return an_active_home(
        tmp_path,
        *(an_event(NINE + d * DAY, principal="user/ana", resources=["bucket:a"]) for d in (0, 1)),
        an_event(NINE + DAY, principal="user/ana", account=OTHER, session="ASIAEXAMPLE/run"),
        an_event(NINE, principal="user/ben"),
    )


def read(store: Store, key: str = "user/ana") -> dict[str, list[tuple[object, ...]]]:
    with take_principal(store, load_settings({"home": store.home}), key) as tables:
        return {
            name: tables.execute(f"FROM {name} ORDER BY ALL").fetchall()
            for name in ("span", "who", "calls", "touched", "sessions")
        }


def arrange(store: Store, days: int = 30) -> int:
    with connect(1, 1 << 30) as reading:
        return keep_days(store, reading, days)


def test_arranged_days_say_the_same(home: Path) -> None:
    with open_store(home, create=False) as store:
        before = {key: read(store, key) for key in ("user/ana", "user/ben", "user/nobody")}
        assert len(before["user/ana"]["calls"]) == 3
        assert arrange(store) == 2
        assert {key: read(store, key) for key in before} == before
        assert arrange(store) == 0, "they are as they should be"


def test_what_was_arranged_is_read_and_nothing_else(home: Path) -> None:
    with open_store(home, create=False) as store:
        before = read(store)
        arrange(store)
        for path in (home / "activity").rglob("*.parquet"):
            if path.parent.name != f"day={(NINE + DAY).date()}":  # of the newest day the newest hour is asked
                path.unlink()
        assert read(store) == before


def test_a_day_of_which_more_came_is_read_as_it_lies_until_it_is_arranged_again(home: Path) -> None:
    with open_store(home, create=False) as store, connect(1, 1 << 30) as connection:
        arrange(store)
        store.activity.view(connection, since=NINE.date(), until=(NINE + DAY).date())
        tables = {
            name: connection.sql(f"SELECT * FROM {name}").to_arrow_table()
            for name in ("joint", "touched", "filled", "principals", "places", "sessions")
        }
        [account] = {account for account, day in store.activity.days() if account != OTHER}
        store.activity.write(account, NINE.date(), tables | {"joint": tables["joint"].slice(0, 0)}, NINE + DAY)
        now = read(store)
        assert len(now["calls"]) == 2, "what is there now, and not what was arranged"
        assert arrange(store) == 1
        assert read(store) == now


def test_days_that_are_too_old_are_dropped(home: Path) -> None:
    with open_store(home, create=False) as store:
        arrange(store)
        assert arrange(store, 1) == 0
        assert [path.name for path in (home / "prepared").glob("who-*")] == [f"who-{(NINE + DAY).date()}"]


def test_where_no_day_is_chosen_there_are_empty_views(home: Path) -> None:
    with open_store(home, create=False) as store, connect(1, 1 << 30) as connection:
        view_days(connection, store, (NINE + 90 * DAY).date(), (NINE + 91 * DAY).date())
        for kind in KINDS:
            assert connection.execute(f"SELECT count(*) FROM every_{kind}").fetchone() == (0,)

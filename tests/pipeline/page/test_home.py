"""A home as pages read it: what is written meanwhile is seen, and what takes long is left to be made beside."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipeline.errors import NoHistoryError, StoreError
from pipeline.page.home import Home
from pipeline.settings import Settings
from pipeline.stores.home import open_store
from tests.builders import an_alert
from tests.pipeline.cli.homes import NINE, a_home, a_record, with_alerts


def test_alerts_that_are_written_meanwhile_are_there(tmp_path: Path) -> None:
    home = Home(Settings(home=with_alerts(tmp_path, an_alert("a"))))
    assert home.alerts.count_incidents(date(2026, 3, 2)) == 1
    with_alerts(tmp_path, an_alert("b"))
    assert home.alerts.count_incidents(date(2026, 3, 2)) == 2


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="holds no store"):
        _ = Home(Settings(home=tmp_path / "nowhere")).alerts
    open_store(tmp_path).close()
    with pytest.raises(NoHistoryError, match="oddtrail ingest"), Home(Settings(home=tmp_path)).counts(7):
        pass


def test_what_is_too_much_for_a_request_is_counted_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.page.home.COUNTED_NOW", 0)
    home = Home(Settings(home=a_home(tmp_path, [a_record(NINE)])))
    with home.counts(7) as (_, counted):
        assert counted.missing == [date(2026, 3, 2)]
    home.prepare()
    with home.counts(7) as (connection, counted):
        assert counted.missing == []
        assert connection.execute("SELECT sum(events) FROM hours").fetchall() == [(1,)]


def test_connections_see_nothing_of_each_other_and_outlive_each_other(tmp_path: Path) -> None:
    home = Home(Settings(home=tmp_path))
    with home.connect() as one, home.connect() as other:
        one.execute("CREATE TEMP TABLE mine AS SELECT 1 AS number; CREATE TEMP MACRO of_mine() AS TABLE FROM mine")
        other.execute("CREATE TEMP TABLE mine AS SELECT 2 AS number; CREATE TEMP MACRO of_mine() AS TABLE FROM mine")
        assert one.execute("FROM of_mine()").fetchall() == [(1,)]
        one.close()
        assert other.execute("FROM of_mine()").fetchall() == [(2,)]
    with home.connect() as later, pytest.raises(duckdb.CatalogException):
        later.execute("FROM mine")

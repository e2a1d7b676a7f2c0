"""A home as pages read it: what is written meanwhile is seen, and what takes long is left to be made beside."""

import os
from datetime import date
from pathlib import Path

import duckdb
import pytest
from pydantic import ByteSize

from pipeline.connection import connect
from pipeline.errors import NoHistoryError, StoreError
from pipeline.page.access import Access
from pipeline.page.app import make_app
from pipeline.page.home import Home
from pipeline.page.links import link
from pipeline.settings import Settings
from pipeline.stores.home import open_store
from tests.builders import an_alert
from tests.pipeline.cli.homes import NINE, a_home, a_record, with_alerts
from tests.pipeline.page.asking import ask


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


def test_what_is_prepared_takes_a_quarter_of_the_memory_and_gives_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits, given = list[int](), list[int]()
    home = Home(Settings(home=a_home(tmp_path, [a_record(NINE)]), memory=ByteSize(1_000_000_000)))

    def note(threads: int, memory: int, spill: str | None = None) -> duckdb.DuckDBPyConnection:
        limits.append(memory)
        return connect(threads, memory, spill)

    monkeypatch.setattr("pipeline.page.home.connect", note)
    monkeypatch.setattr("pipeline.page.home.give_back", lambda: given.append(1))
    home.prepare()
    home.prepare()
    assert limits == [250_000_000] * 2
    assert given == [1], "there was nothing to do any more"


def test_a_page_that_was_answered_holds_nothing(scored: Path) -> None:
    home = Home(Settings(home=scored))
    app = make_app(home, Access())
    [alert, *_] = home.alerts.between(date.min, date.max)
    who, one = alert.principal_key, alert.alert_id
    pages = [
        "/", "/busy", "/where", "/days", "/held", "/population", link("/search", q=who), link("/principal", id=who),
        link("/unlike", id=who), link("/alert", id=one), link("/events", id=one),
    ]  # fmt: skip

    def count_held() -> list[object]:
        for page in pages:
            assert ask(app, page).status == 200, page
        with home.connect() as connection:
            tables = "SELECT sum(memory_usage_bytes) FROM duckdb_memory() WHERE tag = 'IN_MEMORY_TABLE'"
            return [connection.execute(tables).fetchall(), len(os.listdir("/dev/fd"))]

    count_held()  # makes what pages read
    assert count_held() == count_held()

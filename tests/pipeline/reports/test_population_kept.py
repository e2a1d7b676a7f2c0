"""The population's tables are made once, again when what they are of is another, and are `take_population`'s."""

import os
import shutil
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from features.activity.statements import STATEMENTS
from pipeline.errors import NoHistoryError
from pipeline.reports.population import compare, list_peers, list_unlike, scores_by_day
from pipeline.reports.population_kept import KEPT, MADE_NOW, keep_population, view_population
from pipeline.reports.scored_hours import take_hours, take_population
from pipeline.stores.home import Store, open_store
from pipeline.stores.parquet.hour_scores import FOLDER
from tests.pipeline.detect.conftest import NOW, settings_of


def keep(store: Store, home: Path) -> bool:
    return keep_population(store, settings_of(home), lambda first, last: store.alerts.latest())


def test_they_are_made_once_and_again_when_scores_are_others(home: Path) -> None:
    with open_store(home, create=False) as store, duckdb.connect() as connection:
        alerts = lambda first, last: store.alerts.latest()  # noqa: E731
        assert view_population(store, settings_of(home), connection, alerts, 0) is None
        assert keep(store, home)
        assert not keep(store, home)
        kept = view_population(store, settings_of(home), connection, alerts, 0)
        assert kept is not None
        assert kept.fresh
        scores = max((home / FOLDER).glob("*.parquet"))
        os.utime(scores, (1, 1))
        kept = view_population(store, settings_of(home), connection, alerts, 0)
        assert kept is not None
        assert not kept.fresh
        kept = view_population(store, settings_of(home), connection, alerts, MADE_NOW)
        assert kept is not None
        assert kept.fresh
        assert not keep(store, home)


def test_they_hold_what_is_read_without_them(home: Path) -> None:
    with open_store(home, create=False) as store, duckdb.connect() as connection:
        view_population(store, settings_of(home), connection, lambda first, last: store.alerts.latest(), MADE_NOW)
        with take_population(store, settings_of(home)) as tables:
            unlike = list_unlike(tables)
            assert list_unlike(connection).equals(unlike)
            for label in unlike["principal"]:
                assert compare(connection, label).equals(compare(tables, label))
                assert list_peers(connection, label).equals(list_peers(tables, label))
                assert scores_by_day(connection, label).equals(scores_by_day(tables, label))
            for table in KEPT:
                rows = f"SELECT count(*) FROM {table}"
                assert connection.execute(rows).fetchall() == tables.execute(rows).fetchall()


def test_hours_are_made_again_for_other_activity_and_not_for_other_scores(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = list[object]()

    def take(*asked: object) -> duckdb.DuckDBPyConnection:
        made.append(asked)
        return take_hours(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr("pipeline.reports.population_kept.take_hours", take)
    with open_store(home, create=False) as store:
        assert keep(store, home)
        os.utime(max((home / FOLDER).glob("*.parquet")), (1, 1))
        assert keep(store, home)
        assert len(made) == 1
        (account, day), *_ = sorted(store.activity.versions(), key=lambda one: one[1], reverse=True)
        with duckdb.connect() as connection:
            store.activity.view(connection, since=day, until=day + timedelta(days=1), accounts=[account])
            tables = {kind: connection.sql(f"FROM {kind}").to_arrow_table() for kind in STATEMENTS}
        store.activity.write(account, day, tables, NOW)
        assert keep(store, home)
        assert len(made) == 2


def test_where_nothing_was_scored_no_hours_are_made(home: Path) -> None:
    shutil.rmtree(home / FOLDER)
    with open_store(home, create=False) as store, pytest.raises(NoHistoryError):
        keep(store, home)
    assert not (home / "prepared").exists()

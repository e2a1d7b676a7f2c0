"""A question in SQL: one SELECT, of the home's tables, bounded."""

import duckdb
import pytest

from pipeline.reports.query import QueryError, open_tables, run_query
from pipeline.settings import load_settings
from pipeline.stores.home import open_store
from tests.builders import an_event
from tests.pipeline.reports.test_source import a_home


@pytest.fixture
def tables(tmp_path):
    home = a_home(tmp_path, *(an_event(principal=name) for name in ("ana", "ben", "cas")))
    with open_store(home) as store, open_tables(store, load_settings({"home": home, "threads": 1})) as connection:
        yield connection


def test_rows_come_with_their_columns_and_more_says_that_there_are_others(tables):
    found = run_query(tables, "SELECT principal FROM events ORDER BY 1", limit=2)
    assert (found.columns, found.rows, found.more) == (["principal"], [("ana",), ("ben",)], True)
    assert not run_query(tables, "SELECT principal FROM events", limit=3).more


def test_an_error_is_one_line_that_names_the_tables(tables):
    with pytest.raises(QueryError, match="The tables are events, set_aside") as caught:
        run_query(tables, "SELECT * FROM event", limit=1)
    assert "\n" not in str(caught.value)


def test_neither_files_nor_settings_can_be_reached(tables, tmp_path):
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with pytest.raises(QueryError, match="disabled by configuration"):
        run_query(tables, f"SELECT * FROM read_csv('{tmp_path}/secret.csv')", limit=1)
    with pytest.raises(duckdb.InvalidInputException, match="locked"):
        tables.execute("SET enable_external_access = true")

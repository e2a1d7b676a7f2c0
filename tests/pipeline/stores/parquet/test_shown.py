"""What a view shows, told to another process, makes the same view there."""

import shutil
from pathlib import Path

import duckdb
import pytest

from pipeline.errors import StoreError
from pipeline.ingest.run import ingest
from pipeline.stores.home import Store, open_store
from pipeline.stores.parquet.shown import Shown, show
from tests.worlds import START, a_company, a_trail


@pytest.fixture
def store(tmp_path: Path):
    trail = a_trail(tmp_path / "trail", a_company(days=2, people=1, roles=1))
    with open_store(tmp_path / "home") as store:
        ingest([trail], store.events)
        yield store


def rows_of(connection: duckdb.DuckDBPyConnection) -> list[tuple]:
    return connection.execute("SELECT * FROM events ORDER BY event_id").fetchall()


def test_the_view_is_that_of_the_store_wherever_its_folder_lies(store: Store, tmp_path: Path) -> None:
    shown = Shown.of_dict(store.events.list_shown(START).as_dict())
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(store.home / "events", elsewhere / "events")  # and no database
    with duckdb.connect() as connection:
        store.events.view(connection, since=START, corrected=False)
        wanted = rows_of(connection)
        show(connection, elsewhere, shown)
        assert rows_of(connection) == wanted
        assert len(wanted) > 100


def test_what_came_late_was_delivered_then(store: Store) -> None:
    listed = store.events.list_shown(START)
    with duckdb.connect() as connection:
        store.events.view(connection, since=START)
        [(file, count)] = connection.execute("SELECT file, count(*) FROM events GROUP BY ALL LIMIT 1").fetchall()
        late = int(START.timestamp() * 1e6) + 10**12
        show(connection, store.home, Shown(listed.paths, (), listed.since, late=((file, late),)))
        connection.execute("SET timezone = 'UTC'")
        [(found,)] = connection.execute(
            "SELECT count(*) FROM events WHERE epoch_us(delivered_at) = $late", {"late": late}
        ).fetchall()
        assert found == count


@pytest.mark.parametrize("path", ["../state.sqlite", "events/../../x.parquet", "/etc/passwd", "activity/x.parquet"])
def test_a_path_that_leads_elsewhere_is_refused(store: Store, path: str) -> None:
    with duckdb.connect() as connection, pytest.raises(StoreError, match="no segment of events"):
        show(connection, store.home, Shown((path,), (), 0))

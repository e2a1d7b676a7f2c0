"""What a report reads: the home that is named, else the demo's in it."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.errors import NoHistoryError, StoreError
from pipeline.ingest.rows import ORIGIN
from pipeline.ingest.sink import Batch
from pipeline.reports.source import DEMO_HOME, deployment_zones, open_events
from pipeline.stores.home import open_store
from pipeline.stores.parquet.schema import arrow_schema
from pipeline.stores.parquet.segments import write_events
from tests.builders import Event, an_event

NOW = datetime(2025, 5, 1, tzinfo=UTC)


def a_home(folder: Path, *events: Event) -> Path:
    """A real store that holds the events."""
    table = pa.Table.from_pylist(list(events), schema=arrow_schema())
    with open_store(folder) as store, store.events.writing(NOW):
        segments, _ = write_events(table.append_column(ORIGIN, pa.array(["test"] * len(table))), store.events.staging)
        store.events.commit(Batch(parts=list(segments), files=[]), NOW)
    return folder


def principals(home: Path | None = None) -> list[str]:
    with open_events(home) as events:
        return [name for (name,) in events.execute("SELECT DISTINCT principal FROM events ORDER BY 1").fetchall()]


def test_the_home_that_is_given_or_that_the_environment_names_is_read(tmp_path, monkeypatch):
    home = a_home(tmp_path, an_event(principal="ana"))
    assert principals(home) == ["ana"]
    monkeypatch.setenv("ODDTRAIL_HOME", str(home))
    assert principals() == ["ana"]


def test_without_a_store_of_its_own_a_home_shows_the_demo_that_was_run_in_it(tmp_path):
    a_home(tmp_path / DEMO_HOME, an_event(principal="demo"))
    assert principals(tmp_path) == ["demo"]
    a_home(tmp_path, an_event(principal="ana"))
    assert principals(tmp_path) == ["ana"]


def test_a_store_without_events_shows_the_demo_beside_it_and_else_says_what_fills_it(tmp_path):
    a_home(tmp_path)
    with pytest.raises(NoHistoryError, match=r"holds no event yet: `oddtrail ingest PATH`") as caught:
        open_events(tmp_path)
    assert caught.value._render_traceback_() == [str(caught.value)]
    a_home(tmp_path / DEMO_HOME, an_event(principal="demo"))
    assert principals(tmp_path) == ["demo"]


def test_the_deployments_time_zone_stands_before_utc(tmp_path, monkeypatch):
    assert list(deployment_zones(tmp_path)) == ["UTC"]
    (tmp_path / "oddtrail.toml").write_text('timezone = "Asia/Seoul"')
    assert list(deployment_zones(tmp_path)) == ["Asia/Seoul", "UTC"]


def test_without_any_store_the_error_says_what_makes_one(tmp_path):
    with pytest.raises(StoreError, match=r"oddtrail ingest.*oddtrail demo"):
        open_events(tmp_path)


def test_the_events_stay_readable_after_the_store_was_closed(tmp_path):
    home = a_home(tmp_path, an_event(principal="ana"))
    events = open_events(home)
    shutil.rmtree(home / "staging", ignore_errors=True)
    assert events.execute("SELECT count(*) FROM events").fetchone() == (1,)

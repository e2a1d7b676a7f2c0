"""Homes with activity, for tests of reports: made of events as they are ingested, without a model."""

from pathlib import Path

from pipeline.connection import connect
from pipeline.detect.refresh import refresh_activity
from pipeline.stores.home import open_store
from tests.builders import Event
from tests.pipeline.reports.test_source import NOW, a_home


def an_active_home(folder: Path, *events: Event, timezone: str = "UTC") -> Path:
    """A real store that holds the events, and the activity that is made of them."""
    home = a_home(folder, *events)
    if timezone != "UTC":
        (home / "oddtrail.toml").write_text(f'timezone = "{timezone}"')
    with open_store(home) as store, connect(1, 2**30) as connection:
        refresh_activity(store, connection, timezone=timezone, lateness_minutes=15, now=NOW)
    return home

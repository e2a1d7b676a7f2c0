"""What a report reads: the events of a home as a DuckDB view, and the time zones it answers in."""

from pathlib import Path
from typing import Final

import duckdb

from pipeline.connection import connect
from pipeline.errors import NoHistoryError
from pipeline.settings import Settings, load_settings
from pipeline.stores.home import STATE_FILE, open_store

DEMO_HOME: Final = Path("demo", "home")
"""Where `oddtrail demo` leaves its home, below the home of whoever ran it."""


def open_events(home: Path | str | None = None) -> duckdb.DuckDBPyConnection:
    """A connection with the view `events`; others may write meanwhile.

    Parameters
    ----------
    home
        Folder of the store; else the one that `ODDTRAIL_HOME` names, else `~/.oddtrail`. Where that holds no store yet,
        the demo's that was run in it.

    Raises
    ------
    StoreError
        There is no store; says which commands make one.
    NoHistoryError
        The store holds no event yet.
    """
    settings = load_settings({"home": home})
    folder = find_home(settings)
    connection = connect(settings.threads, settings.memory)
    with open_store(folder, create=False) as store:
        if not store.events.accounts():
            raise NoHistoryError(f"{folder} holds no event yet: `oddtrail ingest PATH` reads log files into it")
        store.events.view(connection)
    return connection


def find_home(settings: Settings) -> Path:
    """Folder of the store that is read: the home, or the demo's in it where that holds no event yet."""
    folder = settings.home
    if not _holds_events(folder) and (folder / DEMO_HOME / STATE_FILE).exists():
        return folder / DEMO_HOME
    return folder


def _holds_events(folder: Path) -> bool:
    if not (folder / STATE_FILE).exists():
        return False
    with open_store(folder, create=False) as store:
        return bool(store.events.accounts())


def deployment_zones(home: Path | str | None = None) -> dict[str, str]:
    """IANA time zones by the names they are shown with: the deployment's own (`ODDTRAIL_TIMEZONE`) first, then UTC.

    >>> deployment_zones()
    {'UTC': 'UTC'}
    """
    own = load_settings({"home": home}).timezone
    return {own: own, "UTC": "UTC"}

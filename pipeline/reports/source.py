"""What a report reads: the events of a home, as a DuckDB view."""

from pathlib import Path

import duckdb

from pipeline.connection import connect
from pipeline.settings import load_settings
from pipeline.stores.home import open_store


def open_events(home: Path | str | None = None) -> duckdb.DuckDBPyConnection:
    """A connection with the view `events`; others may write meanwhile.

    Parameters
    ----------
    home
        Folder of the store; else the one that `ODDTRAIL_HOME` names, else `~/.oddtrail`.

    Raises
    ------
    StoreError
        There is no store; says which commands make one.
    """
    settings = load_settings({"home": home})
    connection = connect(settings.threads, settings.memory)
    with open_store(settings.home, create=False) as store:
        store.events.view(connection)
    return connection

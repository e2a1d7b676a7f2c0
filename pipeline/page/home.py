"""What the pages are about: one home, opened for each request, so that what was written meanwhile is seen."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from threading import Lock
from zoneinfo import ZoneInfo

import duckdb

from pipeline.connection import connect
from pipeline.errors import NoHistoryError
from pipeline.page.marks import mark
from pipeline.settings import Settings
from pipeline.stores.home import ALERTS_FILE, STATE_FILE, Store, open_store
from pipeline.stores.jsonl.alerts import AlertsJsonl
from pipeline.stores.sqlite.alert_index import AlertIndex

INDEX_FILE = "alerts_index.sqlite"
"""Beside the alerts; it may be removed at any time that nobody reads it."""


class Home:
    """A home and how it is read."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._index: AlertIndex | None = None
        self._lock = Lock()

    @property
    def zone(self) -> ZoneInfo:
        """The deployment's."""
        return ZoneInfo(self.settings.timezone)

    @property
    def has_events(self) -> bool:
        """Whether it is a store, and not the folder of a backtest."""
        return (self.settings.home / STATE_FILE).exists()

    def open(self) -> Store:
        """The store that is there; a StoreError where there is none."""
        return open_store(self.settings.home, create=False)

    @contextmanager
    def events(self, days: int) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection with the view `events`, of the last days that there are.

        Raises
        ------
        NoHistoryError
            No event is held.
        """
        settings = self.settings
        with self.open() as store, connect(settings.threads, settings.memory // 4) as connection:
            accounts = store.events.accounts()
            if not accounts:
                raise NoHistoryError(f"{settings.home} holds no event yet: `oddtrail ingest PATH` reads log files")
            last = date.fromisoformat(max(held.last for held in accounts)) + timedelta(days=1)
            until = datetime.combine(last, time(), UTC)
            store.events.view(connection, since=until - timedelta(days=days), until=until)
            yield connection

    @property
    def alerts(self) -> AlertIndex:
        """Its alerts, with what was written until now."""
        if not (self.settings.home / ALERTS_FILE).exists():
            self.open().close()  # where there is neither, that is what is told
        with self._lock:
            if self._index is None:
                folder = self.settings.home
                self._index = AlertIndex(folder / INDEX_FILE, AlertsJsonl(folder / ALERTS_FILE), mark)
        self._index.refresh()
        return self._index

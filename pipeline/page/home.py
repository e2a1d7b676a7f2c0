"""What the pages are about: one home, opened for each request, so that what was written meanwhile is seen."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from threading import Lock
from typing import Final
from zoneinfo import ZoneInfo

import duckdb

from pipeline.connection import connect
from pipeline.errors import NoHistoryError
from pipeline.page.marks import mark
from pipeline.reports.day_counts import Counted, count_missing, view_counts
from pipeline.reports.population_kept import MADE_NOW, Kept, keep_population, view_population
from pipeline.reports.principal_days import keep_sums
from pipeline.settings import Settings
from pipeline.stores.home import ALERTS_FILE, SPILL, STATE_FILE, Store, open_store
from pipeline.stores.jsonl.alerts import AlertsJsonl
from pipeline.stores.sqlite.alert_index import AlertIndex
from pipeline.watch.memory import give_back

INDEX_FILE = "alerts_index.sqlite"
"""Beside the alerts; it may be removed at any time that nobody reads it."""
MOST_DAYS = 28
"""Days that pages look at: four of each hour of the week."""
COUNTED_NOW = 500_000
"""Events that a request counts, at most; a day of millions takes seconds and is left to `pipeline.page.counting`."""


PREPARING: Final = 2_000_000_000
"""Bytes that are used to prepare what pages read, at most; a quarter of what a job may use where that is less. What
does not fit is put on disk meanwhile, which takes longer; days of 8 million events fit."""


class Home:
    """A home and how it is read."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._index: AlertIndex | None = None
        self._shared: duckdb.DuckDBPyConnection | None = None
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

    def count_events(self, first: date, last: date) -> Counter[date] | None:
        """Events held of each day (of UTC) from one to another; None where events are not held at all."""
        if not self.has_events:
            return None
        counted = Counter[date]()
        with self.open() as store:
            for segment in store.manifest.every("events"):
                if str(first) <= segment.day <= str(last):
                    counted[date.fromisoformat(segment.day)] += segment.rows
        return counted

    @contextmanager
    def counts(self, days: int) -> Iterator[tuple[duckdb.DuckDBPyConnection, Counted]]:
        """A connection with the views of `pipeline.reports.day_counts`, of the last days that there are.

        What is little is counted now; of the rest it says what is behind or missing, and `prepare` does it.

        Raises
        ------
        NoHistoryError
            No event is held.
        """
        with self.open() as store, self.connect() as connection, self.connect() as reading:
            if not store.events.accounts():
                raise NoHistoryError(f"{store.home} holds no event yet: `oddtrail ingest PATH` reads log files")
            yield connection, view_counts(store, connection, reading, days, COUNTED_NOW)

    @contextmanager
    def population(self) -> Iterator[tuple[duckdb.DuckDBPyConnection, Kept | None]]:
        """A connection with the tables of `pipeline.reports.scored_hours`; None where they are yet to be made.

        Raises
        ------
        NoHistoryError
            Nothing was scored.
        """
        with self.open() as store, self.connect() as connection:
            yield connection, view_population(store, self.settings, connection, self.alerts.between, MADE_NOW)

    def prepare(self) -> None:
        """Count and make what pages read and a request would take too long for, where it is not as it should be.

        What it needs for that it gives back: a server holds no more after a month than after a day.
        """
        if not self.has_events:
            return
        settings = self.settings.model_copy(update={"memory": min(self.settings.memory // 4, PREPARING)})
        made = 0
        with self.open() as store:
            with connect(settings.threads, settings.memory, spill=str(store.home / SPILL)) as reading:
                made += count_missing(store, reading, MOST_DAYS)
                made += keep_sums(store, settings, reading, MOST_DAYS)
            with suppress(NoHistoryError):  # nothing was scored yet
                made += keep_population(store, settings, self.alerts.between)
        if made:
            give_back()

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A connection for a request; all requests share one DuckDB, a thread each and a quarter of a job's memory.

        To begin another would cost more than most pages. It remembers where things are in files, and a connection sees
        none of what others make temporarily.
        """
        with self._lock:
            if self._shared is None:
                self._shared = connect(1, self.settings.memory // 4)
                self._shared.execute("SET parquet_metadata_cache = true")
            connection = self._shared.cursor()
        connection.execute("SET timezone = 'UTC'")
        return connection

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

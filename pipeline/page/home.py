"""What the pages are about: one home, opened for each request, so that what was written meanwhile is seen."""

from threading import Lock
from zoneinfo import ZoneInfo

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

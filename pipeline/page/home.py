"""What the pages are about: one home, opened for each request, so that what was written meanwhile is seen."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from pipeline.settings import Settings
from pipeline.stores.home import Store, open_store


@dataclass(frozen=True)
class Home:
    """A home and how it is read."""

    settings: Settings

    @property
    def zone(self) -> ZoneInfo:
        """The deployment's."""
        return ZoneInfo(self.settings.timezone)

    def open(self) -> Store:
        """The store that is there; a StoreError where there is none."""
        return open_store(self.settings.home, create=False)

"""Taking in what is new, each source by itself: one that cannot be read keeps nothing of the others back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from features.call.verified import VerifiedNames
from pipeline.errors import OddtrailError
from pipeline.ingest.report import IngestReport
from pipeline.ingest.run import ingest
from pipeline.search.url import is_engine_url
from pipeline.settings import Settings
from pipeline.sources.several import open_sources
from pipeline.stores.home import Store
from pipeline.watch.lease import TakenError
from pipeline.watch.plan import Plan

NEAR: Final = timedelta(days=1)
"""How far back days are listed at a tick."""
WHOLE_EVERY: Final = timedelta(hours=1)
"""How often all days are: CloudTrail may deliver as late as a month."""


@dataclass(slots=True)
class TakenIn:
    """What came of it."""

    events: int = 0
    """New in the store."""
    duplicates: int = 0
    set_aside: int = 0
    files: int = 0
    behind: bool = False
    """More waits in a queue than one call takes."""
    problems: dict[str, str] = field(default_factory=dict)
    """By source, why it could not be read, or not whole."""


class Intake:
    """Takes in what is new of a plan's sources.

    Parameters
    ----------
    check
        Called between tasks; whatever it raises ends the intake, and what was committed stays.
    """

    def __init__(self, store: Store, settings: Settings, plan: Plan, check: Callable[[], None]) -> None:
        self._store, self._settings, self._plan, self._check = store, settings, plan, check
        self._listed: dict[str, datetime] = {}
        """When each source was listed whole."""

    def run(self, now: datetime) -> TakenIn:
        """Take in what is new of each source."""
        taken = TakenIn()
        for source in self._plan.sources:
            since, whole = self._since(source, now)
            try:
                with open_sources([source], since, digests=whole) as opened:
                    opened.remember_in(self._store.state)
                    taken_in = self._ingest(opened.listing, now)
                taken.behind |= any(queue.full for queue in opened.queues.values())
                problems = [problem for index in opened.indices.values() for problem in index.problems]
                if problems:
                    taken.problems[source] = "; ".join(problems)
            except TakenError:
                raise
            except OddtrailError as error:
                taken.problems[source] = str(error)
                continue
            if whole:
                self._listed[source] = now
            taken.events += taken_in.stored
            taken.duplicates += taken_in.duplicates
            taken.set_aside += taken_in.set_aside
            taken.files += taken_in.files
        return taken

    def _since(self, source: str, now: datetime) -> tuple[date | None, bool]:
        """The day from which on a source is listed, and whether that is all there is to list.

        An index is read from where it was left, however old what comes is.
        """
        if is_engine_url(source):
            return self._plan.since, True
        listed, near = self._listed.get(source), (now - NEAR).astimezone(UTC).date()
        if listed is None or not now - listed < WHOLE_EVERY or now < listed:
            return self._plan.since, True
        return max(near, self._plan.since or near), False

    def _ingest(self, listing: Any, now: datetime) -> IngestReport:
        settings = self._settings
        return ingest(
            listing,
            self._store.events,
            geo=self._plan.geo,
            networks=self._plan.networks,
            verified=VerifiedNames(settings.verified_session_names),
            now=now,
            threads=settings.threads,
            progress=lambda *_: self._check(),
        )

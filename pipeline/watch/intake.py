"""Taking in what is new, each source by itself: one that cannot be read keeps nothing of the others back."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

from features.call.verified import VerifiedNames
from features.record.foreign import DIGESTS, name_of_key
from pipeline.errors import OddtrailError
from pipeline.ingest.folders import Folders
from pipeline.ingest.listing import Listing, Source
from pipeline.ingest.report import IngestReport
from pipeline.ingest.run import ingest
from pipeline.search.url import is_engine_url
from pipeline.settings import Settings
from pipeline.sources.several import open_sources
from pipeline.stores.home import Store
from pipeline.stores.waits import Waits
from pipeline.watch.lease import TakenError
from pipeline.watch.plan import Plan

NEAR: Final = timedelta(days=1)
"""How far back days are listed at a tick."""
WHOLE_EVERY: Final = timedelta(hours=1)
"""How often all days are: CloudTrail may deliver as late as a month."""

_ACCOUNTS: Final = "intake/accounts"
"""Setting of a home's state: of which accounts files lie in which source."""
_MOST_ACCOUNTS: Final = 1_000


@dataclass(slots=True)
class TakenIn:
    """What came of it."""

    events: int = 0
    """New in the store."""
    duplicates: int = 0
    set_aside: int = 0
    files: int = 0
    problems: dict[str, str] = field(default_factory=dict)
    """By source, why it could not be read, or not whole."""
    waits: Waits | None = None
    """Accounts of which files may lie where nothing could be read; None where everything was."""

    def wait(self, why: str, accounts: frozenset[str] | None) -> None:
        """Note that something could not be read, and of which accounts files lie there: None where nobody knows."""
        before = self.waits or Waits("", frozenset())
        every = None if accounts is None or before.accounts is None else before.accounts | accounts
        self.waits = Waits(f"{before.why}; {why}" if before.why else why, every)


class _Accounts:
    """A listing whose sources' accounts are noted; that of an archive, or of what has a name of its own, is ""."""

    def __init__(self, listing: Listing, found: set[str]) -> None:
        self._listing, self._found = listing, found

    @property
    def bytes(self) -> int:
        return self._listing.bytes

    @property
    def at_once(self) -> int:
        return self._listing.at_once

    def __iter__(self) -> Iterator[Source]:
        found = self._found
        for source in self._listing:
            account = source.delivery.account
            if account not in found and (account or name_of_key(source.origin) != DIGESTS):
                found.add(account)
            yield source

    def settle(self, sources: Sequence[Source]) -> None:
        self._listing.settle(sources)


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
        self._folders: dict[str, Folders] = {}
        """By source, folders that need no look until something is put there."""
        self._accounts: dict[str, list[str] | None] = store.state.setting(_ACCOUNTS, {})
        """By source, of which accounts files were found there; None where those are too many, or not all told."""

    def run(self, now: datetime) -> TakenIn:
        """Take in what is new of each source."""
        taken = TakenIn()
        for source in self._plan.sources:
            since, whole = self._since(source, now)
            accounts = set[str]()
            folders = self._folders.setdefault(source, Folders()).begin(None if whole else since)
            try:
                with open_sources([source], since, digests=whole, folders=folders) as opened:
                    opened.remember_in(self._store.state)
                    taken_in = self._ingest(_Accounts(opened.listing, accounts), now)
                self._remember(source, accounts)
                if any(queue.full for queue in opened.queues.values()):
                    taken.wait(f"{source}: more waits in the queue than one tick takes", None)
                problems = [problem for index in opened.indices.values() for problem in index.problems]
                if problems:
                    taken.problems[source] = "; ".join(problems)
            except TakenError:
                raise
            except OddtrailError as error:
                taken.problems[source] = str(error)
                if not is_engine_url(source):  # which holds no files
                    taken.wait(f"{source}: {error}", self._known(source))
                continue
            folders.keep()
            if whole:
                self._listed[source] = now
            taken.events += taken_in.stored
            taken.duplicates += taken_in.duplicates
            taken.set_aside += taken_in.set_aside
            taken.files += taken_in.files
        return taken

    def _known(self, source: str) -> frozenset[str] | None:
        known = self._accounts.get(_mark(source))
        return None if known is None else frozenset(known)

    def _remember(self, source: str, accounts: set[str]) -> None:
        """Of which accounts a source holds files, so that others wait for nothing while it is away."""
        mark = _mark(source)
        known = self._accounts.get(mark, [])
        if is_engine_url(source) or known is None or accounts <= {*known}:
            return
        every = sorted({*known, *accounts})
        self._accounts = {key: value for key, value in self._accounts.items() if key in map(_mark, self._plan.sources)}
        self._accounts[mark] = every if len(every) <= _MOST_ACCOUNTS and "" not in accounts else None
        self._store.state.put_setting(_ACCOUNTS, self._accounts)

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


def _mark(source: str) -> str:
    """A source in few letters, without what its address may hold."""
    return blake2b(source.encode("utf-8", "replace"), digest_size=8).hexdigest()

"""Everything that was given to be ingested as one listing: paths first, then the others, each in its order."""

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date

from features.record.foreign import DIGESTS, name_of_key
from pipeline.ingest.digest_file import name_of, read_digest_name
from pipeline.ingest.folders import Folders
from pipeline.ingest.listing import Listing, Source
from pipeline.ingest.sources import Sources
from pipeline.ingest.stdin import stdin_as_file
from pipeline.sources.address import Address, AddressError, BucketAddress, QueueAddress, parse_address
from pipeline.sources.bucket import BucketListing
from pipeline.sources.index.listing import IndexListing, open_index
from pipeline.sources.index.place import IndexPlace
from pipeline.sources.index.progress import State
from pipeline.sources.queue import QueueListing, Tally


@dataclass
class Opened:
    """What was given, to be read."""

    listing: Listing
    queues: dict[str, Tally]
    """What became of each queue's messages, by its address; filled by reading."""
    indices: dict[str, IndexListing]
    """Each search engine's indices, by their address; they tell what became of their documents."""
    may_be_empty: bool
    """That nothing came is no sign of a wrong address: it was a queue, or only what is new was asked for."""

    def remember_in(self, state: State, *, again: bool = False) -> None:
        """Say where it is kept how far indices were read; `again` forgets it."""
        for index in self.indices.values():
            index.remember_in(state, again=again)


@contextmanager
def open_sources(
    given: Sequence[str], since: date | None = None, *, digests: bool = False, folders: Folders | None = None
) -> Iterator[Opened]:
    """Paths and addresses as one listing, for as long as the block.

    Parameters
    ----------
    since
        Day of UTC; of paths and buckets nothing is read that was delivered before. None for all.
    digests
        Whether CloudTrail's digest files are listed too, as far as that is asked for or costs requests.
    folders
        Folders that need no look.

    Raises
    ------
    AddressError, SourceError
        One of them cannot be understood, is given twice in two ways, or is not there.
    """
    addresses = [parse_address(text) for text in given]
    _refuse_twice(addresses)
    paths = [address for address in addresses if isinstance(address, str)]
    queues: dict[str, Tally] = {}
    indices: dict[str, IndexListing] = {}
    with ExitStack() as stack:
        listings: list[Listing] = []
        if paths:
            files = Sources(stack.enter_context(stdin_as_file(paths)), since, folders)
            listings.append(_Since(files, since, digests) if since else files)
        for address in dict.fromkeys(addresses):
            if isinstance(address, BucketAddress):
                listings.append(BucketListing(address, since, digests=digests))
            elif isinstance(address, QueueAddress):
                queue = stack.enter_context(QueueListing(address))
                queues[address.text] = queue.tally
                listings.append(queue)
            elif isinstance(address, IndexPlace):
                indices[address.text] = stack.enter_context(open_index(address, since))
                listings.append(indices[address.text])
        listing = listings[0] if len(listings) == 1 else Several(listings)
        yield Opened(listing, queues, indices, bool(queues or indices) or since is not None)


def _refuse_twice(addresses: Sequence[Address]) -> None:
    """Refuse a queue or indices with two users, roles or options: what became of them is told by where they are."""
    texts = Counter(each.text for each in dict.fromkeys(addresses) if isinstance(each, QueueAddress | IndexPlace))
    for text, times in texts.items():
        if times > 1:
            raise AddressError(f"{text} is given twice, and not with the same options: give it once")


class _Since:
    """Sources without those that were delivered before a day, as far as their names tell when that was."""

    def __init__(self, listing: Listing, since: date, digests: bool) -> None:
        self._listing, self._since, self._digests = listing, since, digests
        self.bytes, self.at_once = listing.bytes, listing.at_once

    def __iter__(self) -> Iterator[Source]:
        for source in self._listing:
            at = source.delivery.at
            if at is None and name_of_key(source.origin) == DIGESTS:
                told = read_digest_name(name_of(source.origin))
                if not self._digests or (told is not None and told.end.date() < self._since):
                    continue
                source.since = self._since
            if at is None or at.astimezone(UTC).date() >= self._since:
                yield source

    def settle(self, sources: Sequence[Source]) -> None:
        """See `Listing.settle`."""
        self._listing.settle(sources)


@dataclass
class _Shown:
    """A listing, and how many of its sources have been shown and not settled."""

    listing: Listing
    waiting: int = 0


class Several:
    """Listings one after the other."""

    def __init__(self, listings: Sequence[Listing]) -> None:
        self._listings = listings
        self._shown: deque[_Shown] = deque()
        sizes = [listing.bytes for listing in listings]
        self.bytes = sum(sizes) if all(sizes) else 0
        self.at_once = max(listing.at_once for listing in listings)

    def __iter__(self) -> Iterator[Source]:
        for listing in self._listings:
            shown = _Shown(listing)
            self._shown.append(shown)
            for source in listing:
                shown.waiting += 1
                yield source

    def settle(self, sources: Sequence[Source]) -> None:
        """Tell each listing of its own, which come in the order in which they were shown."""
        rest = sources
        while rest:
            shown = self._shown[0]
            own, rest = rest[: shown.waiting], rest[shown.waiting :]
            if own:
                shown.listing.settle(own)
                shown.waiting -= len(own)
            if rest:
                self._shown.popleft()

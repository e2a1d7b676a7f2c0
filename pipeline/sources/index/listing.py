"""The records that the documents of some indices hold, as a listing for ingestion: each shard from where we stand."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from pipeline.documents.capabilities import probe
from pipeline.ingest.listing import Source
from pipeline.search.engine import Engine
from pipeline.sources.index.ask import PATIENCE, Asked, Asker, GoneError, Hit, LostError
from pipeline.sources.index.indices import Index, Known, Unknown, list_indices, recognise
from pipeline.sources.index.news import find_news
from pipeline.sources.index.pages import PageSource, ShardPages
from pipeline.sources.index.place import IndexPlace
from pipeline.sources.index.progress import Mark, Progress, State, Stretch
from pipeline.sources.index.snapshot import BEFORE_ALL, Shard, Snapshot, Way, way_of
from pipeline.text.inert import inert
from pipeline.text.plural import agree, plural

STRETCH: Final = 50_000
"""Documents that are read, counted and remembered together."""
_LOST_AT_MOST: Final = 5
"""Times that an engine may close what is read without any progress between."""


class IndexListing:
    """Lists what is new in some indices.

    Parameters
    ----------
    engine
        A client of the engine that holds them.
    way
        How it holds a moment open.
    pattern
        Names and patterns of indices.
    since
        Day of UTC; calls of more than a day before it are not read. None for all.
    patience
        Seconds in which the engine may be busy or away.
    clock
        Tells the time.

    Raises
    ------
    OddtrailError
        While it is iterated: the engine is away, refuses, or has no such index. What was settled until then counts.
    """

    bytes: Final = 0
    at_once: Final = 1

    def __init__(
        self,
        engine: Asked,
        way: Way,
        pattern: str,
        *,
        since: date | None = None,
        patience: float = PATIENCE,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._asker, self._way, self._pattern = Asker(engine, patience), way, pattern
        self._since, self._clock = since, clock
        self._progress: Progress
        self._snapshot: Snapshot | None = None
        self.kinds: Counter[str] = Counter()
        """Indices in which something was new, by the kinds of their documents."""
        self.notes: list[str] = []
        """What an operator should know of what was not read."""
        self.problems: list[str] = []
        """Why not all was read; the rest was. Whoever ingests tells them, and ends as failed."""
        self.passed_over: Counter[str] = Counter()
        """Documents that are none of CloudTrail's, by name."""
        self.documents = 0
        """That were read."""

    def remember_in(self, state: State, *, again: bool = False) -> None:
        """Say where it is kept how far the indices were read, before they are; `again` forgets it."""
        apart = f"since {self._since}" if self._since else ""
        self._progress = Progress(state, self._clock, again=again, apart=apart)

    def __iter__(self) -> Iterator[Source]:
        indices, closed = list_indices(self._asker, self._pattern)
        if closed:
            shown = ", ".join(map(inert, closed[:5])) + (" …" if len(closed) > 5 else "")
            self.notes.append(
                f"{len(closed):,} closed {agree(len(closed), 'index', 'indices')}, which cannot be read: {shown}"
            )
        for index, shards in find_news(self._asker, indices, self._progress):
            known = self._recognise(index)
            if known is None:
                continue
            for shard in shards:
                yield from self._read(index, shard, known)

    def settle(self, sources: Sequence[Source]) -> None:
        """Move where we stand, when all of a stretch is in and its number is right."""
        self._progress.settle(source.stretch for source in sources if isinstance(source, PageSource))

    def _note_gone(self, index: Index) -> None:
        self.notes.append(f"{inert(index.name)} is closed, or was deleted meanwhile: it is not read")

    def _recognise(self, index: Index) -> Known | None:
        try:
            known = recognise(self._asker, index)
        except GoneError:
            self._note_gone(index)
            return None
        if isinstance(known, Unknown):
            self.problems.append(known.reason)
            return None
        if known is not None:
            self.kinds.update(kind.name for kind in known.kinds)
            self.notes += [known.note] if known.note else []
        return known

    def close(self) -> None:
        """Let the engine close what is held open, where reading ended half-way."""
        if self._snapshot is not None:
            self._snapshot.close()

    def as_dict(self) -> dict[str, Any]:
        """What became of the documents, as JSON can hold it."""
        return {
            "documents": self.documents, "kinds": dict(self.kinds), "passed_over": dict(self.passed_over),
            "notes": self.notes, "problems": self.problems,
        }  # fmt: skip

    def _read(self, index: Index, shard: int, known: Known) -> Iterator[Source]:
        """What is new in a shard."""
        pages = ShardPages(index, shard, known, self._clock)
        reading = _Reading(self._progress, index, shard, pages)
        query = known.query if self._since is None else {"bool": {"filter": [known.query, _called_since(self._since)]}}
        lost, furthest = 0, BEFORE_ALL - 1
        while True:
            try:
                with Snapshot(self._asker, self._way, Shard(index.name, shard), query, known.fields) as snapshot:
                    self._snapshot = snapshot
                    yield from reading.read(snapshot)
                break
            except LostError:
                stands = reading.stand.seq if reading.stand is not None else BEFORE_ALL
                lost, furthest = (lost + 1 if stands <= furthest else 1), max(furthest, stands)
                if lost > _LOST_AT_MOST:
                    raise
            except GoneError:
                self._note_gone(index)
                break
            finally:
                reading.leave()
        self.documents += reading.documents
        self.passed_over += pages.passed_over
        if reading.problem:
            self.problems.append(reading.problem)
        if pages.without_record:
            self.notes.append(
                f"{plural(pages.without_record, 'document')} of {inert(index.name)} without a record (event.original "
                "dropped by a pipeline, most likely): what was in them is not here"
            )


def _called_since(day: date) -> dict[str, Any]:
    """Which documents are of calls since the day before a day, or do not tell in a way that can be asked for."""
    limit = {"gte": f"{day - timedelta(days=1)}T00:00:00Z"}
    times = ("@timestamp", "eventTime")
    untold = {"bool": {"must_not": [{"exists": {"field": name}} for name in times]}}
    return {"bool": {"should": [*({"range": {name: limit}} for name in times), untold], "minimum_should_match": 1}}


@contextmanager
def open_index(place: IndexPlace, since: date | None = None) -> Iterator[IndexListing]:
    """Indices of a search engine as a listing, for as long as the block.

    Raises
    ------
    SettingsError, UnreachableError
        It is none that is known, does not let us in; does not answer.
    """
    engine = Engine(place.url)
    try:
        listing = IndexListing(engine, way_of(probe(engine)), place.pattern, since=since)
        try:
            yield listing
        finally:
            listing.close()
    finally:
        engine.close()


class _Reading:
    """One shard while it is read."""

    def __init__(self, progress: Progress, index: Index, shard: int, pages: ShardPages) -> None:
        self._progress, self._index, self._shard, self._pages = progress, index, shard, pages
        self.stand: Mark | None = None
        """Where we stand in this run; None before it began."""
        self.problem = ""
        self.documents = 0
        self._went_back = False
        self._stretch: Stretch | None = None

    def read(self, snapshot: Snapshot) -> Iterator[Source]:
        """What is new in it, from where we stand."""
        self.stand = self._progress.find_start(self._index, self._shard, snapshot, self.stand)
        begin, seq, term, count, read = self.stand.seq, self.stand.seq, self.stand.term, 0, 0
        stretch = self._begin()
        for found in snapshot.pages(begin):
            hits = found.hits
            if hits and not read and self._is_renumbered(hits[0], snapshot):
                self.leave()
                yield from self.read(snapshot)
                return
            yield from self._pages.sources(hits, stretch)
            count += len(hits)
            read += len(hits)
            self.documents += len(hits)
            if hits:
                seq, term = hits[-1].seq, max(term, hits[-1].term)
            if not hits or (snapshot.is_counted and count >= STRETCH):
                there = snapshot.count(self.stand.seq, seq) if snapshot.is_counted else count
                if there != count or (not hits and read != found.total):
                    self._refuse(read, found.total, count, there)
                    return
                if snapshot.is_counted:
                    seq = seq if hits else max(snapshot.last(), seq)
                    documents = snapshot.count_all(seq)
                else:  # as it was when it was opened: what came into sight since has not been read
                    seq, documents = max(snapshot.above.last, begin), self.stand.documents + snapshot.above.documents
                self.stand = self._progress.end(stretch, seq, documents, term)
                self._stretch, count = None, 0
                stretch = self._begin() if hits else stretch

    def leave(self) -> None:
        """What was begun does not count."""
        if self._stretch is not None:
            self._progress.void(self._stretch)
            self._stretch = None

    def _begin(self) -> Stretch:
        self._stretch = self._progress.begin(self._index, self._shard)
        return self._stretch

    def _is_renumbered(self, first: Hit, snapshot: Snapshot) -> bool:
        """Whether another copy has taken over since, which may have used numbers again that we have passed."""
        stand = self.stand
        if stand is None or stand.seq == BEFORE_ALL or first.term <= stand.term or self._went_back:
            return False
        self._went_back = True
        self.stand = self._progress.go_back(self._index, self._shard, snapshot)
        return self.stand.seq < stand.seq

    def _refuse(self, read: int, total: int, count: int, there: int) -> None:
        what = f"{count:,} of {there:,}" if count != there else f"{read:,} of {total:,}"
        self.problem = (
            f"{what} documents of {inert(self._index.name)}, shard {self._shard}, were read: what was read is in, the "
            "next run begins where this one did; if it happens again, the engine loses documents when it is read"
        )
        self.leave()

"""Ingestion's target for a search engine: files are done once each of their records is indexed or buried.

Sinks send documents where rows are made. What an engine refuses goes back with the batch and is kept as a dead letter
before the batch's files are known; what cannot be finished ends the run, and the next one sends those files again.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from pipeline.delivery.dead_letter import DeadLetter, DeadLetterStore, bury, bury_refused
from pipeline.delivery.known_files import KnownFiles
from pipeline.documents.caller import GeoInfo
from pipeline.documents.document import Naming, is_quarantine, repair
from pipeline.documents.sink import DocumentSink, Kept, UnfinishedError
from pipeline.ingest.rows import ORIGIN, Rows
from pipeline.ingest.sink import Batch, Outcome, Written
from pipeline.search.bulk import PATIENCE, BulkWriter, Refused, Sent
from pipeline.search.url import EngineUrl


class Delivered(NamedTuple):
    """A part of a batch: documents that all have ended, and the letters of those that were refused."""

    sent: Sent
    """Without documents."""
    letters: Sequence[DeadLetter]
    files: frozenset[str]
    """Of the letters: `file` of their rows."""


class IndexSink(DocumentSink):
    """Sends the documents of rows, and gives up a batch of which some cannot be finished.

    Parameters
    ----------
    url, naming, geo_info, requests, writes_texts
        See `DocumentSink`.
    patience
        Seconds in which nothing gets through, after which the run ends.
    """

    def __init__(
        self,
        url: EngineUrl,
        naming: Naming,
        geo_info: GeoInfo | None = None,
        requests: int = 4,
        patience: float = PATIENCE,
        *,
        writes_texts: bool = False,
    ) -> None:
        super().__init__(url, naming, geo_info, requests, writes_texts=writes_texts)
        self.patience = patience

    def write(self, rows: Rows) -> Written:
        """Send the rows' documents.

        Raises
        ------
        UnfinishedError
            Not all of them could be sent.
        """
        engine, maker = self.opened
        writer = BulkWriter(engine, repair, self.deadline, self.requests, self.patience)
        now = datetime.now(UTC)
        total, dead = Sent(), list[Refused]()
        for sent in writer.send(maker.make(rows, self.transports, now)):
            if sent.left:
                raise UnfinishedError(_unfinished(self.url, sent))
            dead += (each._replace(document=each.document._replace(body=b"")) for each in sent.dead)
            total.add(sent)
        total.dead = []
        return Written([make_part(total, dead, rows, now)] if len(rows) else [], total.duplicates)


def make_part(sent: Sent, dead: Sequence[Refused], rows: Rows, now: datetime) -> Delivered:
    """What goes back of some rows; a letter says from which file its record is."""
    if not dead:
        return Delivered(sent, [], frozenset())
    columns = rows.columns()
    wanted = {each.document.id for each in dead}
    origins: dict[str, str] = {}
    files = set[str]()
    for event_id, origin, file in zip(columns["event_id"], columns[ORIGIN], columns["file"], strict=True):
        if event_id in wanted:
            origins[event_id] = origin
            files.add(file)
    at = now.isoformat().replace("+00:00", "Z")
    letters = [bury_refused(each, at, origins.get(each.document.id, "")) for each in dead]
    return Delivered(sent, letters, frozenset(files))


def _unfinished(url: EngineUrl, sent: Sent) -> str:
    what = "mend it" if sent.misconfigured else "see that it takes documents"
    return (
        f"{url.origin} did not take every document ({sent.problem}): {what} and run the same command again, "
        "it goes on where it was; nothing is lost"
    )


@dataclass
class Tally:
    """What became of records: records = indexed + quarantined + duplicates + dead letters + only counted + other."""

    indexed: int = 0
    """In the index of their day."""
    quarantined: int = 0
    """Indexed apart, since their time cannot be believed."""
    duplicates: int = 0
    """There already, be it by a sending whose answer was lost."""
    dead_letters: int = 0
    """Records that have one of their own."""
    only_counted: int = 0
    """Bad records of which nothing was kept, for their file has hundreds of them: one letter names the file."""
    repaired: int = 0
    """Of those indexed or quarantined, the ones that the engine refused at first."""
    bytes: int = 0
    by_index: Counter[str] = field(default_factory=Counter)

    def add(self, sent: Sent) -> None:
        """Count documents in."""
        apart = sum(count for name, count in sent.by_index.items() if is_quarantine(name))
        self.indexed += sent.indexed - apart
        self.quarantined += apart
        self.duplicates += sent.duplicates
        self.repaired += sent.repaired
        self.bytes += sent.bytes
        self.by_index += sent.by_index


class IndexTarget:
    """Takes in events by indexing them; several at once do no harm, since a document is created once.

    Parameters
    ----------
    sink
        Sends documents.
    letters
        Keeps what cannot be indexed.
    known
        Files that are done.
    again
        Whether files that are done are sent again, as when an index was deleted.
    """

    def __init__(self, sink: IndexSink, letters: DeadLetterStore, known: KnownFiles, *, again: bool = False) -> None:
        self.sink, self._letters, self._known, self._again = sink, letters, known, again
        self.tally = Tally()
        self._done = set[str]()

    takes_digest_files = False

    def has_digest_files(self) -> bool:
        """None: they are passed over."""
        return False

    @contextmanager
    def writing(self, now: datetime) -> Iterator[None]:
        """Nothing to keep others from."""
        yield

    def known(self, digests: Collection[str]) -> set[str]:
        """Which of these files are done; of a run that sends again, those that it has sent."""
        return self._done.intersection(digests) if self._again else self._known.among(digests)

    def barren(self, digests: Collection[str]) -> set[str]:
        """None: nobody notes of which files no event came."""
        return set()

    def recall(self, stamps: Collection[bytes]) -> dict[bytes, str]:
        """Nothing: a file is known by its content, which is read to be told."""
        return {}

    def remember(self, digests: Mapping[bytes, str]) -> None:
        """Keep nothing, as `recall` says."""

    def commit(self, batch: Batch, now: datetime) -> Outcome:
        """Keep the dead letters, then know the files.

        Raises
        ------
        OddtrailError
            One of both cannot be written; the files are not known then, and are sent again by the next run.
        """
        sent = [part.sent for part in batch.parts if isinstance(part, Delivered)]
        letters = [letter for part in batch.parts if isinstance(part, Delivered) for letter in part.letters]
        refused = len(letters)
        letters += bury([part for part in batch.parts if isinstance(part, Kept)], datetime.now(UTC))
        self._letters.put(letters)
        digests = [file.digest for file in batch.files]
        self._known.add(digests, datetime.now(UTC))
        if self._again:
            self._done.update(digests)
        for each in sent:
            self.tally.add(each)
        self.tally.dead_letters += refused + sum(file.kept for file in batch.files)
        self.tally.only_counted += sum(file.set_aside - file.kept for file in batch.files)
        return Outcome(sum(each.indexed for each in sent), 0)

    def compact(self, now: datetime) -> int:
        """Nothing to make quicker: the engine merges by itself."""
        return 0

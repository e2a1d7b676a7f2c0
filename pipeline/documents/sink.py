"""Ingestion's sink for a search engine: rows become documents and are sent where they are made, in each worker."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, TypeAlias

from pipeline.documents.caller import GeoInfo
from pipeline.documents.document import DocumentMaker, Naming, Transport, repair
from pipeline.errors import OddtrailError
from pipeline.ingest.rows import Rows
from pipeline.ingest.set_aside import Aside
from pipeline.ingest.sink import Kind, Written
from pipeline.search.bulk import BulkWriter
from pipeline.search.deadline import Deadline
from pipeline.search.engine import Engine
from pipeline.search.url import EngineUrl

Opened: TypeAlias = tuple[Engine, DocumentMaker]


class UnfinishedError(OddtrailError):
    """Some documents are not indexed, and have to come again."""


class Kept(NamedTuple):
    """Records that are dead letters, for no event could be made of them."""

    asides: Sequence[Aside]


class DocumentSink:
    """Sends the documents of rows to a search engine.

    Parameters
    ----------
    url
        Where it is.
    naming
        Names of indices.
    geo_info
        See `pipeline.documents.caller.GeoInfo`; it goes to other processes with the sink.
    requests
        Under way at once, of each process.
    writes_texts
        See `DocumentMaker`.
    """

    def __init__(
        self, url: EngineUrl, naming: Naming, geo_info: GeoInfo | None = None, requests: int = 4,
        *, writes_texts: bool = False,
    ) -> None:  # fmt: skip
        self.url, self.naming, self.geo_info, self.requests = url, naming, geo_info, requests
        self.writes_texts = writes_texts
        self.deadline = Deadline()
        """When what is not finished is handed back; a Lambda sets one for each invocation."""
        self.transports: Mapping[str, Transport] = {}
        """How records came, by `file`; a Lambda sets them for each invocation."""
        self._opened: Opened | None = None

    def __getstate__(self) -> dict[str, object]:
        """What goes to another process, which opens its own connections."""
        return self.__dict__ | {"_opened": None, "deadline": None}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self.deadline = Deadline()

    def open(self) -> None:
        """Connect, once in each process; a warm Lambda stays connected."""
        if self._opened is None:
            infos = self.geo_info or (lambda address: None)
            maker = DocumentMaker(self.naming, infos, writes_texts=self.writes_texts)
            self._opened = Engine(self.url, connections=self.requests), maker

    @property
    def opened(self) -> Opened:
        """The connection, and what makes documents; `open` comes first."""
        assert self._opened is not None
        return self._opened

    def write(self, rows: Rows) -> Written:
        """Send the rows' documents; what became of each is told by the part, a `Sent`."""
        engine, maker = self.opened
        writer = BulkWriter(engine, repair, self.deadline, self.requests)
        sent = writer.write(maker.make(rows, self.transports, datetime.now(UTC)))
        return Written([sent], sent.duplicates)

    def keep(self, kind: Kind, asides: Sequence[Aside], now: datetime) -> Sequence[Kept]:
        """Hand back the records that were set aside; what is no call at all was counted."""
        return [Kept(asides)] if asides and kind == "set_aside" else []

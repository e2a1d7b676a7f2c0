"""The sink of a function: what is not finished in time is kept for later, what cannot be indexed is buried, at once.

Nothing of either is held until the end, so memory is bounded whatever an object holds.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import msgspec

from features.call.address import parse_address
from features.normalise.normalised import OF_ADDRESS, OF_CALL, OF_CALLER
from pipeline.delivery.box import Box
from pipeline.delivery.dead_letter import DeadLetter, DeadLetterStore, bury
from pipeline.delivery.spill import record_of, write_spills
from pipeline.documents.caller import GeoInfo
from pipeline.documents.document import QUARANTINE, DocumentMaker, Naming, Transport, repair
from pipeline.documents.sink import DocumentSink, Kept
from pipeline.enrich.intel import Intel
from pipeline.errors import OddtrailError
from pipeline.ingest.rows import Rows
from pipeline.ingest.set_aside import Aside
from pipeline.ingest.sink import Kind, Written
from pipeline.search.bulk import BulkWriter, Document, Sent
from pipeline.search.deadline import Deadline
from pipeline.search.engine import Engine
from pipeline.search.url import EngineUrl

_ACCOUNT: Final = OF_CALL.index("account")
_REGION: Final = OF_CALL.index("region")
_OF_ADDRESS: Final = OF_CALLER.index(OF_ADDRESS)
_NOT_LET_IN: Final = ("401", "403")


class UnfinishedError(OddtrailError):
    """Something could not be finished, and has to come again."""


class MisconfiguredError(OddtrailError):
    """Nothing can be indexed until somebody mends a right or a template."""


@dataclass
class Tally:
    """What became of an invocation's records."""

    records: int = 0
    """Found, whatever became of them."""
    indexed: int = 0
    duplicates: int = 0
    repaired: int = 0
    quarantined: int = 0
    """Of the events, those whose time cannot be believed; they are indexed, but apart."""
    spilled: int = 0
    dead_lettered: int = 0
    bytes: int = 0
    other: Counter[str] = field(default_factory=Counter)
    """Records that are no event, and messages with nothing in them, by name."""
    refused: int = 0
    """Notifications that name what may not be read."""
    unknown: int = 0
    """Messages of no shape that is known."""
    gone: int = 0
    """Objects that were not there any more."""
    lag: dict[tuple[str, str], float] = field(default_factory=dict)
    """Seconds from the oldest event of an account and region until now."""
    events: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By account and region."""

    @property
    def progress(self) -> int:
        """What ended here."""
        return self.indexed + self.duplicates + self.dead_lettered + self.spilled


class _Maker(DocumentMaker):
    """Also counts what goes to quarantine, and adds what others know of the address."""

    quarantined = 0
    intel: Intel | None = None

    def make(self, rows: Rows, transports: Mapping[str, Transport], now: datetime) -> Iterator[Document]:
        addresses = (parts[_OF_ADDRESS] for parts in rows.made.callers)
        for document, address in zip(super().make(rows, transports, now), addresses, strict=True):
            self.quarantined += document.index_name.endswith(f"-{QUARANTINE}")
            yield document if self.intel is None else self._enriched(self.intel, document, address)

    def _enriched(self, intel: Intel, document: Document, address: tuple[str, ...]) -> Document:
        text, kind, _ = address
        ip = parse_address(text).ip if kind == "public" else ""
        told = intel.find(ip) if ip else None
        if told is None:
            return document
        indicator = {"ip": ip, "type": "ipv6-addr" if ":" in ip else "ipv4-addr", **told._asdict()}
        matched = {"field": "source.ip", "atomic": ip}
        threat = msgspec.json.encode({"enrichments": [{"indicator": indicator, "matched": matched}]})
        return document._replace(body=b'%b,"threat":%b}' % (document.body[:-1], threat))


class DoorSink(DocumentSink):
    """Sends documents, and keeps what does not get through.

    Parameters
    ----------
    url, naming, geo_info, requests
        See `DocumentSink`.
    letters
        For what cannot be indexed.
    spill
        For what is not finished in time; None where there is no such box.
    intel
        What others know of addresses; None asks nobody.
    """

    def __init__(
        self, url: EngineUrl, naming: Naming, letters: DeadLetterStore, spill: Box | None = None,
        geo_info: GeoInfo | None = None, requests: int = 4, intel: Intel | None = None,
    ) -> None:  # fmt: skip
        super().__init__(url, naming, geo_info, requests)
        self.letters, self.spill, self.intel = letters, spill, intel
        self.tally = Tally()
        self.may_spill = True
        """Whether what is left of the current message is spilled, though nothing of it has ended."""
        self.tries = 0
        """How often what comes now has been spilled already."""
        self.object = ""
        """The object that is worked on, as `s3://bucket/key`; a dead letter of all of it names it."""
        self._before = 0
        self._may_reconnect = True

    def start(self, deadline: Deadline) -> Tally:
        """Start an invocation; return what will be counted."""
        self.open()
        self.deadline, self.tally, self._may_reconnect = deadline, Tally(), True
        return self.tally

    def begin(self, *, durable: bool) -> None:
        """Begin a message; one that is durable where it came from is spilled only once part of it has ended."""
        self.may_spill, self._before, self.tries = not durable, self.tally.progress, 0

    @property
    def spills(self) -> Box | None:
        """The box for what is left now; None where it has to come again as it is."""
        return self.spill if self.may_spill or self.tally.progress > self._before else None

    def open(self) -> None:
        """Connect, once; a warm function stays connected."""
        if self._opened is None:
            maker = _Maker(self.naming, self.geo_info or (lambda address: None))
            maker.intel = self.intel
            self._opened = self._connect(), maker

    def _connect(self) -> Engine:
        return Engine(self.url, connections=self.requests)

    def write(self, rows: Rows) -> Written:
        """Send the rows' documents.

        Raises
        ------
        UnfinishedError
            Some are left, and have to come again with their message.
        MisconfiguredError
            The engine takes nothing.
        """
        assert self._opened is not None
        maker = self._opened[1]
        before = getattr(maker, "quarantined", 0)
        [sent] = super().write(rows).parts
        self.tally.quarantined += getattr(maker, "quarantined", 0) - before
        if sent.misconfigured and sent.problem.startswith(_NOT_LET_IN) and self._may_reconnect:
            sent = self._send_again(sent)
        self._count(sent, rows)
        self._bury([sent], datetime.now(UTC))
        if sent.misconfigured:
            raise MisconfiguredError(f"{self.url.origin} takes nothing: {sent.problem}")
        if sent.left:
            self._leave(sent)
        return Written([], sent.duplicates)

    def keep(self, kind: Kind, asides: Sequence[Aside], now: datetime) -> Sequence[Kept]:
        """Bury what could not be read; what is no event was counted."""
        if kind == "set_aside" and asides:
            self._bury([Kept(kind, [self._named(aside) for aside in asides])], now)
        return []

    def bury(self, letters: Sequence[DeadLetter]) -> None:
        """Keep dead letters, durably."""
        if letters:
            self.letters.put(letters)
            self.tally.dead_lettered += len(letters)

    def _send_again(self, sent: Sent) -> Sent:
        """Connect anew, once an invocation: a password was changed, or credentials ran out, since it is warm."""
        assert self._opened is not None
        engine, maker = self._opened
        engine.close()
        self._may_reconnect = False
        engine = self._connect()
        self._opened = engine, maker
        left, sent.left, sent.misconfigured, sent.problem = sent.left, [], False, ""
        sent.add(BulkWriter(engine, repair, self.deadline, self.requests).write(left))
        return sent

    def _bury(self, parts: Sequence[Sent | Kept], at: datetime) -> None:
        self.bury(bury(parts, at))

    def _named(self, aside: Aside) -> Aside:
        return aside._replace(origin=self.object) if aside.position == -1 and self.object else aside

    def _leave(self, sent: Sent) -> None:
        box = self.spills
        if box is None:
            raise UnfinishedError(f"{len(sent.left)} events are not indexed: {sent.problem}")
        box.put(list(write_spills(map(record_of, sent.left), self.tries + 1)))
        self.tally.spilled += len(sent.left)

    def _count(self, sent: Sent, rows: Rows) -> None:
        tally, now = self.tally, datetime.now(UTC).timestamp()
        tally.indexed += sent.indexed
        tally.duplicates += sent.duplicates
        tally.repaired += sent.repaired
        tally.bytes += sent.bytes
        for call, time in zip(rows.made.calls, rows.made.own["event_time"], strict=True):
            where = call[_ACCOUNT], call[_REGION]
            tally.events[where] += 1
            tally.lag[where] = max(now - time / 1e6, tally.lag.get(where, 0.0))

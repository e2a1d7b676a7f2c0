"""The sink of a function: what is not finished in time is kept for later, what cannot be indexed is buried, at once.

Nothing of either is held until the end, so memory is bounded whatever an object holds.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import itemgetter
from typing import Final

import msgspec

from features.call.address import parse_address
from features.normalise.normalised import OF_ADDRESS, OF_CALL, OF_CALLER
from pipeline.delivery.box import Box
from pipeline.delivery.dead_letter import DeadLetter, DeadLetterStore, bury
from pipeline.delivery.spill import record_of, write_spills
from pipeline.documents.caller import GeoInfo
from pipeline.documents.document import DocumentMaker, Naming, Transport, is_quarantine, repair
from pipeline.documents.setup import SetupError, require_template
from pipeline.documents.sink import DocumentSink, Kept, UnfinishedError
from pipeline.enrich.intel import Intel
from pipeline.errors import OddtrailError
from pipeline.ingest.rows import Rows
from pipeline.ingest.set_aside import Aside
from pipeline.ingest.sink import Kind, Written
from pipeline.search.bulk import BulkWriter, Document, Sent
from pipeline.search.deadline import Deadline
from pipeline.search.engine import Engine, UnreachableError
from pipeline.search.url import EngineUrl
from pipeline.text.plural import agree, plural

_place_of = itemgetter(OF_CALL.index("account"), OF_CALL.index("region"))
_NEVER: Final = 1 << 63
_OF_ADDRESS: Final = OF_CALLER.index(OF_ADDRESS)
_NOT_LET_IN: Final = ("401", "403")


class MisconfiguredError(OddtrailError):
    """Nothing can be indexed until somebody mends a right or a template."""


@dataclass
class Tally:
    """What became of an invocation's records.

    Records = indexed + duplicates + dead-lettered + in a whole + spilled + other. A message that is refused is
    dead-lettered too, and no record.
    """

    records: int = 0
    """Found, whatever became of them."""
    indexed: int = 0
    duplicates: int = 0
    repaired: int = 0
    quarantined: int = 0
    """Of those indexed, the ones whose time cannot be believed; they are apart."""
    spilled: int = 0
    dead_lettered: int = 0
    in_whole: int = 0
    """Bad records of which so many came together that they are kept as one dead letter: of their object or message."""
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
    """Seconds from the oldest event of an account and region until it was in the index, or handed over."""
    events: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By account and region."""

    @property
    def progress(self) -> int:
        """What ended here."""
        return self.indexed + self.duplicates + self.dead_lettered + self.spilled


class _Maker(DocumentMaker):
    """Also adds what others know of the address."""

    def __init__(self, naming: Naming, geo_info: GeoInfo, intel: Intel) -> None:
        super().__init__(naming, geo_info)
        self._intel = intel

    def make(self, rows: Rows, transports: Mapping[str, Transport], now: datetime) -> Iterator[Document]:
        addresses = (parts[_OF_ADDRESS] for parts in rows.made.callers)
        return map(self._add, super().make(rows, transports, now), addresses)

    def _add(self, document: Document, address: tuple[str, ...]) -> Document:
        text, kind, _ = address
        ip = parse_address(text).ip if kind == "public" else ""
        told = self._intel.find(ip) if ip else None
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
    writes_texts
        See `DocumentMaker`; where the engine's template needs it, it is done whatever is said here.
    """

    def __init__(
        self, url: EngineUrl, naming: Naming, letters: DeadLetterStore, spill: Box | None = None,
        geo_info: GeoInfo | None = None, requests: int = 4, intel: Intel | None = None, *, writes_texts: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(url, naming, geo_info, requests, writes_texts=writes_texts)
        self.letters, self.spill, self.intel = letters, spill, intel
        self.tally = Tally()
        self.may_spill = True
        """Whether what is left of the current message is spilled, though nothing of it has ended."""
        self.tries = 0
        """How often what comes now has been spilled already."""
        self._oldest: dict[tuple[str, str], int] = {}
        """Microseconds since 1970 of the oldest event under way, by account and region."""
        self._whole: tuple[str, bytes] | None = None
        """All of what is worked on, until a dead letter has it."""
        self._before = 0
        self._may_reconnect = True
        self._has_template = False
        self._writer: BulkWriter | None = None

    def start(self, deadline: Deadline) -> Tally:
        """Start an invocation; return what will be counted."""
        self.open()
        self.deadline, self.tally, self._may_reconnect = deadline, Tally(), True
        return self.tally

    def begin(self, *, durable: bool) -> None:
        """Begin a message; one that is durable where it came from is spilled only once part of it has ended."""
        self.may_spill, self._before, self.tries = not durable, self.tally.progress, 0

    def work_on(self, origin: str, raw: bytes = b"") -> None:
        """Begin an object or a message, of which one dead letter is made where not all of its bad records are kept.

        Parameters
        ----------
        origin
            Where it is, as `s3://bucket/key`; "" where its bytes are all there is.
        raw
            Those bytes.
        """
        self._whole = origin, raw

    @property
    def spills(self) -> Box | None:
        """The box for what is left now; None where it has to come again as it is."""
        return self.spill if self.may_spill or self.tally.progress > self._before else None

    def open(self) -> None:
        """Connect, once; a warm function stays connected."""
        if self._opened is None:
            infos = self.geo_info or (lambda address: None)
            maker = _Maker(self.naming, infos, self.intel) if self.intel else DocumentMaker(self.naming, infos)
            self._opened = self._connect(), maker

    def _connect(self) -> Engine:
        return Engine(self.url, connections=self.requests)

    def write(self, rows: Rows) -> Written:
        """Send the rows' documents; within `sending` the last of them may be under way still.

        Raises
        ------
        UnfinishedError
            Some are left, and have to come again with their message.
        MisconfiguredError
            The engine takes nothing.
        """
        self._require_template()
        self._count_events(rows)
        _, maker = self.opened
        documents = maker.make(rows, self.transports, datetime.now(UTC))
        if self._writer is None:
            try:
                return Written([], self._settle(self._make_writer().send(documents)).duplicates)
            finally:
                self._note_lag()
        return Written([], self._settle(self._writer.send_on(documents)).duplicates)

    @contextmanager
    def sending(self) -> Iterator[None]:
        """While rows are written one after the other: those before are under way while the next ones are made.

        At the end all have ended, or been handed over; the same is raised as by `write`.
        """
        self._writer = self._make_writer()
        try:
            yield
            self._settle(self._writer.finish())
        except BaseException:
            for sent in self._writer.stop():  # what is not finished comes again with its message
                self._count(sent)
            raise
        finally:
            self._writer = None
            self._note_lag()

    def _make_writer(self) -> BulkWriter:
        engine, _ = self.opened
        return BulkWriter(engine, repair, self.deadline, self.requests)

    def _settle(self, sending: Iterable[Sent]) -> Sent:
        """Count what was sent; bury or leave what did not get through."""
        done = Sent()
        try:
            for sent in sending:
                done.add(sent)
            if done.left or done.misconfigured:
                self._settle_trouble(done)
        finally:
            self._count(done)
        self.bury(bury([done], datetime.now(UTC)))
        if done.misconfigured:
            raise MisconfiguredError(f"{self.url.origin} takes nothing: {done.problem}")
        if done.left:
            self._leave(done)
        return done

    def _settle_trouble(self, done: Sent) -> None:
        """Add what is under way still, and send what is left again by a new connection where that may help."""
        for sent in self._writer.finish() if self._writer is not None else ():
            done.add(sent)
        if done.misconfigured and done.problem.startswith(_NOT_LET_IN) and self._may_reconnect:
            self._send_again(done)
        if self._writer is not None:
            self._writer = self._make_writer()

    def keep(self, kind: Kind, asides: Sequence[Aside], now: datetime) -> Sequence[Kept]:
        """Bury what could not be read, whoever counts it; what is no event was counted."""
        letters = bury(super().keep(kind, [aside for aside in asides if aside.is_whole], now), now)
        cut = next((aside for aside in asides if not aside.is_whole), None)
        if kind == "set_aside" and cut is not None and self._whole is not None:
            origin, raw = self._whole
            self._whole = None
            at = now.isoformat().replace("+00:00", "Z")
            letters.append(DeadLetter(cut.reason, at, origin or cut.origin, raw or cut.raw, cut=not raw))
        if letters:
            self.letters.put(letters)
        return []

    def bury(self, letters: Sequence[DeadLetter]) -> None:
        """Keep dead letters, durably."""
        if letters:
            self.letters.put(letters)
            self.tally.dead_lettered += len(letters)

    def _require_template(self) -> None:
        """Refuse to write where documents would not meet our template; ask until the engine has said that it is there.

        Raises
        ------
        MisconfiguredError
            It is not there.
        """
        if self._has_template:
            return
        engine, maker = self.opened
        try:
            maker.writes_texts = require_template(engine, self.naming) or self.writes_texts
        except UnreachableError:
            maker.writes_texts = True  # what is sent hardly gets through; if it does, it lacks nothing
            return
        except SetupError as error:
            engine.close()
            self._opened = None  # the next invocation connects anew: what lets us in may have changed
            raise MisconfiguredError(str(error)) from error
        self._has_template = True

    def _send_again(self, sent: Sent) -> None:
        """Connect anew, once an invocation: a password was changed, or credentials ran out, since it is warm."""
        engine, maker = self.opened
        engine.close()
        self._may_reconnect = False
        engine = self._connect()
        self._opened = engine, maker
        left, sent.left, sent.misconfigured, sent.problem = sent.left, [], False, ""
        sent.add(self._make_writer().write(left))

    def _leave(self, sent: Sent) -> None:
        box = self.spills
        if box is None:
            left = len(sent.left)
            raise UnfinishedError(f"{plural(left, 'event')} {agree(left)} not indexed: {sent.problem}")
        box.put(list(write_spills(map(record_of, sent.left), self.tries + 1)))
        self.tally.spilled += len(sent.left)

    def _count(self, sent: Sent) -> None:
        tally = self.tally
        tally.indexed += sent.indexed
        tally.duplicates += sent.duplicates
        tally.repaired += sent.repaired
        tally.bytes += sent.bytes
        tally.quarantined += sum(count for name, count in sent.by_index.items() if is_quarantine(name))

    def _count_events(self, rows: Rows) -> None:
        places, oldest = list(map(_place_of, rows.made.calls)), self._oldest
        self.tally.events.update(places)
        for where, time in zip(places, rows.made.own["event_time"], strict=True):
            if time < oldest.get(where, _NEVER):
                oldest[where] = time

    def _note_lag(self) -> None:
        """Note how old the oldest events are, now that what became of them is known."""
        lag, now = self.tally.lag, datetime.now(UTC).timestamp()
        for where, time in self._oldest.items():
            lag[where] = max(now - time / 1e6, lag.get(where, 0.0))
        self._oldest = {}

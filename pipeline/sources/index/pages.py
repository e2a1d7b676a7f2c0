"""A page of documents as sources for ingestion: a file a delivery, of the records as their documents hold them.

Records that are well-formed stand one after the other in a file. Any other text is a file of its own, for who knows
what ingestion finds in it: so none takes its neighbours with it.

What does not say when it was delivered counts as delivered some minutes after the call, but no later than it is read:
it has come, and what is here is judged at the next tick.
"""

import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, ClassVar, Final

import msgspec

from features.normalise.normalised import USUAL_DELAY
from features.record.container import is_record
from features.record.foreign import name_of_key
from features.record.repair import DECODE_ERRORS
from features.record.split import may_be_record
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.listing import Source
from pipeline.sources.index.ask import Hit
from pipeline.sources.index.indices import Index, Known
from pipeline.sources.index.progress import Stretch

OTHER_LOGS: Final = "log events of other log groups"
NO_RECORD: Final = "the document holds no record"
_FILE_BYTES: Final = 900 << 10
"""Of a file, so that ingestion hands it on without a copy on disk."""
_TOLD: Final = 100
"""Documents without a record that are set aside of a shard; the others are counted."""


class PageSource(Source):
    """Some records of a shard."""

    __slots__ = ("_content", "_place", "stretch")
    is_delivery: ClassVar[bool] = False
    stays: ClassVar[bool] = False
    is_text: ClassVar[bool] = True

    def __init__(
        self, stretch: Stretch, place: str, content: bytes, origin: str, delivery: Delivery, problem: str = ""
    ) -> None:
        super().__init__(Path(stretch.index.name), len(content), origin, delivery, named=True, problem=problem)
        self.stretch, self._place, self._content = stretch.add(), place, content

    @property
    def place(self) -> str:
        return self._place

    def open(self) -> BinaryIO:
        """Its bytes, which it holds no longer: sources live until they are settled."""
        content, self._content = self._content, b""
        return io.BytesIO(content)


class ShardPages:
    """Makes sources of the pages of one shard.

    Parameters
    ----------
    clock
        Tells when a page is read.
    """

    def __init__(self, index: Index, shard: int, known: Known, clock: Callable[[], datetime]) -> None:
        self._index, self._shard, self._known, self._clock = index, shard, known, clock
        self._log_groups = set(known.log_groups)
        self.passed_over: Counter[str] = Counter()
        """Documents that are none of CloudTrail's, by name."""
        self.without_record = 0
        """Documents in which there is none."""

    def sources(self, hits: Sequence[Hit], stretch: Stretch) -> Iterator[Source]:
        """The records of some documents."""
        groups: dict[tuple[str, Delivery], list[bytes]] = {}
        alone: list[tuple[int, bytes, str, Delivery]] = []
        doubtful: list[tuple[int, bytes, str, Delivery, str]] = []
        untold = _Untold(self._clock())
        for hit in hits:
            taken = self._known.take(hit.source, self._index.name)
            if taken is None:
                self.without_record += 1
                if self.without_record <= _TOLD:
                    yield self._without_record(hit, stretch)
                continue
            origin = self._index.name if name_of_key(taken.origin) else taken.origin
            for text in taken.texts:
                if is_record(text) and _is_text(text):
                    groups.setdefault((origin, untold.complete(taken.delivery, text)), []).append(text.strip())
                    self._log_groups.add(taken.log_group)
                elif not taken.log_group or may_be_record(text):
                    alone.append((hit.seq, text, origin, taken.delivery))
                else:
                    doubtful.append((hit.seq, text, origin, taken.delivery, taken.log_group))
        for *one, group in doubtful:
            if group in self._log_groups:
                alone.append((*one,))  # type: ignore[arg-type]
            else:
                self.passed_over[OTHER_LOGS] += 1
        for (origin, delivery), texts in groups.items():
            for some in _cut(texts):
                yield PageSource(stretch, self._place(hits[0].seq), _join(some), origin, delivery)
        for seq, text, origin, delivery in alone:
            yield PageSource(stretch, self._place(seq), text, origin, delivery)

    def _without_record(self, hit: Hit, stretch: Stretch) -> Source:
        origin = f"{self._index.name}/{hit.id[:600]}"
        return PageSource(stretch, self._place(hit.seq), b"", origin, Delivery(), NO_RECORD)

    def _place(self, seq: int) -> str:
        return f"{self._index.uuid}/{self._shard}/{seq}"


class _Called(msgspec.Struct):
    """When a call was made, as its record says."""

    eventTime: str = ""  # noqa: N815


class _Untold:
    """What is known of deliveries that nobody tells of."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._first, self._last = (_write(at) for at in (now - timedelta(microseconds=USUAL_DELAY), now))
        self._decode = msgspec.json.Decoder(_Called).decode

    def complete(self, delivery: Delivery, text: bytes) -> Delivery:
        """The delivery of a record; where it says no time, and the usual delay has not passed since the call, now."""
        if delivery.at is not None:
            return delivery
        try:
            called = self._decode(text).eventTime
        except DECODE_ERRORS:
            return delivery
        return delivery._replace(at=self._now) if self._first < called <= self._last else delivery


def _write(at: datetime) -> str:
    """As records write a time, which then sorts as text."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _cut(texts: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """The same, so many at a time as make a file."""
    start = size = 0
    for at, text in enumerate(texts):
        size += len(text)
        if size >= _FILE_BYTES:
            yield texts[start : at + 1]
            start, size = at + 1, 0
    if start < len(texts):
        yield texts[start:]


def _join(texts: Sequence[bytes]) -> bytes:
    return b'{"Records":[%b]}' % b",".join(texts)


def _is_text(text: bytes) -> bool:
    """Whether it is UTF-8: half a character would have the whole file looked at byte by byte."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True

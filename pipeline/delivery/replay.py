"""Dead letters sent once more, through the same code; those that get into the index are forgotten."""

import time
from collections import ChainMap
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final

import msgspec

from features.record.foreign import NAMES as FOREIGN
from features.record.repair import DECODE_ERRORS
from pipeline.delivery.dead_letter import DeadLetter, DeadLetterStore
from pipeline.delivery.gathered import NO_PATH, of_spill
from pipeline.delivery.spill import MARK, SPILLED, read_spill
from pipeline.delivery.target import Delivered, IndexSink, Tally
from pipeline.documents.document import Transport
from pipeline.enrich.networks import NO_NETWORKS
from pipeline.enrich.places import NameOf, PlaceOf
from pipeline.ingest.delivery import read_delivery
from pipeline.ingest.log_file import LogFile
from pipeline.ingest.sink import FileDone
from pipeline.ingest.work import Engine, make_engine

_MOST: Final = 500
_MOST_BYTES: Final = 8 << 20
"""Letters that are sent together."""
_FORGET_EVERY: Final = 30.0
"""Seconds after which those that got through are removed; a queue shows them again in two minutes."""


@dataclass
class Replayed:
    """What became of the letters: letters = gone + stayed."""

    letters: int = 0
    gone: int = 0
    """Of which every event is in the index."""
    stayed: int = 0
    """Of which a record cannot be read or was refused again, or in which no event is."""
    tally: Tally = field(default_factory=Tally)
    """Of their records; nothing in it is a new letter."""


def replay(
    letters: DeadLetterStore, sink: IndexSink, now: datetime, geo: PlaceOf | None = None, networks: NameOf = NO_NETWORKS
) -> Replayed:
    """Send every letter, and forget those that got through.

    Parameters
    ----------
    now
        The time by which an event's time is in the future.
    geo, networks
        Where addresses lie, and names of own networks.

    Raises
    ------
    UnfinishedError
        The engine took no more; what had got through until then is forgotten all the same.
    """
    engine, done = make_engine(sink, geo, networks), Replayed()
    gone: list[str] = []
    since = time.monotonic()
    try:
        for some in _batches(letters.read()):
            through = _send(engine, sink, some, now, done)
            gone += through
            done.letters += len(some)
            done.gone += len(through)
            done.stayed += len(some) - len(through)
            if time.monotonic() - since > _FORGET_EVERY:
                through, gone, since = gone, [], time.monotonic()
                letters.remove(through)  # where that fails, they come again and are duplicates
    finally:
        try:
            letters.remove(gone)
        finally:
            letters.release()
    return done


def _send(
    engine: Engine, sink: IndexSink, some: list[tuple[str, DeadLetter]], now: datetime, done: Replayed
) -> list[str]:
    """Send some letters; return the names of those of which nothing is left; one without bytes tells of a file.

    Of one that is cut there is more where it came from, so it stays, whatever becomes of its beginning.
    """
    files: dict[str, LogFile] = {}
    parts: dict[str, list[str]] = {}
    sink.transports = {}
    for name, letter in some:
        made, transports = _open(letter)
        files |= {file.digest: file for file in made}
        sink.transports |= transports
        parts[name] = [file.digest for file in made]
    work = engine.work(list(files.values()), now)
    delivered = [part for part in work.batch.parts if isinstance(part, Delivered)]
    for part in delivered:
        done.tally.add(part.sent)
    refused = frozenset[str]().union(*(part.files for part in delivered))
    through = {file.digest for file in work.batch.files if _is_through(file) and file.digest[:16] not in refused}
    cut = {name for name, letter in some if letter.cut}
    return [name for name, digests in parts.items() if name not in cut and digests and through.issuperset(digests)]


def _is_through(file: FileDone) -> bool:
    """Whether events were in a letter and nothing else: what only tells where events lie is not in the index."""
    return file.records > sum(file.other.values()) and not file.set_aside and not FOREIGN & file.other.keys()


def _open(letter: DeadLetter) -> tuple[list[LogFile], dict[str, Transport]]:
    """What a letter holds, as files; of what a function could not finish and a queue gave up, the records in it."""
    if not letter.raw:
        return [], {}
    try:
        fields = msgspec.json.decode(letter.raw)
        if isinstance(fields, dict) and fields.get(MARK) == SPILLED:
            slices = list(of_spill(read_spill(letter.raw)[0]))
            return [file for each in slices for file in each.files], dict(
                ChainMap(*(each.transports for each in slices))
            )
    except DECODE_ERRORS:
        pass
    digest = sha256(letter.raw).hexdigest()
    return [LogFile(NO_PATH, digest, letter.origin, read_delivery(letter.origin), letter.raw)], {}


def _batches(letters: Iterator[tuple[str, DeadLetter]]) -> Iterator[list[tuple[str, DeadLetter]]]:
    held: list[tuple[str, DeadLetter]] = []
    size = 0
    for name, letter in letters:
        held.append((name, letter))
        size += len(letter.raw)
        if len(held) >= _MOST or size >= _MOST_BYTES:
            yield held
            held, size = [], 0
    if held:
        yield held

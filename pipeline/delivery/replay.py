"""Dead letters sent once more, through the same code; those that get into the index are forgotten."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from pipeline.delivery.dead_letter import DeadLetter, DeadLetterStore
from pipeline.delivery.target import Delivered, IndexSink, Tally
from pipeline.enrich.networks import NO_NETWORKS
from pipeline.enrich.places import NameOf, PlaceOf
from pipeline.ingest.delivery import read_delivery
from pipeline.ingest.work import Engine, LogFile, make_engine

_MOST: Final = 500
_MOST_BYTES: Final = 8 << 20
"""Letters that are sent together."""


@dataclass
class Replayed:
    """What became of the letters: letters = gone + stayed."""

    letters: int = 0
    gone: int = 0
    """Of which every record is in the index, or is no event."""
    stayed: int = 0
    """Of which a record cannot be read or was refused again."""
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
    try:
        for some in _batches(letters.read()):
            through = _send(engine, some, now, done)
            gone += through
            done.letters += len(some)
            done.gone += len(through)
            done.stayed += len(some) - len(through)
    finally:
        letters.remove(gone)
    return done


def _send(engine: Engine, some: list[tuple[str, DeadLetter]], now: datetime, done: Replayed) -> list[str]:
    """Send some letters; return the names of those of which nothing is left.

    Of one that is cut there is more where it came from, so it stays, whatever becomes of its beginning.
    """
    digests = {name: sha256(letter.raw).hexdigest() for name, letter in some}
    files = [
        LogFile(Path(letter.origin), digests[name], letter.origin, read_delivery(letter.origin), letter.raw)
        for name, letter in some
    ]
    work = engine.work(files, now)
    delivered = [part for part in work.batch.parts if isinstance(part, Delivered)]
    for part in delivered:
        done.tally.add(part.sent)
    refused = frozenset[str]().union(*(part.files for part in delivered))
    through = {
        file.digest
        for file in work.batch.files
        if file.records and not file.set_aside and file.digest[:16] not in refused
    }
    return [name for name, letter in some if letter.raw and not letter.cut and digests[name] in through]


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

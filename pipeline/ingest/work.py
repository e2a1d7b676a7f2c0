"""Turn some delivered files into a batch of segments; runs in a worker process or in ours."""

import gc
import io
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from features.normalise import Normaliser
from features.rows import OF_ROW, Normalised
from pipeline.enrich.networks import NO_NETWORKS
from pipeline.ingest.columns import NameOf, PlaceOf, Places, Rows
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.envelope import Record, chunks
from pipeline.ingest.inflate import LIMITS, Limits, Reading, blocks
from pipeline.ingest.set_aside import Aside, aside, write_asides
from pipeline.stores.manifest import FileDone
from pipeline.stores.protocols import Batch
from pipeline.stores.segments import write_events

_ROWS = 24_576
"""Rows that are held as Python values before they become a segment; more only touch fresh memory."""
_BYTES = 32 << 20
"""The same in bytes of raw records."""
_PASS = 8_192
"""Records that are handed to the normaliser at a time."""


_FLAGS, _POSITION = OF_ROW.index("flags"), OF_ROW.index("position")


class Given(NamedTuple):
    """A file to work on."""

    path: Path
    digest: str
    """SHA-256 of its content."""
    origin: str
    delivery: Delivery
    content: bytes | None
    """The whole file, when it is small."""
    problem: str = ""
    """Why it cannot be read, where that is known already."""


@dataclass
class Work:
    """What came of some files."""

    batch: Batch = field(default_factory=Batch)
    records: int = 0
    rows: int = 0
    """Records that became events, duplicates included."""
    duplicates: int = 0
    """Of these, the ones that were seen to be duplicates already."""
    set_aside: int = 0
    other: Counter[str] = field(default_factory=Counter)
    repaired: int = 0
    memo_hits: int = 0
    memo_misses: int = 0


class Engine:
    """Everything a worker needs for as long as it lives."""

    def __init__(
        self,
        normaliser: Normaliser,
        staging: Path,
        now: datetime,
        geo: PlaceOf | None = None,
        networks: NameOf = NO_NETWORKS,
        limits: Limits = LIMITS,
    ) -> None:
        self.normaliser = normaliser
        self.staging = staging
        self.now = now
        self.places = Places(geo, networks)
        self.limits = limits

    def work(self, files: Sequence[Given]) -> Work:
        """Read, normalise and enrich the files; their segments are below the staging folder afterwards.

        The collector of cycles rests meanwhile: rows hold none, and it would visit each of them again and again.
        """
        collecting = gc.isenabled()
        gc.disable()
        try:
            return _Run(self).over(files)
        finally:
            if collecting:
                gc.enable()


class _Run:
    """One call of `Engine.work`: the rows not yet written, and what has been."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.done = Work()
        self.rows = Rows()
        self.now = engine.now.isoformat()
        self.other: Counter[str] = Counter()
        """Of the file at hand."""
        self.asides: list[Aside] = []
        self.others: list[Aside] = []

    def over(self, files: Sequence[Given]) -> Work:
        """Work on the files one by one."""
        hits, misses = self.engine.normaliser.memo_counts
        for given in files:
            self._file(given)
        self._flush()
        hits_now, misses_now = self.engine.normaliser.memo_counts
        self.done.memo_hits, self.done.memo_misses = hits_now - hits, misses_now - misses
        engine = self.engine
        for kind, rows in (("set_aside", self.asides), ("other", self.others)):
            self.done.batch.segments += write_asides(kind, rows, engine.staging, engine.now)
        return self.done

    def _file(self, given: Given) -> None:
        done, at, reading = self.done, given.delivery.at, Reading()
        records, set_aside, repaired = done.records, done.set_aside, done.repaired
        self.other = Counter()
        problem = given.problem
        if not problem:
            problem = self._read(given, reading) or reading.problem
        if problem:
            self._set_aside(given, -1, problem, reading.head)
        done.other.update(self.other)
        done.batch.files.append(
            FileDone(
                given.digest,
                given.origin,
                self.now,
                at.isoformat() if at else None,
                done.records - records,
                done.set_aside - set_aside,
                json.dumps(self.other, sort_keys=True) if self.other else "{}",
                done.repaired - repaired,
            )
        )

    def _read(self, given: Given, reading: Reading) -> str:
        """Take in a file's records; why it could not be opened, or nothing. What goes wrong in writing is raised."""
        position, limits = 0, self.engine.limits
        try:
            opened = io.BytesIO(given.content) if given.content is not None else given.path.open("rb")
        except OSError as error:
            return f"file cannot be read: {error.strerror or error}"
        with opened as file:
            for chunk in chunks(blocks(file, reading, limits), reading, limits):
                for start in range(0, len(chunk.records), _PASS):
                    position = self._records(given, position, chunk.records[start : start + _PASS])
                for reason, piece in chunk.broken:
                    self._set_aside(given, position, reason, piece)
                    position += 1
                for name, count in chunk.other.items():
                    self.done.records += count
                    self.other[name] += count
        return ""

    def _records(self, given: Given, position: int, records: Sequence[Record]) -> int:
        """Take some records of a file in; return the position of the one after them."""
        normalised = self.engine.normaliser.normalise(records, delivered_at=given.delivery.at, now=self.engine.now)
        self.done.records += len(records)
        self.done.rows += self.rows.add(normalised, given.digest[:16], given.origin, position)
        self.done.repaired += sum("repaired" in row[_FLAGS] for row in normalised.groups[-1].rows if row[_FLAGS])
        for kept in normalised.set_aside:
            self.done.set_aside += 1
            self.asides.append(self._aside(given, position + kept.position, kept.reason, kept.raw))
        if normalised.other:
            self._others(given, position, records, normalised)
        if len(self.rows) >= _ROWS or self.rows.bytes >= _BYTES:
            self._flush()
        return position + len(records)

    def _others(self, given: Given, position: int, records: Sequence[Record], normalised: Normalised) -> None:
        taken = {row[_POSITION] for row in normalised.groups[-1].rows}
        taken.update(kept.position for kept in normalised.set_aside)
        self.other.update(normalised.other)
        for at, raw in enumerate(records):
            if at not in taken:
                named = normalised.other
                if len(named) > 1:
                    named = self.engine.normaliser.normalise([raw], delivered_at=None, now=self.engine.now).other
                self.others.append(self._aside(given, position + at, next(iter(named)), raw))

    def _set_aside(self, given: Given, position: int, reason: str, raw: bytes) -> None:
        self.done.records += 1
        self.done.set_aside += 1
        self.asides.append(self._aside(given, position, reason, raw))

    def _aside(self, given: Given, position: int, reason: str, raw: Any) -> Aside:
        return aside(
            raw,
            file=given.digest[:16],
            origin=given.origin,
            position=position,
            reason=reason,
            account=given.delivery.account,
            delivered_at=given.delivery.at,
        )

    def _flush(self) -> None:
        if not len(self.rows):
            return
        table = self.rows.table(self.engine.places)
        self.rows = Rows()
        segments, duplicates = write_events(table, self.engine.staging)
        self.done.batch.segments += segments
        self.done.duplicates += duplicates

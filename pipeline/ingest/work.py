"""Turn some delivered files into a batch of segments; runs in a worker process or in ours."""

import gc
import io
import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from features.normalise.normalised import Normalised
from features.normalise.normaliser import Normaliser
from pipeline.enrich.networks import NO_NETWORKS
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.envelope import Record, chunks
from pipeline.ingest.inflate import LIMITS, Limits, Reading, blocks
from pipeline.ingest.set_aside import Aside, aside, write_asides
from pipeline.stores.parquet.columns import NameOf, PlaceOf, Places, Span, arranged
from pipeline.stores.parquet.manifest import FileDone
from pipeline.stores.parquet.segments import write_arranged
from pipeline.stores.protocols import Batch

_ROWS = 40_960
"""Records that become segments together: more than most tasks hold, so that most leave no small rest."""
_BYTES = 56 << 20
"""The same in bytes."""
_COLLECT_EVERY = 32
"""Calls of `Engine.work` after which cycles are collected; the collector rests meanwhile."""


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
        self._works = 0

    def work(self, files: Sequence[Given]) -> Work:
        """Read, normalise and enrich the files; their segments are below the staging folder afterwards."""
        self._works += 1
        if self._works % _COLLECT_EVERY == 0:
            gc.collect()
        return _Run(self).over(files)


@dataclass
class _File:
    """A file and what came of it so far."""

    given: Given
    records: int = 0
    set_aside: int = 0
    repaired: int = 0
    other: Counter[str] = field(default_factory=Counter)


class _Run:
    """One call of `Engine.work`: records not yet normalised, rows not yet written, and what has been."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.done = Work()
        self.files: list[_File] = []
        self.raws: list[Record] = []
        self.spans: list[tuple[_File, Span]] = []
        """Of which files the records are."""
        self.bytes = 0
        """Inflated bytes of what is held."""
        self.asides: list[Aside] = []
        self.others: list[Aside] = []

    def over(self, files: Sequence[Given]) -> Work:
        """Work on the files one by one."""
        engine, done = self.engine, self.done
        hits, misses = engine.normaliser.memo_counts
        for given in files:
            self._file(given)
        self._flush()
        hits_now, misses_now = engine.normaliser.memo_counts
        done.memo_hits, done.memo_misses = hits_now - hits, misses_now - misses
        now = engine.now.isoformat()
        for file in self.files:
            done.batch.files.append(_done(file, now))
            done.records += file.records
            done.set_aside += file.set_aside
            done.repaired += file.repaired
            done.other += file.other
        for kind, rows in (("set_aside", self.asides), ("other", self.others)):
            done.batch.segments += write_asides(kind, rows, engine.staging, engine.now)
        return done

    def _file(self, given: Given) -> None:
        file, reading = _File(given), Reading()
        self.files.append(file)
        problem = given.problem or self._read(file, reading) or reading.problem
        if problem:
            self._set_aside(file, -1, problem, reading.head)

    def _read(self, file: _File, reading: Reading) -> str:
        """Take in a file's records; why it could not be opened, or nothing. What goes wrong in writing is raised."""
        given, position, limits, size = file.given, 0, self.engine.limits, 0
        try:
            opened = io.BytesIO(given.content) if given.content is not None else given.path.open("rb")
        except OSError as error:
            return f"file cannot be read: {error.strerror or error}"
        with opened as stream:
            for chunk in chunks(blocks(stream, reading, limits), reading, limits):
                self.bytes += reading.size - size
                size = reading.size
                position = self._hold(file, position, chunk.records)
                for reason, piece in chunk.broken:
                    self._set_aside(file, position, reason, piece)
                    position += 1
                for name, count in chunk.other.items():
                    file.records += count
                    file.other[name] += count
        return ""

    def _hold(self, file: _File, position: int, records: Sequence[Record]) -> int:
        """Take some records of a file in; return the position of the one after them."""
        given = file.given
        for start in range(0, len(records), _ROWS):
            some = records[start : start + _ROWS]
            span = Span(given.digest[:16], given.origin, position + start, given.delivery.at, len(self.raws))
            self.spans.append((file, span))
            self.raws += some
            if len(self.raws) >= _ROWS or self.bytes >= _BYTES:
                self._flush()
        file.records += len(records)
        return position + len(records)

    def _flush(self) -> None:
        """Make segments of the records that are held."""
        raws, held, self.raws, self.spans, self.bytes = self.raws, self.spans, [], [], 0
        if not raws:
            return
        made = self.engine.normaliser.normalise(raws, delivered_at=None, now=self.engine.now)
        self._note(made, raws, held)
        self.done.rows += len(made)
        if len(made):
            table, arrangement = arranged(made, [span for _, span in held], self.engine.places)
            del made, raws
            self.done.batch.segments += write_arranged(table, arrangement.parts, self.engine.staging)
            self.done.duplicates += arrangement.duplicates

    def _note(self, made: Normalised, raws: Sequence[Record], held: Sequence[tuple[_File, Span]]) -> None:
        """Count, by file, what was repaired, set aside or is no call."""
        starts = [span.start for _, span in held]
        for row, (flags,) in made.rare_rows("flags").items():
            if "repaired" in flags:
                _of(held, starts, made.own["position"][row])[0].repaired += 1
        for at, reason, raw in made.set_aside:
            file, position = _of(held, starts, at)
            file.set_aside += 1
            self.asides.append(_aside(file.given, position, reason, raw))
        for at, name in made.others:
            file, position = _of(held, starts, at)
            file.other[name] += 1
            self.others.append(_aside(file.given, position, name, raws[at]))

    def _set_aside(self, file: _File, position: int, reason: str, raw: bytes) -> None:
        file.records += 1
        file.set_aside += 1
        self.asides.append(_aside(file.given, position, reason, raw))


def _of(held: Sequence[tuple[_File, Span]], starts: Sequence[int], at: int) -> tuple[_File, int]:
    """File of a record that was held, and its position in the file."""
    file, span = held[bisect_right(starts, at) - 1]
    return file, span.position + at - span.start


def _aside(given: Given, position: int, reason: str, raw: Any) -> Aside:
    return aside(
        raw,
        file=given.digest[:16],
        origin=given.origin,
        position=position,
        reason=reason,
        account=given.delivery.account,
        delivered_at=given.delivery.at,
    )


def _done(file: _File, now: str) -> FileDone:
    given, at = file.given, file.given.delivery.at
    return FileDone(
        given.digest,
        given.origin,
        now,
        at.isoformat() if at else None,
        file.records,
        file.set_aside,
        json.dumps(file.other, sort_keys=True) if file.other else "{}",
        file.repaired,
    )

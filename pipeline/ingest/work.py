"""Turn some delivered files into parts of a batch; runs in a worker process or in ours, or in whatever gets files."""

import gc
import hashlib
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from features.call.action import ActionCatalogue
from features.call.verified import NONE_VERIFIED, VerifiedNames
from features.normalise.normalised import Normalised
from features.normalise.normaliser import Normaliser
from features.record.container import Record, is_record
from features.record.foreign import DIGESTS
from features.record.split import may_be_record
from pipeline.datafiles import read_attack_priors, read_iam_actions
from pipeline.enrich.networks import NO_NETWORKS
from pipeline.enrich.places import NameOf, PlaceOf, Places
from pipeline.ingest.asides import Asides
from pipeline.ingest.digests_taken import DigestsTaken
from pipeline.ingest.inflate import LIMITS, Limits, Reading
from pipeline.ingest.log_file import LogFile
from pipeline.ingest.parts import Part, parts
from pipeline.ingest.rows import Rows, Span
from pipeline.ingest.sink import Batch, Sink
from pipeline.ingest.tables import NO_LOG
from pipeline.ingest.tally import Held, Tally

_ROWS = 40_960
"""Records that are written together: more than most tasks hold, so that most leave no small rest."""
_BYTES = 56 << 20
"""The same in bytes."""
_MANY = 256
"""Records that come together from which on they are asked whether one of them is CloudTrail's at all."""
_LOOKED_AT = 64
"""Of so many first."""
_SHOWN = 16
"""Of those of which none is, so many are set aside one by one; the others are one piece."""
_UNTIL = 64 << 20
"""Bytes out after which a file in which there was nothing yet is left."""
_MOST_ASIDE = 500
"""Records of a file that are kept when they are set aside; of more, it is kept how many they were."""
_COLLECT_EVERY = 32
"""Calls of `Engine.work` after which cycles are collected; the collector rests meanwhile."""


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
    kept: int = 0
    """Of these, the ones that are kept, if only their beginning."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Why they were."""
    other: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)
    """Files that hold nothing but something else than CloudTrail, by its name."""
    not_logs: int = 0
    """Files of archives that are no logs at all."""
    repaired: int = 0
    memo_hits: int = 0
    memo_misses: int = 0


class Engine:
    """Everything a process needs to work on files, for as long as it lives."""

    def __init__(self, normaliser: Normaliser, sink: Sink, places: Places, limits: Limits = LIMITS) -> None:
        self.normaliser = normaliser
        self.sink = sink
        self.places = places
        self.limits = limits
        self.held_rows, self.held_bytes = _ROWS, _BYTES
        """Records, and their bytes, that are written together."""
        self._works = 0

    def work(self, files: Sequence[LogFile], now: datetime) -> Work:
        """Read, normalise and enrich the files, and have the sink write what comes of them.

        Parameters
        ----------
        files
            None of which the target has taken in.
        now
            The time by which an event's time is in the future.
        """
        self._works += 1
        if self._works % _COLLECT_EVERY == 0:
            gc.collect()
        return _Intake(self, now).take(files)


def make_engine(
    sink: Sink,
    geo: PlaceOf | None = None,
    networks: NameOf = NO_NETWORKS,
    verified: VerifiedNames = NONE_VERIFIED,
) -> Engine:
    """Make an engine with the catalogue of actions that ships with the package, and its sink ready to write."""
    sink.open()
    catalogue = ActionCatalogue(read_iam_actions(), read_attack_priors())
    return Engine(Normaliser(catalogue, verified), sink, Places(geo, networks))


class _Intake:
    """One call of `Engine.work`: records not yet normalised, rows not yet written, and what has been."""

    def __init__(self, engine: Engine, now: datetime) -> None:
        self.engine = engine
        self.now = now
        self.done = Work()
        self.tallies: list[Tally] = []
        self.inner: list[tuple[Tally, Tally]] = []
        """Files in archives, each with its archive."""
        self.raws: list[Record] = []
        self.spans: list[tuple[Tally, Span]] = []
        """Of which files the records are."""
        self.bytes = 0
        """Inflated bytes of what is held."""
        self.asides = Asides(engine.sink, self.done.batch, now)
        self.digests = DigestsTaken(self.done.batch, engine.limits)

    def take(self, files: Sequence[LogFile]) -> Work:
        """Work on the files one by one."""
        engine, done = self.engine, self.done
        hits, misses = engine.normaliser.memo_counts
        for file in files:
            self._take(file)
        self._flush()
        hits_now, misses_now = engine.normaliser.memo_counts
        done.memo_hits, done.memo_misses = hits_now - hits, misses_now - misses
        for tally in (*self.tallies, *(part for _, part in self.inner)):
            if rest := tally.tell_rest():
                self.asides.put_note(tally.file, rest)
        for whole, part in self.inner:
            whole.add(part)
        for tally in self.tallies:
            done.batch.files.append(tally.done())
            done.records += tally.records
            done.set_aside += tally.set_aside
            done.kept += tally.kept
            done.repaired += tally.repaired
            done.other += tally.other
        self.asides.hand_over()
        return done

    def _take(self, file: LogFile) -> None:
        tally = Tally(file)
        reading = Reading(hashing=hashlib.sha256() if file.hashes else None, hashes_members=file.named)
        self.tallies.append(tally)
        if file.is_digest:
            self.done.passed_over[DIGESTS] += 1
            self.digests.take(file)
            return
        if file.problem:
            tally.note(reading)
        problem = file.problem or self._read(tally, reading)
        if problem:
            self._set_aside(tally, -1, problem, reading.head)

    def _read(self, whole: Tally, reading: Reading) -> str:
        """Take in a file's records; why it could not be opened, or nothing. What goes wrong in writing is raised."""
        file = whole.file
        try:
            opened = io.BytesIO(file.content) if file.content is not None else file.path.open("rb")
        except OSError as error:
            reading.unreadable = f"file cannot be read: {error.strerror or error}"
            whole.note(reading)
            return reading.unreadable
        with opened as stream:
            for part in parts(stream, reading, self.engine.limits):
                if part.foreign:
                    self.done.passed_over[part.foreign] += 1
                    if part.foreign == DIGESTS and file.named:
                        self.digests.take_inside(file, part)
                    continue
                tally = whole if not part.name else self._inside(whole, part.name)
                problem = self._read_part(tally, part) or part.reading.problem
                if problem:
                    self._set_aside(tally, -1, problem, part.reading.head)
                whole.position = tally.position
                tally.note(part.reading)
                self._pass_over(tally)
        return ""

    def _inside(self, whole: Tally, name: str) -> Tally:
        """A tally of a file in an archive."""
        tally = Tally(whole.file.inside(name), position=whole.position)
        self.inner.append((whole, tally))
        return tally

    def _pass_over(self, tally: Tally) -> None:
        """Count a file that holds nothing of CloudTrail's as one, and not what is in it."""
        name = tally.foreign()
        if name == NO_LOG:
            self.done.not_logs += 1
        elif name:
            self.done.passed_over[name] += 1
        if name:
            tally.records, tally.other = 0, Counter()

    def _read_part(self, tally: Tally, part: Part) -> str:
        """Take in what a file, or one in an archive, holds; why the rest of it was not read, or nothing."""
        size, reading = 0, part.reading
        for chunk in part.contents:
            self.bytes += reading.size - size
            size = reading.size
            if tally.barren and _is_barren(chunk.records, 1):
                tally.goes_on |= bool(chunk.records)
            elif _is_barren(chunk.records, _MANY):
                self._hold(tally, chunk.records[:_SHOWN])
                reason = "no CloudTrail record here, nor in what follows like it"
                self._set_aside(tally, tally.position, reason, chunk.records[_SHOWN])
                tally.position += 1
                tally.barren = tally.goes_on = True
            else:
                self._hold(tally, chunk.records)
                tally.barren = tally.barren and not chunk.records
            for reason, piece in chunk.broken:
                if reason == tally.piece and not chunk.records:
                    tally.goes_on = True
                    continue
                self._set_aside(tally, tally.position, reason, piece)
                tally.position += 1
                tally.piece = reason
            tally.goes_on |= chunk.cut
            for name, count in chunk.other.items():
                tally.records += count
                tally.other[name] += count
            tally.found = tally.found or bool(chunk.other) or (bool(chunk.records) and not tally.barren)
            if not tally.found and reading.size > _UNTIL:
                return f"no CloudTrail record in its first {_UNTIL >> 20} MiB: the rest of the file was not read"
        return ""

    def _hold(self, tally: Tally, records: Sequence[Record]) -> None:
        """Take some records of a file in."""
        file = tally.file
        for start in range(0, len(records), self.engine.held_rows):
            some = records[start : start + self.engine.held_rows]
            span = Span(file.digest[:16], file.origin, tally.position, file.delivery.at, len(self.raws))
            self.spans.append((tally, span))
            self.raws += some
            tally.position += len(some)
            if len(self.raws) >= self.engine.held_rows or self.bytes >= self.engine.held_bytes:
                self._flush()
        tally.records += len(records)

    def _flush(self) -> None:
        """Have the sink write the rows of the records that are held."""
        if not self.raws:
            return
        written = self.engine.sink.write(self._normalise())  # and hold nothing of it: a sink may let go of it half-way
        self.done.batch.parts += written.parts
        self.done.duplicates += written.duplicates

    def _normalise(self) -> Rows:
        """Rows of the records that are held, which are held no longer."""
        raws, held, self.raws, self.spans, self.bytes = self.raws, self.spans, [], [], 0
        made = self.engine.normaliser.normalise(raws, delivered_at=None, now=self.now)
        self._note(made, raws, Held(held))
        self.done.rows += len(made)
        return Rows(made, [span for _, span in held], self.engine.places)

    def _note(self, made: Normalised, raws: Sequence[Record], held: Held) -> None:
        """Count, by file, what was repaired, set aside or is no call."""
        for row, (flags,) in made.rare_rows("flags").items():
            if "repaired" in flags:
                held.find(made.own["position"][row])[0].repaired += 1
        for at, reason, raw in made.set_aside:
            tally, position = held.find(at)
            self._keep(tally, position, reason, raw)
        for at, name in made.others:
            tally, position = held.find(at)
            tally.other[name] += 1
            self.asides.put_other(tally.file, position, name, raws[at])

    def _set_aside(self, tally: Tally, position: int, reason: str, raw: Record | bytearray) -> None:
        tally.records += 1
        self._keep(tally, position, reason, raw)

    def _keep(self, tally: Tally, position: int, reason: str, raw: Any) -> None:
        """Count a record that is set aside, and keep it unless its file has many, or all have too much."""
        tally.set_aside += 1
        self.done.reasons[reason] += 1
        if tally.kept < _MOST_ASIDE and self.asides.has_room:
            tally.kept += 1
            self.asides.put(tally.file, position, reason, raw)


def _is_barren(records: Sequence[Record], least: int) -> bool:
    """Whether of so many records at least none is one of CloudTrail's, however broken."""
    if len(records) < least or any(map(is_record, records[:: len(records) // _LOOKED_AT + 1])):
        return False
    return not any(map(may_be_record, records))

"""Turn some delivered files into parts of a batch; runs in a worker process or in ours, or in whatever gets files."""

import gc
import hashlib
import io
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from features.call.action import ActionCatalogue
from features.call.verified import NONE_VERIFIED, VerifiedNames
from features.normalise.normalised import Normalised
from features.normalise.normaliser import Normaliser
from features.record.container import Record, is_record
from features.record.foreign import DIGESTS
from features.record.foreign import NAMES as FOREIGN
from features.record.split import may_be_record
from pipeline.datafiles import read_attack_priors, read_iam_actions
from pipeline.enrich.networks import NO_NETWORKS
from pipeline.enrich.places import NameOf, PlaceOf, Places
from pipeline.ingest.delivery import Delivery, origin_of, read_delivery
from pipeline.ingest.digest_file import (
    DAMAGED,
    MOST_PACKED,
    UNHASHED,
    UNREADABLE,
    mark_unread,
    name_of,
    read_digest,
    unread_digest,
)
from pipeline.ingest.inflate import LIMITS, Limits, Reading
from pipeline.ingest.parts import Part, parts
from pipeline.ingest.rows import Rows, Span
from pipeline.ingest.set_aside import Aside, make_aside
from pipeline.ingest.sink import Batch, FileDone, Sink
from pipeline.ingest.tables import NO_LOG
from pipeline.text.plural import agree, plural

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
_MOST_ASIDE_BYTES = 32 << 20
"""Of all records that are kept so by one call of `Engine.work`."""
_HELD_ASIDE = 4 << 20
"""Bytes of records that are no event, from which on they are handed to the sink."""
_ASIDE_COSTS = 512
"""Bytes of such a record beside its own."""
_MOST_LISTED = 1_000_000
"""Log files that digests in archives list, for one call of `Engine.work`: what they list is held until its end."""
_DIGEST_COSTS = 20
"""Of those, as many as a digest costs itself."""
_NOT_CLOUDTRAIL = FOREIGN | {NO_LOG}
_COLLECT_EVERY = 32
"""Calls of `Engine.work` after which cycles are collected; the collector rests meanwhile."""


class LogFile(NamedTuple):
    """A file to work on."""

    path: Path
    """Where it lies, if its content is not given."""
    digest: str
    """SHA-256 of its content."""
    origin: str
    delivery: Delivery
    content: bytes | None
    """The whole file, when it is small."""
    problem: str = ""
    """Why it cannot be read, where that is known already."""
    is_digest: bool = False
    """It is one of CloudTrail's digest files, for a target that takes them."""
    named: bool = False
    """Whether to note which of CloudTrail's names it has."""
    hashes: bool = False
    """Whether to hash what it holds."""
    signature: str = ""
    """See `Source`, as of what follows."""
    since: date | None = None


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


@dataclass
class _Tally:
    """What came of a file so far, or of one in an archive."""

    file: LogFile
    records: int = 0
    set_aside: int = 0
    kept: int = 0
    """Of those set aside."""
    goes_on: bool = False
    """Of a piece that was set aside only the beginning was looked at."""
    repaired: int = 0
    other: Counter[str] = field(default_factory=Counter)
    position: int = 0
    """Of the next record; those of an archive are counted through."""
    piece: str = ""
    """Why the last piece was set aside; what follows for the same reason, and no record before it, is more of it."""
    found: bool = False
    """Something of which a name is known, or what may be CloudTrail's, was in it."""
    barren: bool = False
    """The last records were set aside as one piece, for none of them was CloudTrail's."""
    contents: list[tuple[str, datetime, bytes]] = field(default_factory=list)
    """See `FileDone`."""

    def add(self, part: "_Tally") -> None:
        """Count what came of a file in it."""
        self.records += part.records
        self.set_aside += part.set_aside
        self.kept += part.kept
        self.repaired += part.repaired
        self.other += part.other
        self.contents += part.contents

    def note(self, reading: Reading) -> None:
        """Note what it holds, where it has a name of CloudTrail's and somebody will ask."""
        file = self.file
        if file.named and file.delivery.at is not None:
            whole = UNHASHED if reading.hashing is None else reading.hashing.digest()
            problem = file.problem or reading.unreadable
            content = mark_unread(problem) if problem else whole if reading.ended else DAMAGED
            self.contents.append((name_of(file.origin), file.delivery.at, content))

    def foreign(self) -> str:
        """What the file is, when it holds nothing but something else than CloudTrail."""
        if not self.records or self.records > sum(self.other.values()) or not self.other.keys() <= _NOT_CLOUDTRAIL:
            return ""
        [(name, _)] = self.other.most_common(1)
        return name

    def done(self) -> FileDone:
        digest, origin, at = self.file.digest, self.file.origin, self.file.delivery.at
        return FileDone(
            digest, origin, at, self.records, self.set_aside, self.other, self.repaired, self.kept, self.contents
        )

    def tell_rest(self) -> str:
        """What was set aside of it and is not kept; nothing where all is."""
        if more := self.set_aside - self.kept:
            aside = f"{agree(more, 'was', 'were')} set aside, of which none is kept"
            return f"{plural(more, 'more record')} of this file {aside}"
        return "of a piece of this file that was set aside only the beginning is kept" if self.goes_on else ""


class _Intake:
    """One call of `Engine.work`: records not yet normalised, rows not yet written, and what has been."""

    def __init__(self, engine: Engine, now: datetime) -> None:
        self.engine = engine
        self.now = now
        self.done = Work()
        self.tallies: list[_Tally] = []
        self.inner: list[tuple[_Tally, _Tally]] = []
        """Files in archives, each with its archive."""
        self.raws: list[Record] = []
        self.spans: list[tuple[_Tally, Span]] = []
        """Of which files the records are."""
        self.bytes = 0
        """Inflated bytes of what is held."""
        self.asides: list[Aside] = []
        self.others: list[Aside] = []
        self.held_aside = 0
        """Bytes of both."""
        self.listed, self.told_too_many = 0, False
        """What digests in archives list."""
        self.kept_aside = 0
        """Bytes of those set aside that are kept, handed over or not."""

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
                self._put_aside(self.asides, _aside(tally.file, -1, rest, b""))
        for whole, part in self.inner:
            whole.add(part)
        for tally in self.tallies:
            done.batch.files.append(tally.done())
            done.records += tally.records
            done.set_aside += tally.set_aside
            done.kept += tally.kept
            done.repaired += tally.repaired
            done.other += tally.other
        self._hand_over()
        return done

    def _take(self, file: LogFile) -> None:
        tally = _Tally(file)
        reading = Reading(hashing=hashlib.sha256() if file.hashes else None, hashes_members=file.named)
        self.tallies.append(tally)
        if file.is_digest:
            self._take_digest(file)
            return
        if file.problem:
            tally.note(reading)
        problem = file.problem or self._read(tally, reading)
        if problem:
            self._set_aside(tally, -1, problem, reading.head)

    def _take_digest(self, file: LogFile) -> None:
        self.done.passed_over[DIGESTS] += 1
        limits = self.engine.limits
        if file.problem:
            found = unread_digest(file.origin, file.digest, f"{UNREADABLE}{file.problem}")
        else:
            found = read_digest(file.origin, file.digest, file.content, limits, file.signature, file.since)
        self.done.batch.digest_files.append(found)

    def _take_inner_digest(self, file: LogFile, part: Part) -> None:
        """Take in a digest that lies in an archive, among so many that what they list can be held."""
        self.done.passed_over[DIGESTS] += 1
        origin = _origin_inside(file, part.name)
        if self.listed >= _MOST_LISTED:
            if not self.told_too_many:
                problem = f"{UNREADABLE}it holds more digests than are read at once: unpack it"
                self.done.batch.digest_files.append(unread_digest(file.origin, file.digest, problem))
            self.told_too_many = True
            return
        content = bytearray()
        for block in part.blocks:
            content += block
            if len(content) >= MOST_PACKED:
                break
        digest = hashlib.sha256(content).hexdigest()
        if problem := part.problem or part.reading.problem:
            found = unread_digest(origin, digest, f"{UNREADABLE}{problem}")
        else:
            packed = bytes(content) if len(content) < MOST_PACKED else None
            found = read_digest(origin, digest, packed, self.engine.limits, "", file.since)
        self.listed += len(found.objects) + _DIGEST_COSTS
        self.done.batch.digest_files.append(found)

    def _read(self, whole: _Tally, reading: Reading) -> str:
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
                if part.foreign == DIGESTS and file.named:
                    self._take_inner_digest(file, part)
                    continue
                if part.foreign:
                    self.done.passed_over[part.foreign] += 1
                    continue
                tally = whole if not part.name else self._inside(whole, part.name)
                problem = self._read_part(tally, part) or part.reading.problem
                if problem:
                    self._set_aside(tally, -1, problem, part.reading.head)
                whole.position = tally.position
                tally.note(part.reading)
                self._pass_over(tally)
        return ""

    def _inside(self, whole: _Tally, name: str) -> _Tally:
        """A tally of a file in an archive: it lay where its name says, and was delivered then."""
        file = whole.file._replace(origin=_origin_inside(whole.file, name), delivery=read_delivery(name))
        tally = _Tally(file, position=whole.position)
        self.inner.append((whole, tally))
        return tally

    def _pass_over(self, tally: _Tally) -> None:
        """Count a file that holds nothing of CloudTrail's as one, and not what is in it."""
        name = tally.foreign()
        if name == NO_LOG:
            self.done.not_logs += 1
        elif name:
            self.done.passed_over[name] += 1
        if name:
            tally.records, tally.other = 0, Counter()

    def _read_part(self, tally: _Tally, part: Part) -> str:
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

    def _hold(self, tally: _Tally, records: Sequence[Record]) -> None:
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
        self._note(made, raws, held)
        self.done.rows += len(made)
        return Rows(made, [span for _, span in held], self.engine.places)

    def _note(self, made: Normalised, raws: Sequence[Record], held: Sequence[tuple[_Tally, Span]]) -> None:
        """Count, by file, what was repaired, set aside or is no call."""
        starts = [span.start for _, span in held]
        for row, (flags,) in made.rare_rows("flags").items():
            if "repaired" in flags:
                _find(held, starts, made.own["position"][row])[0].repaired += 1
        for at, reason, raw in made.set_aside:
            tally, position = _find(held, starts, at)
            self._keep(tally, position, reason, raw)
        for at, name in made.others:
            tally, position = _find(held, starts, at)
            tally.other[name] += 1
            self._put_aside(self.others, _aside(tally.file, position, name, raws[at]))

    def _set_aside(self, tally: _Tally, position: int, reason: str, raw: Record | bytearray) -> None:
        tally.records += 1
        self._keep(tally, position, reason, raw)

    def _keep(self, tally: _Tally, position: int, reason: str, raw: Any) -> None:
        """Count a record that is set aside, and keep it unless its file has many, or all have too much."""
        tally.set_aside += 1
        self.done.reasons[reason] += 1
        if tally.kept < _MOST_ASIDE and self.kept_aside < _MOST_ASIDE_BYTES:
            tally.kept += 1
            self.kept_aside += self._put_aside(self.asides, _aside(tally.file, position, reason, raw))

    def _put_aside(self, held: list[Aside], aside: Aside) -> int:
        """Hold a record that is no event until there are enough to hand over; return what it costs."""
        held.append(aside)
        cost = len(aside.raw) + _ASIDE_COSTS
        self.held_aside += cost
        if self.held_aside >= _HELD_ASIDE:
            self._hand_over()
        return cost

    def _hand_over(self) -> None:
        """Have the sink keep the records that are no event."""
        asides, others, self.asides, self.others, self.held_aside = self.asides, self.others, [], [], 0
        self.done.batch.parts += self.engine.sink.keep("set_aside", asides, self.now)
        self.done.batch.parts += self.engine.sink.keep("other", others, self.now)


def _origin_inside(file: LogFile, name: str) -> str:
    """Where a file of an archive lay."""
    path = PurePosixPath(name)
    return origin_of(path) if "AWSLogs" in path.parts else f"{file.origin}/{name}"


def _is_barren(records: Sequence[Record], least: int) -> bool:
    """Whether of so many records at least none is one of CloudTrail's, however broken."""
    if len(records) < least or any(map(is_record, records[:: len(records) // _LOOKED_AT + 1])):
        return False
    return not any(map(may_be_record, records))


def _find(held: Sequence[tuple[_Tally, Span]], starts: Sequence[int], at: int) -> tuple[_Tally, int]:
    """File of a record that was held, and its position in the file."""
    tally, span = held[bisect_right(starts, at) - 1]
    return tally, span.position + at - span.start


def _aside(file: LogFile, position: int, reason: str, raw: Any) -> Aside:
    return make_aside(
        raw,
        file=file.digest[:16],
        origin=file.origin,
        position=position,
        reason=reason,
        account=file.delivery.account,
        delivered_at=file.delivery.at,
    )

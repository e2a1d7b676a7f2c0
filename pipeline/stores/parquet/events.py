"""Events as Hive-partitioned Parquet below a folder, with the list of segments in SQLite.

A batch is committed by moving its segments into place and changing the list in one transaction. Duplicates are settled
then: of an event's deliveries in an account-day the earliest stays, and a segment that holds a later one is written
again without it; what says something else under an id that is taken stays by an id of its own. So the rows do not
depend on the order in which files came, nor on how they were batched.
"""

import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path

from features.times.instant import micros
from pipeline.ingest.sink import Batch, FileDone, Outcome
from pipeline.stores.jsonl.drills import Drill, DrillsJsonl
from pipeline.stores.parquet import asides
from pipeline.stores.parquet.compaction import find_crowds, group, merge
from pipeline.stores.parquet.duplicates import Duplicates, Settled
from pipeline.stores.parquet.events_reader import EventsReader, span_of
from pipeline.stores.parquet.integrity import find_change, find_damage
from pipeline.stores.parquet.layout import move_files, remove_expired
from pipeline.stores.parquet.lock import writer_lock
from pipeline.stores.parquet.losses import FILE_DIGITS
from pipeline.stores.parquet.manifest import GRACE, Manifest
from pipeline.stores.parquet.memory import shared_allocator
from pipeline.stores.parquet.seen_ids import SeenIds
from pipeline.stores.parquet.segment import Segment
from pipeline.stores.parquet.segments import without_events
from pipeline.stores.parquet.sink import ParquetSink
from pipeline.stores.sqlite.arrivals import Arrivals, Landed
from pipeline.stores.sqlite.digest_files import DigestFiles

KINDS = ("events", *asides.KINDS)


class ParquetEvents(EventsReader):
    """Events below `home`, read and written; the manifest lists their segments."""

    takes_digest_files = True

    def __init__(
        self, home: Path, manifest: Manifest, arrivals: Arrivals, digest_files: DigestFiles, drills: DrillsJsonl
    ) -> None:
        super().__init__(home, manifest, arrivals, drills)
        self._digest_files = digest_files
        self._duplicates = Duplicates()
        self._seen = SeenIds()
        self._damage: dict[Segment, str] = {}
        """Segments that were found damaged when writing began."""
        self._mending: set[str] = set()
        """Files that bring back what they held."""

    @property
    def staging(self) -> Path:
        """Folder for a batch's segments until it is committed."""
        return self.home / "staging"

    @property
    def sink(self) -> ParquetSink:
        """What writes segments for a commit."""
        return ParquetSink(self.staging)

    def has_digest_files(self) -> bool:
        """Whether any was taken in."""
        return self._digest_files.has_any()

    @contextmanager
    def writing(self, now: datetime) -> Iterator[None]:
        """Be the only writer for the block; first removes what an interrupted one left behind."""
        with writer_lock(self.home / "writer.lock"), shared_allocator():
            self._sweep(now)
            self._take_back(now)
            self._damage = self._find_damage()
            self._mending = self._manifest.files_of(self._damage)
            yield
            shutil.rmtree(self.staging, ignore_errors=True)

    def _sweep(self, now: datetime) -> None:
        shutil.rmtree(self.staging, ignore_errors=True)
        with self._manifest.transaction():
            remove_expired(self.home, self._manifest, now)
            kept = self._manifest.kept()
            for kind in KINDS:
                for file in (self.home / kind).glob("account=*/day=*/*.parquet"):
                    if file.relative_to(self.home).as_posix() not in kept:
                        file.unlink()
            self._sweep_activity(kept, now)

    def _sweep_activity(self, kept: Collection[str], now: datetime) -> None:
        """Remove what a training left that was killed: whoever makes activity does so beside this writer."""
        for file in self.home.glob("activity/*/account=*/day=*/*.parquet"):
            if file.relative_to(self.home).as_posix() not in kept:
                with suppress(FileNotFoundError):
                    if file.lstat().st_mtime < (now - GRACE).timestamp():
                        file.unlink()

    def _find_damage(self) -> dict[Segment, str]:
        """Segments of records that are missing, or of another size than they were written with."""
        every = (segment for kind in KINDS for segment in self._manifest.every(kind))
        return {segment: found for segment in every if (found := find_damage(self.home, segment))}

    def _take_back(self, now: datetime) -> None:
        """List lost segments again that were put back from a copy; what was ingested again since is a duplicate."""
        for segment, _ in self._manifest.losses.every():
            if find_change(self.home, segment, segment.digest):
                continue
            staged = self.staging / segment.path
            staged.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.home / segment.path, staged)
            with self._manifest.transaction():
                self._take_in(Batch([], [segment]), now)
                self._manifest.losses.take_back(segment.path)

    def known(self, digests: Collection[str]) -> set[str]:
        """Which of these files have been taken in, and do not bring back what was in a damaged segment."""
        known = self._manifest.known(digests)
        return {digest for digest in known if digest not in self._mending} if self._mending else known

    def barren(self, digests: Collection[str]) -> set[str]:
        """Of these files that have been taken in, those of which no event came."""
        return self._manifest.barren(digests)

    def recall(self, stamps: Collection[bytes]) -> dict[bytes, str]:
        """The digests of files that need not be read again, by the stamps under which they were remembered."""
        found = self._manifest.recall(stamps)
        return {stamp: digest for stamp, digest in found.items() if digest not in self._mending}

    def remember(self, digests: Mapping[bytes, str]) -> None:
        """Keep under which stamps files lie, by their stamps; whether they are taken in as well does not matter."""
        with self._manifest.transaction():
            self._manifest.remember(digests)

    def commit(self, batch: Batch, now: datetime) -> Outcome:
        """Take in a batch of segments, durably, in one step; of an event's deliveries the earliest stays."""
        with self._manifest.transaction():
            return self._take_in(batch, now)

    def _take_in(self, batch: Batch, now: datetime) -> Outcome:
        if self._mending and not self._mending.isdisjoint(file.digest for file in batch.files):
            self._manifest.lose(self._damage, now)
            self._damage, self._mending = {}, set()
        segments: list[Segment] = batch.parts
        events = [segment for segment in segments if segment.kind == "events"]
        days = sorted({(segment.account, segment.day) for segment in events})
        old = [segment for day in days for segment in self._manifest.partition("events", *day)]
        losers, apart = self._settle(old, events)
        out: list[str] = []
        into: list[Segment] = []
        there = {segment.path for segment in old}
        for segment in old + segments:
            staged = segment.path not in there
            if segment.path in losers or segment.path in apart:
                file = (self.staging if staged else self.home) / segment.path
                gone, renamed = losers.get(segment.path, []), apart.get(segment.path, {})
                into += without_events(file, gone, self.staging, renamed)
                out += [] if staged else [segment.path]
            elif staged:
                into.append(segment)
        asked = self._manifest.losses.asked().intersection(file.digest for file in batch.files)
        if asked:
            self._replace_asides(asked, out, into)
        self._swap(out, into, now)
        self._manifest.losses.add_sources(segments)
        self._manifest.add_files(batch.files, now)
        self._digest_files.note(batch, now)
        self._arrivals.note(_landed([file for file in batch.files if file.digest not in asked], events))
        lost = sum(map(len, losers.values()))
        return Outcome(stored=sum(segment.rows for segment in events) - lost, duplicates=lost)

    def _replace_asides(self, digests: Collection[str], out: list[str], into: list[Segment]) -> None:
        """Leave out what is held aside of files that are read again: it comes with them."""
        files = {digest[:FILE_DIGITS] for digest in digests}
        for kind in asides.KINDS:
            for segment in self._manifest.live(kind):
                rest = asides.without_files(self.home, segment, files, self.staging)
                if rest is not None:
                    out.append(segment.path)
                    into += rest

    def _swap(self, out: Iterable[str], into: Sequence[Segment], now: datetime) -> None:
        """Put staged segments in the place of others."""
        move_files([segment.path for segment in into], self.staging, self.home)
        self._manifest.swap(out=out, into=into, now=now)

    def _settle(self, old: list[Segment], new: list[Segment]) -> Settled:
        """Event ids that leave each segment, because another delivery of theirs is earlier, and those that get another
        name, because an earlier record says something else under them."""
        there = {segment.path: self.home / segment.path for segment in old}
        fresh = {segment.path: self.staging / segment.path for segment in new}
        days: dict[tuple[str, str], list[str]] = {}
        for segment in old + new:
            days.setdefault((segment.account, segment.day), []).append(segment.path)
        rivals: dict[str, str] = {}
        for day, paths in days.items():
            if len(paths) > 1 and self._seen.may_repeat(day, _some(there, paths), _some(fresh, paths)):
                rivals |= {str(path): "/".join(day) for path in _some(there | fresh, paths).values()}
        if not rivals:
            return Settled({}, {})  # as nearly always
        files = {str(file): path for path, file in (there | fresh).items()}
        settled = self._duplicates.settle(rivals, [file for file in rivals if files[file] in fresh])
        later, apart = settled
        return Settled(
            {files[file]: ids for file, ids in later.items()}, {files[file]: names for file, names in apart.items()}
        )

    def compact(self, now: datetime) -> int:
        """Merge small segments; return how many files that saved."""
        saved = 0
        for kind, account, day, below in find_crowds(self._manifest, KINDS):
            with self._manifest.transaction():
                small = [s for s in self._manifest.partition(kind, account, day) if s.rows < below]
                for segments in group(self.home, self._whole(small)):
                    merged = merge(self.home, segments, self.staging)
                    self._swap([segment.path for segment in segments], merged, now)
                    saved += len(segments) - len(merged)
        return saved

    def _whole(self, segments: Collection[Segment]) -> list[Segment]:
        """Segments that are as they were written: what was changed must not get a new hash by being merged."""
        digests = self._manifest.digests([segment.path for segment in segments])
        return [s for s in segments if not find_change(self.home, s, digests.get(s.path, ""))]

    def remove_drill(self, drill: Drill, now: datetime) -> int:
        """Write segments again without a drill's events; return how many those were. Call it within `writing`."""
        ids = [event_id for event_id, _ in self._find_rows([drill], whole=True)]
        with self._manifest.transaction():
            for segment in self._segments(*span_of(drill), None) if ids else []:
                rest = without_events(self.home / segment.path, ids, self.staging)
                if sum(part.rows for part in rest) < segment.rows:
                    self._swap([segment.path], rest, now)
        return len(ids)

    def count_before(self, day: date) -> int:
        """Events of days before a day: those that `prune` would forget."""
        return sum(segment.rows for segment in self._manifest.before(day, ["events"]))

    def prune(self, before: date, now: datetime) -> int:
        """Forget events of days before `before`, and what was set aside then; return how many events."""
        with self._manifest.transaction():
            old = self._manifest.before(before, KINDS)
            self._manifest.swap(out=[segment.path for segment in old], into=[], now=now)
            self._manifest.give_up(now, before)
            self._manifest.note_pruned(before)
        return sum(segment.rows for segment in old if segment.kind == "events")


def _some(files: Mapping[str, Path], paths: Iterable[str]) -> dict[str, Path]:
    return {path: files[path] for path in paths if path in files}


def _landed(files: Sequence[FileDone], events: Sequence[Segment]) -> list[Landed]:
    """Files of a batch, as they wait to be settled; none where the batch holds no event."""
    if not events:
        return []
    first = min(segment.first for segment in events)
    accounts = " ".join(sorted({segment.account for segment in events}))
    return [Landed(file.digest[:FILE_DIGITS], _micros(file.delivered_at), first, accounts) for file in files]


def _micros(time: datetime | None) -> int | None:
    return None if time is None else micros(time)

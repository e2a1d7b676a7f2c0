"""Backfill a shared place with the activity of any number of account-days, on Spark.

Files are listed here and decoded by tasks on whatever machines there are, into a work area of the place by account-day;
activity is then counted some account-days at a time. What is done is noted as it is: killed at any point and run again,
it goes on, and the tables are the same bytes. A later run does what is missing or made of other files.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

import msgspec
import pyarrow as pa

from pipeline.shared.listing import LISTING, MOST_LISTING, Listing, read_listing
from pipeline.shared.place import ABSENT, FolderPlace, Place, PlaceError, open_place
from pipeline.sources.several import open_sources
from pipeline.spark import decode
from pipeline.spark.activity import Put, put_tables, table_schemas, tables
from pipeline.spark.collapse import collapse
from pipeline.spark.columns import ACCOUNT_DAY, EVENT_ROW
from pipeline.spark.corrections import Corrections
from pipeline.spark.decode import Decoding
from pipeline.spark.known import Day, Known, KnownFile
from pipeline.spark.making import geo_files, name_counting, name_decoding
from pipeline.spark.plan import Plan
from pipeline.spark.report import BackfillReport
from pipeline.spark.rows import each_number, held_ready, put_rows, read_rows, share_out
from pipeline.spark.tasks import Foreign, check_sources, divide
from pipeline.spark.totals import read_totals
from pipeline.spark.work import FOLDER, WORK, Done, Part, digest_of, done_ids, get_done, put_task

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Progress = Callable[[str, int, int], None]
"""Called with the stage, how much of it is done, and how much there is."""
_ROWS_A_CORE: Final = 1_000_000
"""Records that are counted at once, for each core there is: what is under way is noted after each such part."""
_LEAST_ROWS: Final = 4_000_000
_GEO: Final = "oddtrail-geoip"
_TOGETHER: Final = 16 << 20
"""Bytes of files as they lie there that are decoded by one of Spark's tasks; small tasks are put together."""
_AT_ONCE: Final = 32
"""Small files that are put or fetched at the same time."""
_KINDS: Final = ("set_aside", "other")


def backfill(spark: SparkSession, plan: Plan, progress: Progress = lambda stage, done, total: None) -> BackfillReport:
    """Bring the activity of some files into a shared place.

    Raises
    ------
    NotAFileError, SourceError, AddressError
        What was given cannot be read by other machines, or is not there.
    PlaceError, ChangedError
        The place cannot be used, or another backfill is at work there.
    """
    check_sources(plan.sources)
    return _Backfill(spark, plan, progress).run()


class _Backfill:
    """One run."""

    def __init__(self, spark: SparkSession, plan: Plan, progress: Progress) -> None:
        self._spark, self._plan, self._progress = spark, plan, progress
        self._place = _open(plan.out)
        self._file = KnownFile(self._place)
        self._making = name_decoding(plan.geo, plan.networks, plan.verified)
        self._counting = name_counting(plan.timezone, plan.lateness_minutes)
        self._report = BackfillReport()
        self._sizes: dict[str, int] = {}
        """Bytes of this run's tasks."""
        self._there: set[str] = set()
        """Those that are done."""
        self._put: set[str] = set()
        """Those that whoever works on them finds in the place."""
        self._done: dict[str, Done] = {}
        """Tasks whose rows lie in the work area."""
        self._keys: dict[str, list[str]] = {}
        """The account-days of each task."""
        self._correcting: dict[str, list[str]] = {}

    def run(self) -> BackfillReport:
        """Do what is missing."""
        before = self._file.read()
        self._before = before or Known(now="")
        now = self._plan.now
        if before is not None and not before.is_finished:
            now = datetime.fromisoformat(before.now)
        self._known = msgspec.structs.replace(self._before, now=now.isoformat(), is_finished=False, making=self._making)
        self._listing()  # what cannot be read there is told before any work
        self._file.write(self._known)
        foreign = Foreign(Counter())
        self._there = done_ids(self._place)
        self._list_files(foreign, lambda task: task not in self._before.tasks)
        with self._decoding(now) as decoding:
            stale = self._find_stale(decoding)
        first, totals = read_totals(self._spark, self._plan.out, sorted(self._done))
        self._report.totals = totals
        totals.passed_over.update(foreign.names)
        for done in self._done.values():
            totals.add_done(done)
        self._count(stale, first)
        self._finish()
        return self._report

    def _list_files(self, foreign: Foreign, is_wanted: Callable[[str], bool]) -> None:
        """Divide the files into tasks, and leave those that are wanted for whoever works on them."""
        waiting: deque[Future[None]] = deque()
        with (
            open_sources(list(self._plan.sources), self._plan.since) as opened,
            ThreadPoolExecutor(_AT_ONCE) as pool,
        ):
            for task in divide(opened.listing, self._making, foreign):
                self._sizes[task.id] = task.bytes
                if task.id not in self._there and is_wanted(task.id):
                    waiting.append(pool.submit(put_task, self._place, task))
                    self._put.add(task.id)
                while len(waiting) > 2 * _AT_ONCE:
                    waiting.popleft().result()
                self._progress("listing", len(self._sizes), 0)
            for put in waiting:
                put.result()
        self._there &= self._sizes.keys()
        self._report.tasks = len(self._sizes)

    @contextmanager
    def _decoding(self, now: datetime) -> Iterator[Decoding]:
        """What machines are told; geo databases travel as files."""
        geo = ""
        with tempfile.TemporaryDirectory(prefix="oddtrail-spark-") as folder:
            if files := geo_files(self._plan.geo):
                geo = f"{_GEO}-{self._making[:8]}.zip"
                with zipfile.ZipFile(Path(folder) / geo, "w") as packed:  # a folder would travel nowhere but here
                    for file in files:
                        packed.write(file, file.name)
                self._spark.sparkContext.addFile(str(Path(folder) / geo))
            yield Decoding(self._plan.out, now, geo, self._plan.networks, self._plan.verified)

    def _find_stale(self, decoding: Decoding) -> list[str]:
        """Decode what is new, and what was decoded before of account-days that are not finished; return these."""
        known = self._before.tasks
        self._decode([task for task in self._sizes if task not in known], decoding)
        for task in self._sizes:
            done = self._done.get(task)
            self._keys[task] = done.keys if done else known[task]
            correcting = _correcting(done) if done else self._before.correcting.get(task, [])
            if correcting:
                self._correcting[task] = correcting
        of = self._fingerprints()
        listed = self._listing()[0]
        there = listed.tables if listed else {}
        stale = sorted(
            key for key, name in of.items() if key not in there or _made_of(self._before.days.get(key)) != name
        )
        looked_at = {*stale, *(key for keys in self._correcting.values() for key in keys)} if stale else set()
        self._decode([task for task, keys in self._keys.items() if looked_at.intersection(keys)], decoding)
        self._of = of
        self._report.account_days = len(of)
        return stale

    def _fingerprints(self) -> dict[str, str]:
        """Of what each account-day is made."""
        tasks: dict[str, list[str]] = {}
        for task, keys in self._keys.items():
            for key in keys:
                tasks.setdefault(key, []).append(task)
        corrections = digest_of(*sorted(self._correcting))
        return {key: digest_of(self._counting, corrections, *sorted(own)) for key, own in sorted(tasks.items())}

    def _decode(self, tasks: Sequence[str], decoding: Decoding) -> None:
        """Have tasks worked on that are not done yet."""
        left = [task for task in tasks if task not in self._there]
        before = [task for task in tasks if task in self._there and task not in self._done]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for done in pool.map(lambda task: get_done(self._place, task), before):
                self._done[done.id] = msgspec.structs.replace(done, files=[])
        if not left:
            return
        if missing := set(left) - self._put:  # of a run that was finished: they are listed once more
            self._list_files(Foreign(Counter()), missing.__contains__)
        groups = share_out([(task, self._sizes[task]) for task in left], _TOGETHER)
        with _watching(self._spark, "decoding", self._progress):
            frame = each_number(self._spark, len(groups)).mapInArrow(_Decode(decoding, groups), decode.SCHEMA)
            for (packed,) in frame.collect():
                done = msgspec.msgpack.decode(packed, type=Done)
                self._done[done.id] = done
        self._there = self._there | set(left)
        self._report.decoded += len(left)

    def _count(self, stale: Sequence[str], first: Mapping[str, str]) -> None:
        """Make the activity of account-days, some at a time."""
        parts: dict[str, list[Part]] = {}
        for task in sorted(self._done):
            for part in self._done[task].parts:
                parts.setdefault(part.key, []).append(part)
        schemas = table_schemas(self._plan.timezone, self._plan.lateness_minutes)
        corrections = self._find_corrections(parts, first)
        cores = self._spark.sparkContext.defaultParallelism
        most = self._plan.rows_at_once or max(_LEAST_ROWS, _ROWS_A_CORE * cores)
        chunks = share_out([(key, sum(part.rows for part in parts.get(key, []))) for key in stale], most)
        finished = 0
        for keys in chunks:
            self._progress("counting", finished, len(stale))
            chosen = [part for key in keys for part in parts.get(key, [])]
            self._note(self._count_some(keys, chosen, schemas, corrections, first))
            self._spark.catalog.clearCache()  # which ids came twice; a long backfill has many such parts
            finished += len(keys)

    def _find_corrections(self, parts: Mapping[str, list[Part]], first: Mapping[str, str]) -> Corrections | None:
        keys = sorted({key for keys in self._correcting.values() for key in keys})
        if not keys or not self._done:
            return None
        chosen = [part for key in keys for part in parts.get(key, [])]
        return Corrections(self._collapse(chosen, first))

    def _count_some(
        self,
        keys: Sequence[str],
        parts: Sequence[Part],
        schemas: Mapping[str, pa.Schema],
        corrections: Corrections | None,
        first: Mapping[str, str],
    ) -> list[Put]:
        """Put the tables of some account-days."""
        spark, plan = self._spark, self._plan
        events = self._collapse(parts, first)
        if corrections is not None:
            of = spark.createDataFrame([(key,) for key in keys], f"{ACCOUNT_DAY} string")
            events = put_rows(corrections.apply(events, of), plan.out, EVENT_ROW)
        with held_ready(events) as ready:
            return put_tables(tables(ready, plan.timezone, plan.lateness_minutes), keys, plan.out, schemas)

    def _collapse(self, parts: Sequence[Part], first: Mapping[str, str]) -> DataFrame:
        """The events of some work files; put into the work area where that took more than to read them."""
        out = self._plan.out
        events, is_made = collapse(lambda columns: read_rows(self._spark, out, parts, columns, first))
        return put_rows(events, out, EVENT_ROW) if is_made else events

    def _note(self, put: Sequence[Put]) -> None:
        """List what was put, and note what it was made of: a table is there before it is named."""
        digests: dict[str, dict[str, str]] = {}
        calls: Counter[str] = Counter()
        for one in put:
            digests.setdefault(one.key, {})[one.name] = one.digest
            calls[one.key] += one.calls if one.name == "joint" else 0
        for key in sorted(digests):
            had = self._before.days.get(key)
            if had and calls[key] < had.calls and self._before.making == self._making and not self._plan.replace:
                self._report.kept.append(key)
                del digests[key]
        listing, tag = self._listing()
        made = listing or Listing(
            timezone=self._plan.timezone,
            lateness_minutes=self._plan.lateness_minutes,
            tables={},
            scored=None,
            raised=[],
        )
        merged = msgspec.structs.replace(
            made,
            tables=dict(sorted((made.tables | digests).items())),
            history=dict(sorted((made.history | {key: calls[key] for key in digests}).items())),
        )
        self._place.put(LISTING, msgspec.json.encode(merged), tag)
        self._known.days = self._known.days | {key: Day(self._of[key], calls[key]) for key in digests}
        self._file.write(self._known)
        self._report.written += sorted(digests)

    def _listing(self) -> tuple[Listing | None, str]:
        """What is listed in the place, and its tag.

        Raises
        ------
        PlaceError
            It was made with another time zone or lateness.
        """
        found = self._place.get(LISTING, MOST_LISTING)
        if found is None:
            return None, ABSENT
        listing = read_listing(found.content, self._place)
        own = (self._plan.timezone, self._plan.lateness_minutes)
        if (listing.timezone, listing.lateness_minutes) != own:
            raise PlaceError(
                f"the activity at {self._place.text} was made with timezone {listing.timezone} and lateness "
                f"{listing.lateness_minutes}m, and the settings here say {own[0]} and {own[1]}m: give both the same, "
                "or another place"
            )
        return listing, found.tag

    def _finish(self) -> None:
        """Remember what a later run has to know, and remove the work area."""
        touched = set(self._of)
        others = {task: keys for task, keys in self._before.tasks.items() if not touched.intersection(keys)}
        self._known.tasks = others | self._keys
        self._known.correcting = {
            task: keys for task, keys in self._before.correcting.items() if task in others
        } | self._correcting
        self._known.is_finished = True
        self._file.write(self._known)
        self._report.calls = sum(day.calls for key, day in self._known.days.items() if key in touched)
        self._place.remove(list(self._place.names(WORK)))
        for kind in _KINDS:
            names = self._place.names(f"{FOLDER}/{kind}")
            old = [name for name in names if name.rpartition("/")[2].partition("-")[0] not in self._known.tasks]
            self._place.remove(old)


class _Decode:
    """Carried to where tasks are worked on."""

    def __init__(self, decoding: Decoding, groups: Sequence[Sequence[str]]) -> None:
        self._decoding, self._groups = decoding, groups

    def __call__(self, numbers: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return self._decoding.run(self._groups, numbers)


def _open(out: str) -> Place:
    """The place, made where it is a folder that is not there yet and lies in one that is."""
    place = open_place(out)
    if isinstance(place, FolderPlace):
        try:
            place.folder.mkdir(exist_ok=True)
        except OSError as error:
            raise PlaceError(
                f"{place.folder} cannot be made ({error.strerror}): give a folder that may be written"
            ) from error
    return place


def _correcting(done: Done) -> list[str]:
    return sorted({part.key for part in done.parts if part.addenda})


def _made_of(day: Day | None) -> str:
    return day.of if day else ""


@contextmanager
def _watching(spark: SparkSession, stage: str, progress: Progress) -> Iterator[None]:
    """Tell how many of Spark's tasks are done, once a second."""
    tracker, over = spark.sparkContext.statusTracker(), Event()

    def look() -> None:
        while not over.wait(1.0):
            for number in tracker.getActiveStageIds():
                told = tracker.getStageInfo(number)
                if told is not None:
                    progress(stage, told.numCompletedTasks, told.numTasks)

    thread = Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()

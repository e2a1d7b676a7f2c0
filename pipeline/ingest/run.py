"""Ingest files into whatever takes in events: the same for a home and for a backtest's temporary store.

Files go to workers in tasks; what comes back is committed in the order of the files, a task a transaction. Killed
half-way and run again, the target is the same as if it had not been.
"""

import atexit
import gc
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain, islice
from multiprocessing import connection, get_context, parent_process
from pathlib import Path

from features.call.verified import NONE_VERIFIED, VerifiedNames
from pipeline.enrich.geo import Geo
from pipeline.enrich.networks import NO_NETWORKS, Networks
from pipeline.errors import OddtrailError, StoreError
from pipeline.ingest.content import Reader
from pipeline.ingest.listing import Listing
from pipeline.ingest.log_file import LogFile
from pipeline.ingest.memory import lean_memory, use_lean_memory
from pipeline.ingest.report import IngestReport
from pipeline.ingest.sink import Sink, Target
from pipeline.ingest.sources import Sources
from pipeline.ingest.tasks import LARGEST, Passed, Task, divide, task_bytes
from pipeline.ingest.work import Engine, Work, make_engine

Progress = Callable[[int, int, IngestReport], None]
"""Called with bytes done, bytes in all (0 where that is not known), and the counts so far."""

_AHEAD = 3
"""Tasks a worker that are under way at most: one is worked on, the others wait for it or to be committed."""
_BLAS_THREADS = "OPENBLAS_NUM_THREADS"
_WORTH_A_POOL = 4 << 20
"""Bytes of files below which starting processes takes longer than the work."""


class WorkerLostError(OddtrailError):
    """A worker process died."""


def ingest(
    sources: Listing | Sequence[Path | str],
    target: Target,
    *,
    geo: Geo | None = None,
    networks: Networks = NO_NETWORKS,
    verified: VerifiedNames = NONE_VERIFIED,
    now: datetime | None = None,
    threads: int = 1,
    progress: Progress | None = None,
) -> IngestReport:
    """Read CloudTrail files into the target.

    Parameters
    ----------
    sources
        Files, folders and patterns; or a listing of whatever there is to read.
    target
        Takes in what is new, such as a home's `events`.
    geo, networks
        Where addresses lie, and names of own networks.
    verified
        Roles whose sessions' names tell who it is.
    now
        The time by which an event's time is in the future; the clock's when not given.
    threads
        Worker processes; 1 works in this process. The rows stored do not depend on it.
    progress
        Called after each committed task.

    Raises
    ------
    StoreError
        The store cannot be written, or another process is writing to it.
    SourceError
        A path or pattern matches nothing.
    """
    started = time.monotonic()
    now = now or datetime.now(UTC)
    listing = Sources(sources) if isinstance(sources, Sequence) else sources
    total = listing.bytes
    report, passed, done = IngestReport(), Passed(), 0
    try:
        with target.writing(now), lean_memory(), Reader() as reader:
            setting = (target.sink, geo, networks, verified)
            workers = threads if not total or total > _WORTH_A_POOL else 1
            most = task_bytes(total, workers) if total else LARGEST
            shared = divide(listing, target, passed, reader, most, _AHEAD * workers)
            for task, work in _work_through(shared, setting, now, workers, sure=bool(total)):
                if task.files:
                    report.add(work, target.commit(work.batch, now))
                    reader.forget(task.files)
                listing.settle(task.ended)
                done += task.bytes
                report.seconds = time.monotonic() - started
                if progress is not None:
                    progress(done + passed.bytes, total, report)
            if report.files:
                target.compact(now)
    except OSError as error:
        raise StoreError(
            f"the store cannot be written ({error.strerror or error}): make room or mend its folder and run again; "
            "what was committed stays, the rest is read once more"
        ) from error
    report.add_passed(passed)
    report.seconds = time.monotonic() - started
    return report


Setting = tuple[Sink, Geo | None, Networks, VerifiedNames]
"""What a process needs to make its engine."""


def _work_through(
    shared: Iterator[Task], setting: Setting, now: datetime, threads: int, sure: bool
) -> Iterator[tuple[Task, Work]]:
    """Each task with what came of it, in order; where it is not sure that there are several, that is seen first."""
    first = [] if threads <= 1 or sure else list(islice(shared, 2))
    if threads <= 1 or (not sure and len(first) < 2):
        engine = make_engine(*setting)
        for task in chain(first, shared):
            yield task, engine.work(task.files, now) if task.files else Work()
        return
    # spawned, not forked: the caller may hold threads and open databases
    with _no_blas_threads(), ProcessPoolExecutor(threads, get_context("spawn"), _start, setting) as pool:
        waiting: deque[tuple[Task, Future[Work]]] = deque()
        try:
            for task in chain(first, shared):
                waiting.append((task, pool.submit(_work, task.files, now) if task.files else _nothing()))
                if len(waiting) >= _AHEAD * threads:
                    yield _next(waiting)
            while waiting:
                yield _next(waiting)
        except BrokenProcessPool as error:
            raise WorkerLostError(
                "a worker process died, most likely for want of memory: run again with --threads 1; "
                "what was committed stays"
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _no_blas_threads() -> Iterator[None]:
    """Have processes that are started meanwhile start no threads of OpenBLAS: ingestion does no linear algebra."""
    before = os.environ.get(_BLAS_THREADS)
    os.environ.setdefault(_BLAS_THREADS, "1")
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(_BLAS_THREADS, None)


def _next(waiting: "deque[tuple[Task, Future[Work]]]") -> tuple[Task, Work]:
    task, future = waiting.popleft()
    return task, future.result()


def _nothing() -> "Future[Work]":
    """What comes of no files."""
    nothing = Future[Work]()
    nothing.set_result(Work())
    return nothing


_engine: Engine | None = None
"""A worker process's engine, made once."""


def _start(sink: Sink, geo: Geo | None, networks: Networks, verified: VerifiedNames) -> None:
    global _engine
    threading.Thread(target=_end_with_parent, daemon=True).start()
    use_lean_memory()
    atexit.register(gc.freeze)  # what a worker remembers goes with its process: no need to look for cycles in it
    _engine = make_engine(sink, geo, networks, verified)


def _end_with_parent() -> None:
    """End with whoever started us: one that was killed tells nobody, and we would wait for work for ever."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _work(files: Sequence[LogFile], now: datetime) -> Work:
    assert _engine is not None
    return _engine.work(files, now)

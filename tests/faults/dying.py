"""One tick in a process of its own, which kills itself at a place of its code; or tells what it wrote, and where."""

import importlib
import inspect
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from pipeline.stores.home import open_store
from tests.faults.points import Place
from tests.faults.scenario import Setup


@dataclass(frozen=True)
class Job:
    """A tick."""

    setup: Setup
    now: datetime
    trains: bool = False
    place: Place | None = None
    writers: tuple[str, ...] = ()
    """Functions within which all that is written is expected to be, where that is to be told."""
    told: Path | None = None
    """Where to tell it."""
    task_files: int = 5
    """Files that are committed at once."""


def run(job: Job) -> int | None:
    """Do a job in a process of its own; its exit code."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.dying", "duckdb", "pyarrow.parquet", "boto3"])
    process = context.Process(target=tick, args=(job,))
    process.start()
    process.join()
    return process.exitcode


def tick(job: Job) -> None:
    """Tick once, as `oddtrail watch --once` does."""
    from pipeline.ingest import tasks

    tasks._TASK_FILES = job.task_files
    if job.place is not None:
        die_at(job.place)
    with job.setup.entered(), open_store(job.setup.home) as store, watched(job):
        watch = job.setup.watch(store, trains=job.trains)
        ticked = watch.tick(job.now)
        assert ticked.problems == [], ticked.problems
        watch.close()


def find(where: str) -> tuple[Any, str, Callable[..., Any]]:
    """A function by its name: what holds it, its name there, and itself."""
    parts = where.split(".")
    for end in range(len(parts) - 1, 0, -1):
        try:
            owner: Any = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:-1]:
            owner = getattr(owner, part)
        found = inspect.getattr_static(owner, parts[-1])
        assert inspect.isfunction(found), f"{where} is no function"
        return owner, parts[-1], found
    raise LookupError(where)


def die_at(place: Place) -> None:
    """Have this process kill itself there."""
    owner, name, original = find(place.where)
    calls = 0

    def dying(*given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls != place.call:
            return original(*given, **named)
        if place.when == "amid":
            os.write = write_half  # type: ignore[assignment]
        if place.when != "before":
            original(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("nobody outlives that")

    setattr(owner, name, dying)


def write_half(handle: int, content: bytes, write: Callable[[int, bytes], int] = os.write) -> int:
    """Write the first half, and die."""
    write(handle, content[: len(content) // 2])
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody outlives that")


@contextmanager
def watched(job: Job) -> Iterator[None]:
    """Note who writes anything below the home or into its database outside of the places that are listed."""
    if job.told is None:
        yield
        return
    inside = 0
    called, outside = set[str](), set[str]()

    def note(what: str) -> None:
        if inside == 0:
            frames = [
                f"{f.filename.split('/pipeline/')[-1]}:{f.name}"
                for f in traceback.extract_stack()
                if "/pipeline/" in f.filename
            ]
            outside.add(f"{what} in {' > '.join(frames[-4:])}")

    def within(where: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            nonlocal inside
            called.add(where)
            inside += 1
            try:
                return original(*given, **named)
            finally:
                inside -= 1

        return call

    for where in job.writers:
        owner, name, original = find(where)
        setattr(owner, name, within(where, original))
    from pipeline.stores.sqlite.database import Database

    write, write_each = Database.write, Database.write_each

    def write_noted(self: Database, sql: str, *rest: Any) -> None:
        if sql.split()[0] in ("INSERT", "UPDATE", "DELETE", "REPLACE"):
            note(sql[:40])
        write(self, sql, *rest)

    def write_each_noted(self: Database, sql: str, rows: Any) -> None:
        rows = list(rows)
        if rows:
            note(sql[:40])
        write_each(self, sql, rows)

    Database.write, Database.write_each = write_noted, write_each_noted  # type: ignore[method-assign]
    home, on = str(job.setup.home), True

    def hear(event: str, given: tuple[Any, ...]) -> None:
        if not on or event not in ("open", "os.rename", "os.link", "os.remove", "os.truncate", "os.rmdir"):
            return
        path = str(given[0])
        if not path.startswith(home) or "/staging" in path or path.endswith((".lock", "state.sqlite")):
            return
        if event != "open" or (isinstance(given[2], int) and given[2] & (os.O_WRONLY | os.O_RDWR)):
            note(f"{event} {Path(path).relative_to(home).parts[:1]}")

    sys.addaudithook(hear)
    yield
    on = False
    job.told.write_text(
        "".join(f"called {each}\n" for each in sorted(called))
        + "".join(f"outside {each}\n" for each in sorted(outside))
    )

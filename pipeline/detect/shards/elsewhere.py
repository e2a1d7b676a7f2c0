"""Serving shards on another machine than the watch's: those that are assigned to a name, run after run.

Each shard is a process that reads the shared home's events and answers by files (`pipeline.detect.shards.folder`).
It holds nothing that could be lost: where one ends, it says so, and the watch begins another run.
"""

import os
import secrets
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing import connection, get_context, parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final

from pipeline.detect.shards.assignment import Assignment
from pipeline.detect.shards.folder import (
    ALIVE,
    CLAIMED,
    LOST,
    place_of,
    read_note,
    read_run,
    tell_version,
    wait_for,
    write_note,
)
from pipeline.detect.shards.line import ShardLostError
from pipeline.detect.shards.message import Message, encode
from pipeline.detect.shards.serve import see_home, serve
from pipeline.errors import OddtrailError
from pipeline.settings import Settings
from pipeline.stores.plain_file import write_whole
from pipeline.text.plural import plural

BEAT: Final = 2.0
"""Seconds between two signs of life."""
LOOK: Final = 0.5
"""Seconds between two looks for a run."""
_GRACE: Final = 10.0
Remark = Callable[[str], None]


class ClaimedError(OddtrailError):
    """Another process serves the same shards."""


class ShardEnd:
    """A shard's end of the line to the watch's machine."""

    def __init__(self, home: Path, run: str, shard: int) -> None:
        self._home, self._run, self._place, self._number = home, run, place_of(home, run, shard), 0

    def receive(self, waiting: Callable[[], None] = lambda: None) -> Message:
        """Wait for what is asked next, as long as its run is the one there is."""
        self._number += 1

        def look() -> None:
            waiting()
            if read_run(self._home).get("run") != self._run:
                raise ShardLostError("the run is over")

        return wait_for(self._place / f"asked-{self._number:06}", look)

    def send(self, message: Message) -> None:
        """Answer."""
        try:
            write_whole(self._place / f"told-{self._number:06}", encode(message))
        except OSError as error:
            raise ShardLostError(f"the run is over ({error.strerror})") from error


def serve_name(settings: Settings, name: str, stopping: threading.Event, remark: Remark = lambda _: None) -> None:
    """Serve the shards that are assigned to a name, until asked to stop.

    Raises
    ------
    ClaimedError
        Somebody else of that name does.
    """
    remark(f"waits for a watch of {settings.home} that {name} counts for")
    while not stopping.is_set():
        run = read_run(settings.home)
        mine = Assignment(tuple(run.get("owners", ()))).of_owner(name)
        if mine:
            _serve_run(settings, name, run, mine, stopping, remark)
        stopping.wait(LOOK)


def _serve_run(
    settings: Settings, name: str, run: dict[str, Any], mine: list[int], stopping: threading.Event, remark: Remark
) -> None:
    """Serve some shards of a run, each in a process of its own, until it is over or one of them is lost."""
    places = [place_of(settings.home, run["run"], shard) for shard in mine]
    if any((place / LOST).exists() or not place.is_dir() for place in places):
        return
    if run.get("version") != tell_version():
        _give_up(places, f"{name} has {tell_version()}, the watch {str(run.get('version'))[:80]}: install the same")
        return
    if not _claim(places, name):
        return
    of, threads = len(run["owners"]), max(settings.threads // len(mine), 1)
    context = get_context("spawn")
    started: list[BaseProcess] = []
    for shard in mine:
        work = (settings.home, run["run"], shard, of, threads, settings.memory // len(mine))
        started.append(context.Process(target=_work, args=work, daemon=True))
        started[-1].start()
    remark(f"counts {len(mine)} of {plural(of, 'shard')} for run {run['run'][:8]}")
    try:
        while not stopping.is_set() and read_run(settings.home).get("run") == run["run"]:
            if connection.wait([process.sentinel for process in started], LOOK):
                _give_up(places, f"a process of {name} ended, most likely for want of memory; the day is counted again")
                break
        if stopping.is_set():
            _give_up(places, f"{name} was asked to stop; the day is counted again")
    finally:
        for process in started:
            process.kill()  # it holds nothing
            process.join()
    remark(f"run {run['run'][:8]} is over")


def _claim(places: list[Path], name: str) -> bool:
    """Be who serves some shards; whoever was before and is no more is told of to the watch, which begins again.

    Raises
    ------
    ClaimedError
        Whoever was before is still there.
    """
    instance = secrets.token_hex(8)
    for place in places:
        try:
            handle = os.open(place / CLAIMED, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        except FileExistsError:
            before = read_note(place / ALIVE)
            time.sleep(3 * BEAT)
            if read_note(place / ALIVE) not in ({}, before):
                raise ClaimedError(f"another process serves the shards of {name!r}: stop it, or let it be") from None
            _give_up(places, f"{name} was begun again")
            return False
        except OSError:
            return False  # the run is over
        with os.fdopen(handle, "w") as file:
            file.write(instance)
    return True


def _give_up(places: list[Path], why: str) -> None:
    for place in places:
        if place.is_dir() and not (place / LOST).exists():
            write_note(place / LOST, {"why": why})


def _work(home: Path, run: str, shard: int, of: int, threads: int, memory: int) -> None:
    """What a shard's process does; signals are its parent's business."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_beat, args=(place_of(home, run, shard),), daemon=True).start()
    try:
        serve(ShardEnd(home, run, shard), see_home(home), shard=shard, of=of, threads=threads, memory=memory)
    except ShardLostError:
        os._exit(0)


def _beat(place: Path) -> None:
    """Give a sign of life every few seconds, and end with whoever started us."""
    parent, beat = parent_process(), 0
    while parent is None or not connection.wait([parent.sentinel], BEAT):
        beat += 1
        try:
            write_note(place / ALIVE, {"beat": beat})
        except OSError:
            break  # the run is over, and so is its folder
    os._exit(1)

"""Shards as processes of this machine: begun with who judges, and gone with it, however it ends."""

import atexit
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

from pipeline.detect.shards.line import PipeLine, ShardLostError
from pipeline.detect.shards.serve import see_home, serve

GRACE: Final = 10.0
"""Seconds for a shard to end that is asked for nothing any more."""


@contextmanager
def start_shard(home: Path, *, shard: int, of: int, threads: int, memory: int) -> Iterator[PipeLine]:
    """A shard in a process of its own, for the block.

    Parameters
    ----------
    threads, memory
        Of this shard: cores, and bytes that its queries may use.
    """
    context = get_context("spawn")  # not forked: the caller may hold threads and open databases
    ours, theirs = context.Pipe()
    process = context.Process(
        target=_work, args=(theirs, home, shard, of, threads, memory), name=f"oddtrail-shard-{shard + 1}", daemon=True
    )
    process.start()
    theirs.close()
    atexit.register(ours.close)  # before multiprocessing waits for it, where nobody leaves the block
    try:
        yield PipeLine(ours, lambda: _tell_end(process, shard, of))
    finally:
        atexit.unregister(ours.close)
        ours.close()  # which ends it, between two things that it does
        process.join(GRACE)
        if process.is_alive():
            process.kill()
            process.join()
        process.close()


def _work(connection: Connection, home: Path, shard: int, of: int, threads: int, memory: int) -> None:
    """What the process does. Signals are its parent's business: it ends when that lets go of the pipe, or is gone."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    try:
        serve(
            PipeLine(connection, lambda: "nobody asks any more"),
            see_home(home),
            shard=shard,
            of=of,
            threads=threads,
            memory=memory,
        )
    except ShardLostError:
        os._exit(0)  # a large heap is not taken apart object by object


def _tell_end(process: BaseProcess, shard: int, of: int) -> str:
    """What became of a process that answers no more."""
    process.join(GRACE)
    code = process.exitcode
    how = f"was killed by signal {-code}" if code is not None and code < 0 else f"ended with code {code}"
    return (
        f"the process of shard {shard + 1} of {of} {how}: the day is counted again; if that goes on, most likely for "
        "want of memory, give more of it or have fewer shards"
    )

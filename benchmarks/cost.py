"""What a piece of work costs: seconds, CPU, and memory beyond what the process held before."""

import os
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Final

EVERY: Final = 0.05
"""Seconds between looks at the memory."""


@dataclass(slots=True)
class Cost:
    """A piece of work's cost; children count."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    bytes: int = 0
    """Peak memory, less what the process held before; of children that ended, where one was larger than any before."""

    def per_million(self, events: int) -> dict[str, float]:
        """Return it a million events, memory in MB.

        >>> Cost(10.0, 16.0, 3_000_000).per_million(2_000_000)
        {'seconds': 5.0, 'cpu_seconds': 8.0, 'megabytes': 1.5}
        """
        by = events / 1e6
        return {
            "seconds": round(self.seconds / by, 2),
            "cpu_seconds": round(self.cpu_seconds / by, 2),
            "megabytes": round(self.bytes / 1e6 / by, 1),
        }


@contextmanager
def measured() -> Iterator[Cost]:
    """Measure a block.

    Examples
    --------
    >>> with measured() as cost:
    ...     held = bytearray(50_000_000)
    >>> cost.bytes > 30_000_000, cost.seconds > 0
    (True, True)
    """
    cost, before, began, cpu = Cost(), _resident(), monotonic(), _cpu()
    child_before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    done = threading.Event()
    peak = [before]

    def watch() -> None:
        while not done.wait(EVERY):
            peak[0] = max(peak[0], _resident())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield cost
    finally:
        peak[0] = max(peak[0], _resident())
        done.set()
        watcher.join()
        child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        cost.seconds, cost.cpu_seconds = monotonic() - began, _cpu() - cpu
        cost.bytes = peak[0] - before + (child if child > child_before else 0)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _cpu() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system

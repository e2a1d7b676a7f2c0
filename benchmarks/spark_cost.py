"""CPU that an event takes on this machine's Spark until it is activity, the driver's and Java's own included.

    python -m benchmarks.spark_cost [--accounts 2] [--days 4] [--roles 40] [--calls 10]

Backfills a small trail first, so that starting Java, Spark and its Pythons is not counted, then a larger one in the
same session. Counted is the CPU time of all processes of the session, read twice a second from /proc (Linux only).
"""

import argparse
import json
import os
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.spark_backfill import START, write_trail
from pipeline.spark.backfill import backfill
from pipeline.spark.plan import Plan
from pipeline.spark.session import spark_session

EVERY = 0.5
"""Seconds between two looks; what a process that ends does after the last is lost."""


def read_family(proc: Path = Path("/proc"), root: int | None = None) -> dict[int, float]:
    """CPU seconds so far of a process and all that descend from it, by its id."""
    parents, seconds = dict[int, int](), dict[int, float]()
    for path in proc.glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it ended
            continue
        number = int(path.parent.name)
        parents[number] = int(fields[1])
        seconds[number] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    family = {os.getpid() if root is None else root}
    grown = True
    while grown:
        more = {child for child, parent in parents.items() if parent in family} - family
        family |= more
        grown = bool(more)
    return {number: seconds[number] for number in family if number in seconds}


class Family:
    """CPU seconds of this process and its descendants, those that ended included."""

    def __init__(self) -> None:
        self._most: dict[int, float] = {}
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._ends.wait(EVERY):
            self.seconds()

    def seconds(self) -> float:
        """All so far."""
        self._most |= read_family()
        return sum(self._most.values())

    def close(self) -> None:
        """Look no more."""
        self._ends.set()
        self._thread.join()


def run(folder: Path, accounts: int, days: int, roles: int, calls: int, master: str) -> dict[str, Any]:
    """Backfill a small trail, and then the one that is measured."""
    small, large = folder / "small", folder / "large"
    write_trail(small, 1, 3, 1, 1)
    records = write_trail(large, accounts, days, roles, calls)
    now = datetime(START.year, START.month, START.day, tzinfo=UTC) + timedelta(days=days + 1)
    with spark_session(master) as spark:
        family = Family()
        backfill(spark, Plan([str(small)], str(folder / "warm"), "UTC", 15, now))
        cpu, wall = family.seconds(), time.monotonic()
        backfill(spark, Plan([str(large)], str(folder / "out"), "UTC", 15, now))
        cpu, wall = family.seconds() - cpu, time.monotonic() - wall
        family.close()
    return {
        "records": records,
        "files": accounts * days * 24,
        "cpu_seconds": round(cpu, 1),
        "wall_seconds": round(wall, 1),
        "micros_an_event": round(cpu / records * 1e6, 1),
    }


def main() -> None:
    """Run it, and print what came of it as JSON."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("accounts", 2), ("days", 4), ("roles", 40), ("calls", 10)):
        options.add_argument(f"--{name}", type=int, default=default)
    options.add_argument("--master", default="local[2]")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="oddtrail-spark-") as folder:
        told = run(Path(folder), given.accounts, given.days, given.roles, given.calls, given.master)
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()

"""Seconds and memory of a watch's ticks through a busy day, and of a watch that begins again late in the day.

    python -m benchmarks.watch_speed [--days 28] [--principals 2500] [--calls 8000000] [--hours 2 10 16 23] [--out DIR]

Makes a world (`benchmarks.busy_world`), trains after all days but the newest, and lets a watch live through that one in
a process of its own. Up to each of some hours the day is delivered at once, and then minute by minute: a tick each. At
the end another watch begins on the same home and replays the day. What is taken in is in the home already: reading and
normalising it has measures of its own (`benchmarks.ingest_floor`, `benchmarks.index_speed`).
"""

import argparse
import json
import subprocess
import sys
import time
from collections import defaultdict
from datetime import datetime, timedelta
from mmap import PAGESIZE
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.activity_speed import peak_bytes
from benchmarks.busy_home import Part, deliver, make_parts, midnight
from benchmarks.busy_world import TIMEZONE, World
from benchmarks.training_speed import FIRST_DAY, NIGHT, make_history, measured_apart

MINUTE = timedelta(minutes=1)
MOST_TICK_SECONDS, MOST_RESTORE_SECONDS = 3.0, 60.0


def held_bytes() -> int:
    """Memory that this process holds now, as the system counts it."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGESIZE


def watch_home(home: Path, threads: int, *, trains: bool) -> None:
    """Tick at each time that is read, and write what it cost; a blank line ends it."""
    from pipeline.settings import load_settings
    from pipeline.stores.home import open_store
    from pipeline.watch.plan import Plan
    from pipeline.watch.watch import Watch

    settings = load_settings({"home": home, "timezone": TIMEZONE, "threads": threads})
    with open_store(home, create=False) as store:
        watch = Watch(store, settings, Plan([], trains=trains))
        for line in sys.stdin:
            if not line.strip():
                break
            wall, cpu = time.perf_counter(), time.process_time()
            ticked = watch.tick(datetime.fromisoformat(line.strip()))
            cost = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "bytes": peak_bytes()}
            found = {"held": held_bytes(), "trained": bool(ticked.trained)}
            found |= {"revisions": ticked.revisions, "raised": ticked.raised, "problems": ticked.problems}
            print(json.dumps(cost | found), flush=True)
        watch.close()


class Watched:
    """A watch in a process of its own."""

    def __init__(self, home: Path, threads: int, *, trains: bool = False) -> None:
        command = [sys.executable, "-m", "benchmarks.watch_speed", "--watch", str(home), "--threads", str(threads)]
        command += ["--trains"] if trains else []
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def tick(self, now: datetime) -> dict[str, Any]:
        """What a tick cost, and what came of it."""
        print(now.isoformat(), file=self._process.stdin, flush=True)
        assert self._process.stdout is not None
        out: dict[str, Any] = json.loads(self._process.stdout.readline())
        assert not out["problems"], out["problems"]
        return out

    def end(self) -> None:
        """Let it close the home."""
        self._process.communicate("\n")


def run(home: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Make the world and live through a day."""
    from pipeline.stores.home import open_store

    world, number = World(options.principals, options.days + 1, FIRST_DAY, options.calls), options.days - 1
    make_history(home, world)
    trained = measured_apart("before", home, midnight(world, number) + NIGHT, options.threads, None)
    print(f"trained in {trained['wall_seconds']:.0f} s", file=sys.stderr)
    hours, done = list[dict[str, Any]](), midnight(world, number) + NIGHT
    watched = Watched(home, options.threads)
    with open_store(home, create=False) as store:
        for hour in options.hours:
            until = midnight(world, number) + timedelta(hours=hour)
            last = until + options.ticks * MINUTE
            before = [*make_parts(world, store, number - 1, done, last), *make_parts(world, store, number, done, until)]
            deliver(store, before)
            caught_up = watched.tick(until)
            minutes = defaultdict[datetime, list[Part]](list)
            for part in make_parts(world, store, number, until, last, MINUTE):
                minutes[part.until].append(part)
            ticks = []
            for now in (until + at * MINUTE for at in range(1, options.ticks + 1)):
                events = deliver(store, minutes[now])
                ticks.append(watched.tick(now) | {"events": events})
            hours.append({"hour": hour, "caught_up": caught_up, "ticks": ticks})
            print(tell_hour(hours[-1]), file=sys.stderr)
            done = last
        watched.end()
        again = Watched(home, options.threads)
        restored = again.tick(done + MINUTE)
        again.end()
    return {"days": options.days, "calls": options.calls, "hours": hours, "restored": restored}


def tell_hour(found: dict[str, Any]) -> str:
    """An hour's ticks in a line."""
    ticks, caught_up = found["ticks"], found["caught_up"]
    cpu = [tick["cpu"] for tick in ticks]
    return (
        f"from {found['hour']:02}:00, {median(tick['events'] for tick in ticks):,.0f} events a tick: "
        f"{median(cpu):.2f} s of CPU, at most {max(cpu):.2f} (at most {MOST_TICK_SECONDS:.0f}); "
        f"{sum(tick['revisions'] for tick in ticks)} revisions; peak {ticks[-1]['bytes'] / 1e9:.2f} GB; "
        f"what came before at once: {caught_up['wall']:.1f} s"
    )


def tell(result: dict[str, Any]) -> str:
    """What was measured, against what is asked."""
    restored = result["restored"]
    return "\n".join([
        f"a day of {result['calls']:,} events after {result['days'] - 1} such days",
        *map(tell_hour, result["hours"]),
        f"begun again at the end: {restored['wall']:.1f} s, {restored['cpu']:.1f} s of CPU "
        f"(at most {MOST_RESTORE_SECONDS:.0f} s), peak {restored['bytes'] / 1e9:.2f} GB; "
        f"{restored['revisions']} revisions, for nothing had changed",
        "kept" if kept(result) else "NOT kept",
    ])  # fmt: skip


def kept(result: dict[str, Any]) -> bool:
    """Whether the bounds are."""
    most = max(tick["cpu"] for hour in result["hours"] for tick in hour["ticks"])
    restored = result["restored"]
    return bool(most <= MOST_TICK_SECONDS and restored["wall"] <= MOST_RESTORE_SECONDS and not restored["revisions"])


def main() -> int:
    """Make, measure, say so; 1 when a bound is not kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--principals", type=int, default=2_500)
    parser.add_argument("--calls", type=int, default=8_000_000)
    parser.add_argument("--hours", type=int, nargs="+", default=[2, 10, 16, 23])
    parser.add_argument("--ticks", type=int, default=20, help="after each of the hours")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, help="keep the home here, for another look")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--watch", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--trains", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.watch:
        watch_home(options.watch, options.threads, trains=options.trains)
        return 0
    with TemporaryDirectory() as folder:
        result = run((options.out or Path(folder)) / "home", options)
    print(json.dumps(result) if options.json else tell(result))
    return 0 if kept(result) else 1


if __name__ == "__main__":
    sys.exit(main())

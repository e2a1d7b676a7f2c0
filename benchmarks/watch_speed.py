"""Seconds and memory of a watch's ticks through a busy day, and of a watch that begins again late in the day.

    python -m benchmarks.watch_speed [--days 28] [--principals 2500] [--calls 8000000] [--hours 2 10 16 23] [--out DIR]
    python -m benchmarks.watch_speed --days 9 --calls 1000000 --hours 16 --shards 1 2
    python -m benchmarks.watch_speed --days 9 --worlds 4 --hours 23 --ticks 8      # four busy accounts: 9 GB

Makes a world (`benchmarks.busy_world`), trains after all days but the newest, and lets a watch live through that one in
a process of its own. Up to each of some hours the day is delivered at once, and then minute by minute: a tick each. At
the end another watch begins on the same home and replays the day. What is taken in is in the home already: reading and
normalising it has measures of its own (`benchmarks.ingest_floor`, `benchmarks.index_speed`). With several numbers of
shards the same day is lived through once with each, and their alerts are held against each other; the CPU of each
process is told apart.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from datetime import datetime, timedelta
from mmap import PAGESIZE
from multiprocessing import active_children
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
MOST_TICK_SECONDS_OF_TEN = 20.0


def held_bytes() -> int:
    """Memory that this process holds now, as the system counts it."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGESIZE


def watch_home(home: Path, threads: int, shards: int, *, trains: bool) -> None:
    """Tick at each time that is read, and write what it cost; a blank line ends it."""
    from pipeline.settings import load_settings
    from pipeline.stores.home import open_store
    from pipeline.watch.plan import Plan
    from pipeline.watch.watch import Watch

    settings = load_settings({"home": home, "timezone": TIMEZONE, "threads": threads, "shards": shards})
    with open_store(home, create=False) as store:
        watch = Watch(store, settings, Plan([], trains=trains))
        for line in sys.stdin:
            if not line.strip():
                break
            wall, cpu, before = time.perf_counter(), time.process_time(), cost_of_shards()
            ticked = watch.tick(datetime.fromisoformat(line.strip()))
            cost = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "bytes": peak_bytes()}
            cost["shards"] = [
                {"cpu": after["cpu"] - before.get(name, {"cpu": 0})["cpu"], "bytes": after["bytes"]}
                for name, after in sorted(cost_of_shards().items())
            ]
            found = {"held": held_bytes(), "trained": bool(ticked.trained)}
            found |= {"revisions": ticked.revisions, "raised": ticked.raised, "problems": ticked.problems}
            print(json.dumps(cost | found), flush=True)
        watch.close()


def cost_of_shards() -> dict[str, dict[str, float]]:
    """CPU seconds and peak of memory of each shard's process, by its name."""
    found = {}
    for child in active_children():
        if not child.name.startswith("oddtrail-shard-"):
            continue
        told = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()
        status = dict(line.split(":", 1) for line in Path(f"/proc/{child.pid}/status").read_text().splitlines())
        cpu = sum(map(int, told[11:13])) / os.sysconf("SC_CLK_TCK")
        found[child.name] = {"cpu": cpu, "bytes": int(status["VmHWM"].split()[0]) * 1024}
    return found


class Watched:
    """A watch in a process of its own."""

    def __init__(self, home: Path, threads: int, shards: int = 1, *, trains: bool = False) -> None:
        command = [sys.executable, "-m", "benchmarks.watch_speed", "--watch", str(home), "--threads", str(threads)]
        command += ["--shards", str(shards), *(["--trains"] if trains else [])]
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


def run(home: Path, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Make the world and live through a day, with each number of shards that is asked for."""
    worlds = [
        World(options.principals, options.days + 1, FIRST_DAY, options.calls, number=number)
        for number in range(options.worlds)
    ]
    for world in worlds:
        make_history(home, world)
    night = midnight(worlds[0], options.days - 1) + NIGHT
    trained = measured_apart("before", home, night, options.threads, None)
    print(f"trained in {trained['wall_seconds']:.0f} s, at most {trained['peak_bytes'] / 1e9:.1f} GB", file=sys.stderr)
    homes = {shards: home.with_name(f"home-{shards}") for shards in options.shards}
    for one in homes.values():
        shutil.copytree(home, one)
    found = [live_through(one, worlds, shards, options) for shards, one in homes.items()]
    [alerts, *others] = [(one / "alerts.jsonl").read_bytes() for one in homes.values()]
    assert all(other == alerts for other in others), "alerts depend on the number of shards"
    return found


def live_through(home: Path, worlds: list[World], shards: int, options: argparse.Namespace) -> dict[str, Any]:
    """A day's ticks, and beginning again."""
    from pipeline.stores.home import open_store

    number, began = options.days - 1, midnight(worlds[0], options.days - 1)
    hours, done = list[dict[str, Any]](), began + NIGHT
    watched = Watched(home, options.threads, shards)
    with open_store(home, create=False) as store:
        for hour in options.hours:
            until = began + timedelta(hours=hour)
            last = until + options.ticks * MINUTE
            for world in worlds:
                deliver(store, make_parts(world, store, number - 1, done, last))
                deliver(store, make_parts(world, store, number, done, until))
            caught_up = watched.tick(until)
            minutes = defaultdict[datetime, list[Part]](list)
            for world in worlds:
                for part in make_parts(world, store, number, until, last, MINUTE):
                    minutes[part.until].append(part)
            ticks = []
            for now in (until + at * MINUTE for at in range(1, options.ticks + 1)):
                events = deliver(store, minutes[now])
                ticks.append(watched.tick(now) | {"events": events})
            hours.append({"hour": hour, "caught_up": caught_up, "ticks": ticks})
            print(tell_hour(hours[-1], len(worlds)), file=sys.stderr)
            done = last
        watched.end()
        again = Watched(home, options.threads, shards)
        restored = again.tick(done + MINUTE)
        again.end()
    kind = {"days": options.days, "calls": options.calls, "worlds": len(worlds), "shards": shards}
    return kind | {"hours": hours, "restored": restored}


def bound_tick(worlds: int) -> float:
    """CPU seconds that are asked of a tick at most."""
    return MOST_TICK_SECONDS if worlds == 1 else MOST_TICK_SECONDS_OF_TEN


def tell_hour(found: dict[str, Any], worlds: int) -> str:
    """An hour's ticks in a line."""
    ticks, caught_up = found["ticks"], found["caught_up"]
    cpu = [tick["cpu"] for tick in ticks]
    return (
        f"from {found['hour']:02}:00, {median(tick['events'] for tick in ticks):,.0f} events a tick: "
        f"{median(cpu):.2f} s of CPU, at most {max(cpu):.2f} (at most {bound_tick(worlds):.0f})"
        f"{tell_shards([tick['shards'] for tick in ticks])}; {median(tick['wall'] for tick in ticks):.2f} s in all; "
        f"{sum(tick['revisions'] for tick in ticks)} revisions; peak {ticks[-1]['bytes'] / 1e9:.2f} GB; "
        f"what came before at once: {caught_up['wall']:.1f} s"
    )


def tell_shards(found: list[list[dict[str, float]]]) -> str:
    """What shards' processes cost at some ticks; nothing where there is none."""
    if not found[0]:
        return ""
    each = zip(*found, strict=True)
    told = [f"{median(one['cpu'] for one in ticks):.2f} ({ticks[-1]['bytes'] / 1e9:.2f} GB)" for ticks in each]
    return f", shards {', '.join(told)}"


def tell(result: dict[str, Any]) -> str:
    """What was measured, against what is asked."""
    restored = result["restored"]
    return "\n".join([
        f"a day of {result['worlds'] * result['calls']:,} events after {result['days'] - 1} such days",
        *(tell_hour(hour, result["worlds"]) for hour in result["hours"]),
        f"begun again at the end: {restored['wall']:.1f} s, {restored['cpu']:.1f} s of CPU"
        f"{tell_shards([restored['shards']])} (at most {MOST_RESTORE_SECONDS:.0f} s), "
        f"peak {restored['bytes'] / 1e9:.2f} GB; {restored['revisions']} revisions, for nothing had changed",
        "kept" if kept(result) else "NOT kept",
    ])  # fmt: skip


def kept(result: dict[str, Any]) -> bool:
    """Whether the bounds are."""
    most = max(tick["cpu"] for hour in result["hours"] for tick in hour["ticks"])
    restored = result["restored"]
    quick = result["worlds"] > 1 or restored["wall"] <= MOST_RESTORE_SECONDS
    return bool(most <= bound_tick(result["worlds"]) and quick and not restored["revisions"])


def main() -> int:
    """Make, measure, say so; 1 when a bound is not kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--principals", type=int, default=2_500)
    parser.add_argument("--calls", type=int, default=8_000_000)
    parser.add_argument("--worlds", type=int, default=1, help="each with so many principals and calls")
    parser.add_argument("--hours", type=int, nargs="+", default=[2, 10, 16, 23])
    parser.add_argument("--ticks", type=int, default=20, help="after each of the hours")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--shards", type=int, nargs="+", default=[1], help="numbers of processes that count")
    parser.add_argument("--out", type=Path, help="keep the home here, for another look")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--watch", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--trains", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.watch:
        watch_home(options.watch, options.threads, options.shards[0], trains=options.trains)
        return 0
    with TemporaryDirectory() as folder:
        results = run((options.out or Path(folder)) / "home", options)
    print(json.dumps(results) if options.json else "\n\n".join(map(tell, results)))
    return 0 if all(map(kept, results)) else 1


if __name__ == "__main__":
    sys.exit(main())

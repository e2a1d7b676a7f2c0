"""Seconds from a day's gzip files to its alerts: 8 million calls, on two cores, with a model that is there.

    python -m benchmarks.whole_day [--days 8] [--principals 2500] [--calls 8000000] [--threads 2] [--out DIR] [--json]

Makes a busy world (`benchmarks.busy_trail`): activity of some days, from which a model is trained as at 00:20 of the
last, and that day's calls as the files that CloudTrail delivers. Then, in processes of their own, as a home that was
away for a day: `ingest` takes in the files, and `score` judges them all at once and writes the alerts. Asked are 180 s
for both. Making the trail and training are not counted.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.activity_speed import peak_bytes
from benchmarks.busy_home import midnight
from benchmarks.busy_trail import TrailWorld, WorldGeo, write_trail
from benchmarks.training_speed import EVENING, FIRST_DAY, NIGHT, make_history, measured_apart, tell_cost

MOST_SECONDS, CALLS = 180.0, 8_000_000
FEWEST = 7_800_000
"""Of so many calls that are asked for, some are late, and a world makes about as many."""
LAST = timedelta(minutes=10)
"""After the next midnight, until when files are delivered: a file's name tells the end of its five minutes."""


def ingest_day(home: Path, trail: Path, now: datetime, threads: int) -> dict[str, Any]:
    """What `oddtrail ingest` does; its counts with wall and CPU seconds and peak memory, those of its workers too."""
    from pipeline.ingest.run import ingest
    from pipeline.stores.home import open_store

    wall = time.perf_counter()
    with open_store(home) as store:
        geo: Any = WorldGeo()
        report = ingest([trail], store.events, geo=geo, now=now, threads=threads)
    own, workers = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "wall_seconds": round(time.perf_counter() - wall, 1),
        "cpu_seconds": round(sum(used.ru_utime + used.ru_stime for used in (own, workers)), 1),
        "peak_bytes": peak_bytes(),
        "peak_worker_bytes": workers.ru_maxrss << 10,
        "memo_hit_rate": report.memo_hit_rate,
        "events": report.stored,
        "set_aside": report.set_aside,
    }


def _ingested_apart(home: Path, trail: Path, now: datetime, threads: int) -> dict[str, Any]:
    """`ingest_day` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.whole_day", "--ingest", str(trail), "--home", str(home)]
    command += ["--now", now.isoformat(), "--threads", str(threads)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    out: dict[str, Any] = json.loads(done.stdout)
    return out


def run(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Make what is needed and measure."""
    home, trail = folder / "home", folder / "trail"
    world = TrailWorld(options.principals, options.days + 2, FIRST_DAY, options.calls)
    today, evening = midnight(world, options.days), midnight(world, options.days + 1) + EVENING
    begun = time.perf_counter()
    make_history(home, world)
    train = measured_apart("before", home, today + NIGHT, options.threads, None)
    trained = time.perf_counter()
    made = write_trail(world, trail, options.days, today + NIGHT, midnight(world, options.days + 1) + LAST)
    world.connection.close()
    told = f"trained in {trained - begun:.0f} s, trail made in {time.perf_counter() - trained:.0f} s"
    print(f"{told}: {made.events:,} calls in {made.files:,} files, {made.bytes / 1e9:.2f} GB", file=sys.stderr)
    ingest = _ingested_apart(home, trail, evening, options.threads)
    print(f"ingest: {tell_cost(ingest)}", file=sys.stderr)
    score = measured_apart("score", home, evening, options.threads, None)
    score["report"].pop("alerts", None)  # they are long, and in the home
    return {"days": options.days, "made": made._asdict(), "train": train, "ingest": ingest, "score": score}


def verdict(result: dict[str, Any]) -> str:
    """What was measured, against what is asked."""
    made, ingest, score = result["made"], result["ingest"], result["score"]
    told = "kept" if kept(result) else "NOT kept"
    whole = made["events"] == ingest["events"] and not ingest["set_aside"]
    return (
        f"{made['events']:,} calls in {made['files']:,} files, {made['bytes'] / 1e9:.2f} GB of gzip, "
        f"{made['inflated'] / 1e9:.1f} GB inflated{'' if whole else ', NOT all of them stored'}\n"
        f"ingest: {tell_cost(ingest)} and {ingest['peak_worker_bytes'] / 1e9:.2f} GB a worker; "
        f"{ingest['cpu_seconds'] / ingest['events'] * 1e6:.1f} µs of CPU an event, memo hits "
        f"{ingest['memo_hit_rate']:.3f}\n"
        f"score: {tell_cost(score)}; {score['report']['raised']} alerts\n"
        f"together {seconds(result):.1f} s, at most {MOST_SECONDS:.0f} s at {CALLS:,} calls: "
        f"{told if made['events'] >= FEWEST else 'these are too few to say'}"
    )


def seconds(result: dict[str, Any]) -> float:
    """From the files to the alerts."""
    return float(result["ingest"]["wall_seconds"] + result["score"]["wall_seconds"])


def kept(result: dict[str, Any]) -> bool:
    """Whether all calls were stored, and within the bound.

    >>> made = {"events": 5}
    >>> parts = {"ingest": {"events": 5, "set_aside": 0, "wall_seconds": 90.0}, "score": {"wall_seconds": 91.0}}
    >>> kept({"made": made, **parts})
    False
    """
    ingest = result["ingest"]
    whole = ingest["events"] == result["made"]["events"] and not ingest["set_aside"]
    return whole and seconds(result) <= MOST_SECONDS


def main() -> int:
    """Make, measure, say so; 1 when the bound is not kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=8, help="of history")
    parser.add_argument("--principals", type=int, default=2_500)
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, help="keep home and trail here, for another look")
    parser.add_argument("--json", action="store_true")
    for hidden, kind in (("--ingest", Path), ("--home", Path), ("--now", datetime.fromisoformat)):
        parser.add_argument(hidden, type=kind, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ingest:
        print(json.dumps(ingest_day(options.home, options.ingest, options.now, options.threads)))
        return 0
    with TemporaryDirectory() as folder:
        result = run(options.out or Path(folder), options)
    print(json.dumps(result) if options.json else verdict(result))
    return 0 if kept(result) else 1


if __name__ == "__main__":
    sys.exit(main())

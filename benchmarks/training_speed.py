"""Seconds and memory of a night's training after 28 busy days, from scratch too, and of scoring the day after.

    python -m benchmarks.training_speed [--days 28] [--principals 2500] [--calls 8000000] [--out DIR] [--json]

Makes a world (`benchmarks.busy_world`): activity of all days but the newest two, and events of those as they are
delivered. Then, in processes of their own as a home does them: `before` trains as at 00:20 of the last but one day,
from scratch, for there is no model. The rest of that day is delivered, and `nightly` trains as at 00:20 of the last: it
makes activity of the day's events, goes on from the model by one day and writes the bundle. `train` does the same night
from scratch, the day's activity being made already. The rest of the last day is delivered, and `score` runs once over
the whole of it, alerts written.
"""

import argparse
import cProfile
import json
import pstats
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.activity_speed import LEAST, peak_bytes
from benchmarks.busy_home import midnight, write_activity, write_events
from benchmarks.busy_world import TIMEZONE, World

FIRST_DAY = date(2026, 3, 2)
NIGHT = timedelta(minutes=20)
"""After midnight, when a training runs."""
EVENING = timedelta(minutes=14)
"""After the next midnight, when the day is scored: whatever comes later belongs to the day after."""
MOST_TRAIN_SECONDS, MOST_TRAIN_BYTES, MOST_SCORE_SECONDS = 300.0, 4_000_000_000, 30.0
MOST_NIGHTLY_SECONDS = 30.0


def make_history(home: Path, world: World, number: int | None = None) -> dict[str, int]:
    """Put the first days in a home, all but the last two where none is said, and the first minutes of the one after.

    Returns the smallest tables of a day.
    """
    from pipeline.detect.scoring import CHECKPOINT
    from pipeline.stores.home import open_store

    number = world.days - 2 if number is None else number
    with open_store(home) as store:
        made = [write_activity(world, store, earlier) for earlier in range(number)]
        write_events(world, store, number, midnight(world, number), midnight(world, number) + NIGHT)
        store.state.put_checkpoint(CHECKPOINT, {"day": str(midnight(world, number).date()), "counters": {}})
    return {name: min(rows[name] for rows in made) for name in LEAST}


def deliver_rest(home: Path, world: World, number: int, until: datetime) -> int:
    """Put what a day delivered after its first minutes in the home, and of the next one what came until then."""
    from pipeline.detect.scoring import CHECKPOINT
    from pipeline.stores.home import open_store

    since, days = midnight(world, number) + NIGHT, [number - 1, number, number + 1]
    with open_store(home) as store:
        store.state.put_checkpoint(CHECKPOINT, {"day": str(midnight(world, number).date()), "counters": {}})
        held = {day for _, day in store.events.days()}
        days = [day for day in days if day < world.days and (day == number + 1 or midnight(world, day).date() in held)]
        return sum(write_events(world, store, day, since, until) for day in days)


def train_home(home: Path, now: datetime, threads: int, *, from_scratch: bool = False) -> dict[str, Any]:
    """What `oddtrail train` does."""
    from pipeline.detect.trainer import train
    from pipeline.settings import load_settings
    from pipeline.stores.home import open_store

    settings = load_settings({"home": home, "timezone": TIMEZONE, "threads": threads})
    with open_store(home, create=False) as store:
        return train(store, settings, now, from_scratch=from_scratch).as_dict()


def score_home(home: Path, now: datetime, threads: int) -> dict[str, Any]:
    """What `oddtrail score` does."""
    from pipeline.detect.worker import score
    from pipeline.settings import load_settings
    from pipeline.stores.home import open_store

    with open_store(home, create=False) as store:
        return score(store, load_settings({"home": home, "timezone": TIMEZONE, "threads": threads}), now).as_dict()


JOBS: dict[str, Callable[[Path, datetime, int], dict[str, Any]]] = {
    "before": train_home,
    "nightly": train_home,
    "train": partial(train_home, from_scratch=True),
    "score": score_home,
}


def measure(job: str, home: Path, now: datetime, threads: int, profile: Path | None = None) -> dict[str, Any]:
    """Run a job in this process; its report, with wall and CPU seconds and peak memory."""
    profiler = cProfile.Profile()
    wall, cpu = time.perf_counter(), time.process_time()
    report = profiler.runcall(JOBS[job], home, now, threads) if profile else JOBS[job](home, now, threads)
    out = {
        "wall_seconds": round(time.perf_counter() - wall, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "peak_bytes": peak_bytes(),
        "report": report,
    }
    if profile is not None:
        with profile.open("w", encoding="utf-8") as stream:
            pstats.Stats(profiler, stream=stream).sort_stats("tottime").print_stats(60)
    return out


def measured_apart(job: str, home: Path, now: datetime, threads: int, profile: Path | None) -> dict[str, Any]:
    """`measure` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.training_speed", "--measure", job, "--home", str(home)]
    command += ["--now", now.isoformat(), "--threads", str(threads), *(["--profile", str(profile)] if profile else [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    out: dict[str, Any] = json.loads(done.stdout)
    return out


def verdict(result: dict[str, Any]) -> str:
    """What was measured, against what is asked."""
    nightly, train, score, least = (result[name] for name in ("nightly", "train", "score", "least"))
    return (
        f"{result['days']} days of at least {least['principals']:,} principals, {least['joint']:,} joint and "
        f"{least['touched']:,} touched rows; {result['night_events']:,} events on the day that the night learns, "
        f"{result['scored_events']:,} on the day after\n"
        f"nightly: {tell_cost(nightly)}; {nightly['cpu_seconds'] / result['night_events'] * 1e6:.1f} s of CPU a "
        f"million events (at most {MOST_NIGHTLY_SECONDS:.0f} s at 8 million)\n"
        f"from scratch: {tell_cost(train)} (at most {MOST_TRAIN_SECONDS:.0f} s, {MOST_TRAIN_BYTES / 1e9:.0f} GB), "
        f"{train['cpu_seconds'] / nightly['cpu_seconds']:.1f} times the night's\n"
        f"score: {tell_cost(score)} (at most {MOST_SCORE_SECONDS:.0f} s), {score['report']['revisions']} revisions, "
        f"{score['report']['raised']} alerts\n{'kept' if kept(result) else 'NOT kept'}"
    )


def tell_cost(job: dict[str, Any]) -> str:
    """What a job took (`measure`), for people."""
    return f"{job['wall_seconds']} s, {job['cpu_seconds']} s of CPU, peak {job['peak_bytes'] / 1e9:.2f} GB"


def kept(result: dict[str, Any]) -> bool:
    """Whether the bounds are, and the night came to what a training from scratch comes to."""
    nightly, train, score = result["nightly"], result["train"], result["score"]
    return bool(
        nightly["wall_seconds"] <= MOST_NIGHTLY_SECONDS
        and nightly["report"]["stepped_days"] == 1
        and nightly["report"]["model_id"] == train["report"]["model_id"]
        and train["wall_seconds"] <= MOST_TRAIN_SECONDS
        and train["peak_bytes"] <= MOST_TRAIN_BYTES
        and score["wall_seconds"] <= MOST_SCORE_SECONDS
    )


def run(home: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Make the world and measure the jobs."""
    world = World(options.principals, options.days + 1, FIRST_DAY, options.calls)
    last = options.days
    tonight, evening = midnight(world, last) + NIGHT, midnight(world, last + 1) + EVENING
    started = time.perf_counter()
    least = make_history(home, world)
    print(f"made in {time.perf_counter() - started:.0f} s", file=sys.stderr)

    def do(job: str, now: datetime) -> dict[str, Any]:
        done = measured_apart(job, home, now, options.threads, options.out / f"{job}.txt" if options.profiled else None)
        print(f"{job}: {tell_cost(done)}", file=sys.stderr)
        return done

    result: dict[str, Any] = {"days": options.days, "least": least}
    result["before"] = do("before", midnight(world, last - 1) + NIGHT)
    result["night_events"] = deliver_rest(home, world, last - 1, tonight)
    result["nightly"], result["train"] = do("nightly", tonight), do("train", tonight)
    result["scored_events"] = deliver_rest(home, world, last, evening)
    result["score"] = do("score", evening)
    return result


def main() -> int:
    """Make, measure, say so; 1 when a bound is not kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--principals", type=int, default=2_500)
    parser.add_argument("--calls", type=int, default=8_000_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, help="keep the home here, for another look")
    parser.add_argument("--profiled", action="store_true", help="write profiles beside the home; slower")
    parser.add_argument("--json", action="store_true")
    for hidden, kind in (("--measure", str), ("--home", Path), ("--now", datetime.fromisoformat), ("--profile", Path)):
        parser.add_argument(hidden, type=kind, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure, options.home, options.now, options.threads, options.profile)))
        return 0
    with TemporaryDirectory() as folder:
        options.out = options.out or Path(folder)
        result = run(options.out / "home", options)
    print(json.dumps(result) if options.json else verdict(result))
    if options.days >= 28 and options.calls >= 8_000_000:
        assert all(result["least"][name] >= least for name, least in LEAST.items()), f"too easy: {result['least']}"
    return 0 if kept(result) else 1


if __name__ == "__main__":
    sys.exit(main())

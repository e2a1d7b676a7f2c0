"""Seconds and memory of a nightly training over 28 busy days, and of scoring the day after, as a home does them.

    python -m benchmarks.training_speed [--days 28] [--principals 2500] [--calls 8000000] [--out DIR] [--json]

Makes a world (`benchmarks.busy_world`): activity of all days but the last two, and the events of those two. Then, in
processes of their own, `train` runs as at 00:20 of the day after the 28 (it rewrites the newest day's activity from its
events, walks through all of them with calibration, and writes the bundle), the rest of that day is delivered, and
`score` runs once over the whole of it, alerts written. A bundle that was there before stands for earlier nights.
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


def make_history(home: Path, world: World) -> dict[str, Any]:
    """Put all days but the last in a home, and the first minutes of the last; return the smallest tables of a day."""
    from pipeline.detect.scoring import CHECKPOINT
    from pipeline.stores.bundles.folder import Bundles
    from pipeline.stores.home import open_store

    newest = world.days - 1
    with open_store(home) as store:
        made = [write_activity(world, store, number) for number in range(newest - 1)]
        tonight = midnight(world, newest) + NIGHT
        events = sum(
            write_events(world, store, number, midnight(world, number), tonight) for number in (newest - 1, newest)
        )
        Bundles(home).publish(_earlier_model(world))
        store.state.put_checkpoint(CHECKPOINT, {"day": str(midnight(world, newest).date()), "counters": {}})
    return {"least": {name: min(rows[name] for rows in made) for name in LEAST}, "events": events}


def deliver_rest(home: Path, world: World) -> int:
    """Put the rest of the last day in the home; return how many events."""
    from pipeline.stores.home import open_store

    newest = world.days - 1
    since, until = midnight(world, newest) + NIGHT, midnight(world, newest + 1) + EVENING
    with open_store(home) as store:
        return sum(write_events(world, store, number, since, until) for number in (newest - 1, newest))


def _earlier_model(world: World) -> Any:
    from features.times.day import day_number
    from models.model import Model
    from models.priors import AttackPriors
    from pipeline.datafiles import read_attack_priors

    return Model(day_number(world.first), AttackPriors.from_dict(read_attack_priors()))


def train_home(home: Path, now: datetime, threads: int) -> dict[str, Any]:
    """What `oddtrail train` does."""
    from pipeline.detect.trainer import train
    from pipeline.settings import load_settings
    from pipeline.stores.home import open_store

    with open_store(home, create=False) as store:
        return train(store, load_settings({"home": home, "timezone": TIMEZONE, "threads": threads}), now).as_dict()


def score_home(home: Path, now: datetime, threads: int) -> dict[str, Any]:
    """What `oddtrail score` does."""
    from pipeline.detect.worker import score
    from pipeline.settings import load_settings
    from pipeline.stores.home import open_store

    with open_store(home, create=False) as store:
        return score(store, load_settings({"home": home, "timezone": TIMEZONE, "threads": threads}), now).as_dict()


JOBS: dict[str, Callable[[Path, datetime, int], dict[str, Any]]] = {"train": train_home, "score": score_home}


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
    train, score, least = result["train"], result["score"], result["least"]
    return (
        f"{result['days']} days of at least {least['principals']:,} principals, {least['joint']:,} joint and "
        f"{least['touched']:,} touched rows; {result['scored_events']:,} events on the day after\n"
        f"train: {train['wall_seconds']} s (at most {MOST_TRAIN_SECONDS:.0f}), {train['cpu_seconds']} s of CPU, "
        f"peak {train['peak_bytes'] / 1e9:.2f} GB (at most {MOST_TRAIN_BYTES / 1e9:.0f})\n"
        f"score: {score['wall_seconds']} s (at most {MOST_SCORE_SECONDS:.0f}), {score['cpu_seconds']} s of CPU, "
        f"peak {score['peak_bytes'] / 1e9:.2f} GB, {score['report']['revisions']} revisions, "
        f"{score['report']['raised']} alerts\n{'kept' if kept(result) else 'NOT kept'}"
    )


def kept(result: dict[str, Any]) -> bool:
    """Whether the bounds are."""
    train, score = result["train"], result["score"]
    return bool(
        train["wall_seconds"] <= MOST_TRAIN_SECONDS
        and train["peak_bytes"] <= MOST_TRAIN_BYTES
        and score["wall_seconds"] <= MOST_SCORE_SECONDS
    )


def run(home: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Make the world and measure both jobs."""
    world = World(options.principals, options.days + 1, FIRST_DAY, options.calls)
    night, evening = midnight(world, options.days) + NIGHT, midnight(world, options.days + 1) + EVENING
    started = time.perf_counter()
    made = make_history(home, world)
    print(f"made in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    profiles = {job: options.out / f"{job}.txt" if options.profiled else None for job in JOBS}
    train = measured_apart("train", home, night, options.threads, profiles["train"])
    print(f"train: {train}", file=sys.stderr)
    rest = deliver_rest(home, world)
    score = measured_apart("score", home, evening, options.threads, profiles["score"])
    return {"days": options.days, "least": made["least"], "scored_events": rest, "train": train, "score": score}


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

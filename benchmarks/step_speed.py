"""What a step from one day to the next costs at 1, 2, 5, 10 … accounts' worth of rows, and by what law it grows.

    python -m benchmarks.step_speed [--accounts 1 2 5 10] [--principals 2500] [--days 9] [--out DIR] [--json FILE]

Makes so many worlds beside each other (`benchmarks.busy_world`), one account each: principals and resources are their
own, while networks, actions and the names of roles are everybody's, as where accounts are stamped out. Activity is
written as such. Then, for each number of accounts in a process of its own on one thread, a walk learns a week and
judges the days after it, as a training does. Told are CPU seconds and rows of each judged day, memory (of the process
at most, of a day's rows, of a step above what was there, of what the model keeps), and how well b + a·n·log n fits.
What was made in DIR is not made again.

Each number is walked through twice: in memory, and with room in files (`models.room`) for all that is `MAPPED_FROM`
bytes or more, so that what would lie there at many accounts does at few. Then memory that only the process has is told
apart from files (`benchmarks.own_memory`), and parts are cut smaller (`cut_small`).
"""

import argparse
import cProfile
import json
import pstats
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import pyarrow.parquet as pq

from benchmarks.activity_speed import peak_bytes
from benchmarks.busy_home import make_activity
from benchmarks.busy_world import LATENESS, TIMEZONE, World
from benchmarks.own_memory import Range, Watched, find_maps, look
from benchmarks.report import commit

FIRST_DAY: Final = date(2026, 3, 2)
TABLES: Final = ("joint", "touched", "filled", "principals", "places", "sessions")
CALLS_A_PRINCIPAL: Final = 3_200
"""A day: 8 million calls are those of 2,500 principals."""
KINDS: Final = ("tokens", "active", "hourly", "closed")
"""Tables of a day's rows."""
MOST_BYTES: Final = 6_000_000_000
"""Of DuckDB, which makes the rows."""
SLICES: Final = (
    "models.baseline.PART", "models.circles.PART", "models.counts.AT_ONCE", "models.denial.PART", "models.knowing.PART",
    "models.population.AT_ONCE", "models.rates.PART", "models.room.PIECE", "models.surprise.AT_ONCE",
    "models.detectors.scored.AT_ONCE", "models.visits.PART", "models.words.SLICE", "pipeline.detect.activity.BATCH",
    "pipeline.detect.coding.AT_ONCE",
)  # fmt: skip
"""Constants that say how many rows or entries are looked at together."""
MAPPED_FROM: Final = 1 << 16
"""Bytes from which on an array lies in a file where it may."""


def make_worlds(folder: Path, accounts: int, days: int, principals: int) -> None:
    """Write activity of so many accounts as files, a folder each; what is there stays."""
    for number in range(accounts):
        target = folder / f"world-{number:03d}"
        if target.exists():
            continue
        world = World(
            principals, days, FIRST_DAY, principals * CALLS_A_PRINCIPAL, seed=number + 1, number=number, accounts=1
        )
        part = target.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        for day in range(days):
            for _, tables in make_activity(world, day):
                for name, table in tables.items():
                    pq.write_table(table, part / f"{name}-{day:03d}.parquet", compression="zstd")
        world.connection.close()
        part.rename(target)


def measure(
    folder: Path, accounts: int, days: int, profile: Path | None = None, *, mapped: bool = False
) -> dict[str, Any]:
    """Walk through the days of so many accounts in this process; what each step cost, and what the model keeps."""
    from features.times.day import day_number
    from models.model import Model
    from models.priors import AttackPriors
    from pipeline.connection import connect
    from pipeline.datafiles import read_attack_priors
    from pipeline.detect import mapped as mapped_files
    from pipeline.detect.activity import Activity
    from pipeline.detect.walk import Walk
    from pipeline.watch.memory import give_back

    connection = connect(1, MOST_BYTES, str(folder / "spill"))
    for name in TABLES:
        files = [str(path) for n in range(accounts) for path in sorted((folder / f"world-{n:03d}").glob(f"{name}-*"))]
        connection.execute(f"CREATE VIEW {name} AS FROM read_parquet({files})")
    if mapped:
        cut_small()
        mapped_files.LARGE = MAPPED_FROM  # type: ignore[misc]
    files = folder.resolve() / "mapped"
    room = mapped_files.make_room(files) if mapped else None
    activity = Activity.of_store(
        connection, timezone=TIMEZONE, lateness_minutes=LATENESS, spill=files if mapped else None
    )
    members = activity.members()
    model = Model(day_number(FIRST_DAY), AttackPriors.from_dict(read_attack_priors()), room=room)
    watched = Watched(files)
    walk = Walk(model, timezone=TIMEZONE, by_hour=False, threads=1)
    profiler, steps = cProfile.Profile(), list[dict[str, Any]]()
    for day in range(days):
        began = time.process_time()
        forget_peak()
        delivered = activity.delivered(FIRST_DAY + timedelta(days=day))
        made = time.process_time()
        give_back()
        (joint,) = connection.execute("SELECT count(*) FROM joint").fetchone() or (0,)
        rows_peak, before, at = peak_bytes(), resident_bytes(), time.process_time()
        forget_peak()
        tokens, rows_bytes = delivered.tokens.num_rows, sum(getattr(delivered, name).nbytes for name in KINDS)
        own = look("self", str(files)).own
        watched.begin()
        step = partial(walk.step, delivered, members, spend=True)
        outcome = profiler.runcall(step) if profile and day == days - 1 else step()
        seconds, most = time.process_time() - at, watched.end()
        steps.append(
            {
                "day": day,
                "judged": outcome.judged,
                "joint": joint,
                "tokens": tokens,
                "standings": len(outcome.last),
                "sql_seconds": round(made - began, 3),
                "step_seconds": round(seconds, 3),
                "pairs": len(walk.model.baseline.pairs.key),
                "rows_bytes": rows_bytes,
                "rows_peak": rows_peak,
                "step_bytes": max(peak_bytes() - before, 0),
                "step_own": max(most.own - own, 0),
                "files": most.files,
            }
        )
    if profile is not None:
        with profile.open("w", encoding="utf-8") as stream:
            pstats.Stats(profiler, stream=stream).sort_stats("tottime").print_stats(60)
    watched.__exit__()
    return {
        "accounts": accounts,
        "principals": len(walk.model.members),
        "steps": steps,
        "peak_bytes": max(peak_bytes(), *(step["rows_peak"] for step in steps)),
        "kept_bytes": weigh(walk.model),
        "kept_own": weigh(walk.model, find_maps(str(files))),
        "model_id": walk.model.id(),
    }


def cut_small() -> None:
    """Let what is done a part at a time be done in parts a sixteenth as large: they are alike for any number of
    accounts, and at few a part would hold all of a day, which looks as if memory grew with it."""
    for name in SLICES:
        module, _, constant = name.rpartition(".")
        held = import_module(module)
        setattr(held, constant, getattr(held, constant) >> 4)


def forget_peak() -> None:
    """Let the most memory that this process had resident be what it has now (Linux; elsewhere nothing happens)."""
    asked = Path("/proc/self/clear_refs")
    if asked.exists():
        asked.write_text("5")


def resident_bytes() -> int:
    """Memory that this process has resident now; on other systems than Linux the most that it had."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmRSS:")[2].split()[0]) * 1024
    return peak_bytes()


def weigh(model: Any, maps: Sequence[Range] = ()) -> dict[str, int]:
    """Bytes of what a model keeps, by part: arrays, and strings of vocabularies; without what lies in some maps."""
    baseline, traits, circles = model.baseline, model.traits, model.circles()
    pairs, words, knowing = baseline.pairs, baseline.tokens, circles._knowing
    settled = [buffer for buffer in words._settled.buffers() if buffer]
    parts = {
        "pairs": [pairs.key, pairs.hours, pairs.total],
        "cells": [getattr(baseline, name) for name in ("hours", "total", "settled_hours", "firsts")],
        "recent": [baseline.recent_key, baseline.recent],
        "tokens": [words._hashes, words._places],
        "what tokens are": [
            baseline.token_dimension, baseline.token_level,
            traits.token, traits.attack, traits.service, traits.sensitive,
        ],
        "who knows what": [
            circles._group_hours,
            *(array for one in knowing for array in (one._keys, one._count, one._hours, one.rest) if array is not None),
        ],
        "volume": [getattr(model.volume, name) for name in ("hours", "sums", "squares")],
    }  # fmt: skip

    def weigh_own(address: int, size: int) -> int:
        return 0 if any(begin <= address < end for begin, end in maps) else size

    out = {
        name: sum(weigh_own(array.__array_interface__["data"][0], array.nbytes) for array in arrays)
        for name, arrays in parts.items()
    }
    out["tokens"] += weigh_words(words._recent) + sum(weigh_own(buffer.address, buffer.size) for buffer in settled)
    return out | {"principals": weigh_words(baseline.principals)}


def weigh_words(words: Any) -> int:
    """Bytes of a vocabulary's strings, and of the list, numbers and dictionary that they are in."""
    each = sys.getsizeof(1 << 20) + 8
    return sum(sys.getsizeof(value) + each for value in words.values) + sys.getsizeof(words._codes)


def measured_apart(
    folder: Path, accounts: int, days: int, profile: Path | None = None, *, mapped: bool = False
) -> dict[str, Any]:
    """`measure` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.step_speed", "--measure", str(accounts), "--days", str(days)]
    command += ["--out", str(folder), *(["--profile", str(profile)] if profile else [])]
    command += ["--mapped"] if mapped else []
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    out: dict[str, Any] = json.loads(done.stdout)
    return out


def fit_law(rows: Sequence[float], seconds: Sequence[float]) -> dict[str, float]:
    """b + a·n·log₂ n by least squares of what each point is off by in parts, neither below 0; the power that fits best.

    Examples
    --------
    >>> import math
    >>> rows = [1e5, 1e6, 1e7]
    >>> law = fit_law(rows, [0.5 + 2e-6 * n * math.log2(n) for n in rows])
    >>> round(law["a"], 9), round(law["b"], 6), round(law["worst"], 6), 0.9 < law["power"] < 1.1
    (2e-06, 0.5, 0.0, True)
    """
    n, y = np.asarray(rows, dtype=float), np.asarray(seconds, dtype=float)
    shapes = np.column_stack([n * np.log2(n), np.ones(len(n))]) / y[:, None]
    (a, b), *_ = np.linalg.lstsq(shapes, np.ones(len(n)), rcond=None)
    if b < 0 or len(n) < 3:
        a, b = shapes[:, 0].sum() / (shapes[:, 0] ** 2).sum(), 0.0
    off = np.abs(shapes @ np.array([a, b]) - 1)
    power = np.polyfit(np.log(n), np.log(y), 1)[0] if len(n) > 1 else 1.0
    return {"a": float(a), "b": float(b), "worst": float(off.max()), "power": float(power)}


def judged(point: Mapping[str, Any], name: str) -> float:
    """Mean of a figure over the judged days of a point."""
    found = [step[name] for step in point["steps"] if step["judged"]]
    return float(np.mean(found))


def describe(result: Mapping[str, Any]) -> str:
    """What was measured, in words."""
    lines = [f"{result['principals']} principals an account, {result['days']} days"]
    for point in result["points"]:
        joint = judged(point, "joint")
        lines.append(
            f"{point['accounts']} accounts, {point['principals']} principals, {joint:,.0f} joint rows a day: step "
            f"{judged(point, 'step_seconds'):.2f} s of CPU, {judged(point, 'step_seconds') / joint * 1e6:.1f} µs each, "
            f"making rows {judged(point, 'sql_seconds'):.2f} s; {point['steps'][-1]['pairs']:,} pairs; peak "
            f"{point['peak_bytes'] / 1e9:.2f} GB, kept {sum(point['kept_bytes'].values()) / 1e9:.2f} GB"
        )
    for point in result.get("mapped", ()):
        lines.append(
            f"{point['accounts']} accounts with room in files: step {judged(point, 'step_seconds'):.2f} s of CPU; "
            f"memory of its own {judged(point, 'step_own') / 1e6:.0f} MB in the step and "
            f"{sum(point['kept_own'].values()) / 1e6:.1f} MB kept; files {judged(point, 'files') / 1e6:.0f} MB"
        )
    rows = [judged(point, "joint") for point in result["points"]]
    for name in ("step_seconds", "sql_seconds"):
        law = fit_law(rows, [judged(point, name) for point in result["points"]])
        lines.append(
            f"{name}: {law['b']:.2g} + {law['a']:.3g}·n·log₂ n, off by {law['worst']:.0%} at most; "
            f"best power {law['power']:.3f}"
        )
    return "\n".join(lines)


def main() -> int:
    """Make, measure, say so."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, nargs="+", default=[1, 2, 5, 10])
    parser.add_argument("--principals", type=int, default=2_500, help="of an account")
    parser.add_argument("--days", type=int, default=9)
    parser.add_argument("--out", type=Path, help="keep what was made here")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--profiled", action="store_true", help="write profiles of the last steps beside it; slower")
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--mapped", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--profile", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.out, options.measure, options.days, options.profile, mapped=options.mapped)))
        return 0
    with TemporaryDirectory() as folder:
        out = options.out or Path(folder)
        make_worlds(out, max(options.accounts), options.days, options.principals)
        points, in_files = [], []
        for accounts in options.accounts:
            profile = out / f"profile-{accounts}.txt" if options.profiled else None
            points.append(measured_apart(out, accounts, options.days, profile))
            in_files.append(measured_apart(out, accounts, options.days, mapped=True))
            print(f"{accounts}: peak {points[-1]['peak_bytes'] / 1e9:.2f} GB", file=sys.stderr)
        result = {"principals": options.principals, "days": options.days, "points": points, "mapped": in_files}
        result |= {"commit": commit(), "run_at": f"{datetime.now(UTC):%Y-%m-%d}"}
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(describe(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())

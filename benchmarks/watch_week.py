"""Memory of a watch that lives through a week, trains each night and never begins again.

    python -m benchmarks.watch_week [--nights 7] [--history 9] [--principals 250] [--calls 800000] [--minutes 20]

Makes a world (`benchmarks.busy_world`), trains after its history, and lets one watch live through the days that follow
in a process of its own, a tick each some minutes. What it holds after each tick is read from the system. A night's
training is part of the watch's process, and takes what it takes. Flat is a week of which no later day holds a tenth
more than the first two.
"""

import argparse
import json
import sys
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.busy_home import deliver, make_parts, midnight
from benchmarks.busy_world import World
from benchmarks.training_speed import FIRST_DAY, NIGHT, make_history, measured_apart
from benchmarks.watch_speed import Watched

MOST_GROWTH = 1.1
"""Of what a later day holds, to the most that the first two did."""


def run(home: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Make the world and live through the week."""
    from pipeline.stores.home import open_store

    every, first = timedelta(minutes=options.minutes), options.history - 1
    world = World(options.principals, options.history + 1 + options.nights, FIRST_DAY, options.calls)
    make_history(home, world, first)
    measured_apart("before", home, midnight(world, first) + NIGHT, options.threads, None)
    watched, days = Watched(home, options.threads, trains=True), []
    with open_store(home, create=False) as store:
        for number in range(first, first + options.nights):
            since, until = midnight(world, number) + NIGHT, midnight(world, number + 1) + NIGHT
            waiting = [
                part
                for made_on in range(max(number - 1, first), number + 2)
                for part in make_parts(world, store, made_on, since, until, every)
            ]
            ticks = []
            for now in (since + at * every for at in range(1, (until - since) // every + 1)):
                come = [part for part in waiting if part.until <= now]
                waiting = [part for part in waiting if part.until > now]
                ticks.append({"events": deliver(store, come)} | watched.tick(now))
            days.append({"day": str(midnight(world, number).date()), "ticks": ticks})
            print(tell_day(days[-1]), file=sys.stderr)
    watched.end()
    return {"calls": options.calls, "minutes": options.minutes, "days": days}


def tell_day(day: dict[str, Any]) -> str:
    """A day's memory in a line."""
    ticks = day["ticks"]
    held = [tick["held"] for tick in ticks]
    return (
        f"{day['day']}: {sum(tick['events'] for tick in ticks):,} events, {sum(tick['revisions'] for tick in ticks)} "
        f"revisions, {sum(tick['trained'] for tick in ticks)} trainings; holds {median(held) / 1e6:,.0f} MB, at most "
        f"{max(held) / 1e6:,.0f}; peak until then {ticks[-1]['bytes'] / 1e6:,.0f} MB"
    )


def find_growth(result: dict[str, Any]) -> float:
    """The most that a later day holds, of the most that the first two did."""
    most = [max(tick["held"] for tick in day["ticks"]) for day in result["days"]]
    return max(most[2:], default=0) / max(most[:2])


def kept(result: dict[str, Any]) -> bool:
    """Whether the week was flat, and every night trained."""
    nightly = all(sum(tick["trained"] for tick in day["ticks"]) == 1 for day in result["days"])
    return nightly and find_growth(result) <= MOST_GROWTH


def tell(result: dict[str, Any]) -> str:
    """What was measured, against what is asked."""
    return "\n".join([
        f"days of {result['calls']:,} events, a tick each {result['minutes']} minutes, a training each night",
        *map(tell_day, result["days"]),
        f"later days hold {find_growth(result):.2f} of what the first two did (at most {MOST_GROWTH})",
        "kept" if kept(result) else "NOT kept",
    ])  # fmt: skip


def main() -> int:
    """Make, measure, say so; 1 when a bound is not kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nights", type=int, default=7)
    parser.add_argument("--history", type=int, default=9, help="days before the watch begins")
    parser.add_argument("--principals", type=int, default=250)
    parser.add_argument("--calls", type=int, default=800_000)
    parser.add_argument("--minutes", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        result = run(Path(folder) / "home", options)
    print(json.dumps(result) if options.json else tell(result))
    return 0 if kept(result) else 1


if __name__ == "__main__":
    sys.exit(main())

"""Run the demo on several seeds, `python -m benchmarks.demo_seeds SEED…`: which attacks each found, and how fast.

It is `oddtrail demo --seed N` as anybody would run it, with its own settings, in a folder that is thrown away.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

if __package__ in (None, ""):  # run as a file
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.campaigns import DEGREES
from benchmarks.report import heading, publish
from pipeline.demo.run import Demo, run_demo

NAME: Final = "demo_seeds"
MUST: Final = ("loud", "medium")
"""Degrees of which the demo is asked to find every attack …"""
OF_FIVE: Final = 4
"""… on so many of five seeds."""
MOST_SECONDS: Final = 90


def run_seed(seed: int, threads: int) -> dict[str, Any]:
    """Run the demo with a seed, and return its figures."""
    began = time.monotonic()
    with TemporaryDirectory(prefix="demo-") as folder:
        demo = run_demo(Path(folder), seed=seed, given={"threads": threads}, say=lambda _: None)
        return demo_result(demo, time.monotonic() - began)


def demo_result(demo: Demo, seconds: float) -> dict[str, Any]:
    """Return the figures of a demo that took so many seconds: each attack, found or missed, by degree."""
    found = {one.campaign.id: one for one in demo.verdict.found}
    missed = {one.campaign.id: one.why for one in demo.verdict.missed}
    campaigns = [
        {
            "degree": planted.degree,
            "technique": planted.technique,
            "calls": len(planted.event_ids),
            "found": planted.id in found,
            "minutes": round(found[planted.id].after.total_seconds() / 60, 1) if planted.id in found else None,
            "missed_because": missed.get(planted.id),
        }
        for degree in DEGREES
        for planted in demo.truth.campaigns
        if planted.degree == degree
    ]
    by_degree = {degree: [one["found"] for one in campaigns if one["degree"] == degree] for degree in DEGREES}
    return {
        "events": demo.truth.events,
        "found": {degree: sum(part) for degree, part in by_degree.items()},
        "planted": {degree: len(part) for degree, part in by_degree.items()},
        "all_loud_and_medium": all(all(by_degree[degree]) for degree in MUST),
        "alerts": len(demo.alerts),
        "alerts_without_attack": len(demo.verdict.harmless),
        "seconds": round(seconds, 1),
        "stages": {stage: round(spent, 1) for stage, spent in demo.seconds.items()},
        "campaigns": campaigns,
    }


def run(seeds: Sequence[int], threads: int) -> dict[str, Any]:
    """Run the demo on every seed; return the whole result."""
    began = heading(NAME, seeds)
    demos = {}
    for seed in seeds:
        demos[str(seed)] = done = run_seed(seed, threads)
        print(json.dumps({seed: {**done["found"], "seconds": done["seconds"]}}), file=sys.stderr, flush=True)
    return {**began, **summary(demos), "demos": demos}


def summary(demos: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return on how many seeds all loud and medium attacks were found, and the slowest."""
    found = sum(done["all_loud_and_medium"] for done in demos.values())
    return {"seeds_with_all_loud_and_medium": found, "slowest_seconds": max(done["seconds"] for done in demos.values())}


def lost(result: Mapping[str, Any]) -> list[str]:
    """Return what the result falls short of, in words."""
    found, of = result["seeds_with_all_loud_and_medium"], len(result["demos"])
    short = []
    if 5 * found < OF_FIVE * of:
        short.append(f"all loud and medium attacks are found on {found} of {of} seeds, {OF_FIVE} of 5 are asked")
    if result["slowest_seconds"] > MOST_SECONDS:
        short.append(f"the slowest demo took {result['slowest_seconds']:g} s, {MOST_SECONDS} are asked")
    return short


def markdown(result: Mapping[str, Any]) -> str:
    """Return the result as tables."""
    lines = [
        "# The demo on other seeds",
        "",
        f"Commit `{result['commit']}`. Attacks found / planted; on {result['seeds_with_all_loud_and_medium']} of "
        f"{len(result['demos'])} seeds every loud and medium one.",
        "",
        f"| seed | {' | '.join(DEGREES)} | alerts | without an attack | seconds |",
        "|---|" + "---|" * (len(DEGREES) + 3),
    ]
    for seed, done in result["demos"].items():
        cells = [f"{done['found'][degree]}/{done['planted'][degree]}" for degree in DEGREES]
        cells += [f"{done['alerts']}", f"{done['alerts_without_attack']}", f"{done['seconds']:.0f}"]
        lines.append(f"| {seed} | {' | '.join(cells)} |")
    missed = [(s, one) for s, done in result["demos"].items() for one in done["campaigns"] if not one["found"]]
    lines += ["", "## Missed", ""]
    lines += [f"- {seed}, {one['degree']}, {one['technique']}: {one['missed_because']}" for seed, one in missed]
    return "\n".join(lines if missed else [*lines, "None."]) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Run the demo from the command line; 1 when it falls short."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("seeds", type=int, nargs="+", help="seeds of the demo")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args(arguments)
    result = run(given.seeds, given.threads)
    print(markdown(result))
    publish(result, markdown(result))
    short = lost(result)
    print("\n".join(short) or "the demo does what is asked", file=sys.stderr)
    return 1 if short else 0


if __name__ == "__main__":
    raise SystemExit(main())

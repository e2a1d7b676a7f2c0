"""What many accounts take in time and memory, worked out of what was measured of few.

A step is b + a·n·log n in the joint rows of a day, and so is making its rows. What a model keeps grows with its pairs
of a principal and a value, what is at hand for a day with the day's rows. DuckDB spills beyond what it may have.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.step_speed import fit_law, judged

Result = Mapping[str, Any]
TICK_SECONDS = 60.0
BUSY = 0.5
"""Part of a minute that a watch's tick should take, for bursts. Set by hand."""


def find_laws(points: Iterable[Result]) -> dict[str, dict[str, float]]:
    """The law of the step, and of making its rows."""
    told = list(points)
    rows = [judged(point, "joint") for point in told]
    return {name: fit_law(rows, [judged(point, name) for point in told]) for name in ("step_seconds", "sql_seconds")}


def new_pairs(step: Result) -> float:
    """New pairs an account on the last day, at the largest point."""
    point = step["points"][-1]
    return float(point["steps"][-1]["pairs"] - point["steps"][-2]["pairs"]) / float(point["accounts"])


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of a step, by what they are for."""

    pair: float
    """Bytes kept a pair."""
    pairs: float
    """Pairs an account."""
    row: float
    """Bytes at hand a joint row of the day: the day's tables, and what a step works with."""
    kept: float
    """Bytes of all that is kept."""
    hand: float
    """Bytes of all that is at hand."""

    @property
    def total(self) -> float:
        """All bytes."""
        return self.kept + self.hand


def project_memory(step: Result, asked: Result) -> Memory:
    """Memory of a step with as many accounts, days and rows as are asked for.

    Pairs grow by as many a day as on the last day measured.
    """
    last = step["points"][-1]
    row = (judged(last, "rows_bytes") + judged(last, "step_bytes")) / judged(last, "joint")
    scale = asked["joint_rows"] / (judged(last, "joint") / last["accounts"])
    of_last = last["steps"][-1]["pairs"]
    pairs = scale * (of_last / last["accounts"] + new_pairs(step) * (asked["days"] - step["days"]))
    pair = sum(last["kept_bytes"].values()) / of_last
    kept, hand = pair * pairs * asked["accounts"], row * asked["accounts"] * asked["joint_rows"]
    return Memory(pair, pairs, row, kept, hand)


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds that what is asked for takes on a machine."""

    intake: float
    """Taking all in, and counting its activity."""
    night: float
    """One step, its rows being made beside it."""
    scratch: float
    """A step for each day."""


def take(cores: int, step: Result, asked: Result, got: Result) -> Taken:
    """What is asked for on a machine of so many cores.

    Files are shared among cores, each of which does as much of its own as measured with two; the step is one process.
    """
    laws, rows = find_laws(step["points"]), asked["accounts"] * asked["joint_rows"]
    own, sql = (laws[name]["b"] + laws[name]["a"] * rows * math.log2(rows) for name in ("step_seconds", "sql_seconds"))
    share = got["two_workers"]["value"] / 2 if cores > 1 else 1.0
    night = max(own, sql / cores)
    return Taken(count_events(asked) * intake_seconds(got) / (cores * share), night, night * asked["days"])


def intake_seconds(got: Result) -> float:
    """Seconds of a core that an event takes until it is activity."""
    return float(got["ingest"]["value"] + got["activity"]["value"]) / 1e6


def count_events(asked: Result) -> float:
    """Events of all accounts and days."""
    return float(asked["accounts"] * asked["calls"] * asked["days"])


def count_watches(asked: Result, got: Result) -> int:
    """Processes that a watch has to be shared among, for each to tick within a part of a minute.

    >>> count_watches({"accounts": 100}, {"tick": {"value": 1.2}})
    4
    """
    return math.ceil(float(asked["accounts"] * got["tick"]["value"]) / (BUSY * TICK_SECONDS))

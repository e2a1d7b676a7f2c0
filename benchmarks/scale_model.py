"""What many accounts take in time and memory, worked out of what was measured of few.

A step is b + a·n·log n in the joint rows of a day, and so is making its rows. What a model keeps grows with its pairs
of a principal and a value, what is at hand for a day with the day's rows; with room in files next to all of that lies
there, and what a process has of its own grows with principals and a little with rows. DuckDB spills beyond what it may
have.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.step_speed import fit_law, judged
from models.words import MOST_RECENT

Result = Mapping[str, Any]
TICK_SECONDS = 60.0
RECENT_WORD = 150
"""Bytes of one of the newest words, which are Python's strings in a dictionary."""
RECENT_PAIR = 16
"""Bytes a pair, at most, of what was new lately: eight days show little of it, for the first five of each principal do
not count."""
PARTS = 200e6
"""Bytes of parts that are looked at together, alike for any number of accounts: at their own size a step of the largest
point takes less than half of this more than with parts of a sixteenth."""
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


@dataclass(frozen=True, slots=True)
class Apart:
    """Bytes of a step with room in files: in the process, and in files."""

    own_account: float
    """Kept in the process an account: of its principals."""
    own_row: float
    """In the process a joint row, while a step lasts."""
    own: float
    """In the process, of all: with newest words and parts that are looked at together."""
    file_pair: float
    """In files a pair."""
    file_row: float
    """In files a joint row: tables, coded rows, and what is copied as it grows."""
    files: float
    """In files, of all."""


def project_memory(step: Result, asked: Result) -> Memory:
    """Memory of a step with as many accounts, days and rows as are asked for, where all is in memory.

    Pairs grow by as many a day as on the last day measured.
    """
    last = step["points"][-1]
    row = (judged(last, "rows_bytes") + judged(last, "step_bytes")) / judged(last, "joint")
    of_last = last["steps"][-1]["pairs"]
    pairs = _scale(step, asked) * (of_last / last["accounts"] + new_pairs(step) * (asked["days"] - step["days"]))
    pair = sum(last["kept_bytes"].values()) / of_last
    kept, hand = pair * pairs * asked["accounts"], row * asked["accounts"] * asked["joint_rows"]
    return Memory(pair, pairs, row, kept, hand)


def project_apart(step: Result, asked: Result) -> Apart:
    """The same with room in files.

    What the process keeps is of principals, but for the newest words, of which there are `MOST_RECENT` at most.
    """
    last, rows = step["mapped"][-1], asked["accounts"] * asked["joint_rows"]
    joint, of_last = judged(last, "joint"), last["steps"][-1]["pairs"]
    own = last["kept_own"]
    own_account = _scale(step, asked) * (sum(own.values()) - own["tokens"]) / last["accounts"]
    own_row = fit_slope([(judged(point, "joint"), judged(point, "step_own")) for point in step["mapped"]])
    kept = {name: size - own[name] for name, size in last["kept_bytes"].items()}
    file_row = max(judged(last, "files") - sum(kept.values()), 0.0) / joint
    file_pair = (sum(kept.values()) - kept["recent"]) / of_last + RECENT_PAIR
    pairs = project_memory(step, asked).pairs * asked["accounts"]
    return Apart(
        own_account,
        own_row,
        own_account * asked["accounts"] + own_row * rows + MOST_RECENT * RECENT_WORD + PARTS,
        file_pair,
        file_row,
        file_pair * pairs + file_row * rows,
    )


@dataclass(frozen=True, slots=True)
class Training:
    """Bytes of a training's own with room in files, at most, from bundle to bundle."""

    opening: float
    """While a bundle is opened: the newest model's, or one of the gate's two, one after the other."""
    step: float
    """While a day is learnt, or judged by one of the gate's."""
    publishing: float
    """While the model's bundle is written."""

    @property
    def most(self) -> float:
        """The most of them."""
        return max(self.opening, self.step, self.publishing)


def project_training(step: Result, room: Result, asked: Result) -> Training:
    """A training of as many accounts, days and rows as are asked for.

    What writing and opening take of their own is held to grow with principals altogether, which is too much: most of it
    are parts, alike for any model. What the gate works with is what a step does.
    """
    apart, wrote = project_apart(step, asked), {one["what"]: one for one in room["bundle"]}
    principals = step["principals"] * _scale(step, asked) * asked["accounts"]
    times = max(principals / room["principals"], 1.0)
    opening, publishing = times * wrote["opening"]["own"], times * wrote["publishing"]["own"]
    words = MOST_RECENT * RECENT_WORD
    kept = apart.own_account * asked["accounts"] + times * wrote["opening"]["kept"]
    working = apart.own - apart.own_account * asked["accounts"] - words
    return Training(
        opening=opening,
        step=kept + words + working,
        publishing=kept + words + publishing,
    )


def fit_slope(points: Iterable[tuple[float, float]]) -> float:
    """Growth a row of what was measured at some numbers of rows, beside what there is of none.

    >>> round(fit_slope([(1, 7), (2, 9), (10, 25)]), 6)
    2.0
    """
    n, y = np.array(list(points), dtype=float).T
    return float(np.polyfit(n, y, 1)[0]) if len(n) > 1 else float(y[0] / n[0])


def _scale(step: Result, asked: Result) -> float:
    """Joint rows of an account that is asked for, in those of a measured one."""
    last = step["points"][-1]
    return float(asked["joint_rows"] / (judged(last, "joint") / last["accounts"]))


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

    The step has room in files, all of which are in memory as well. Files of events are shared among cores, each of
    which does as much of its own as measured with two; the step is one process.
    """
    laws, rows = find_laws(step["mapped"]), asked["accounts"] * asked["joint_rows"]
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

"""What is said of how long alerts took: times of a run of `benchmarks.latency`, and what follows from them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

TICK = 60.0
MOST = 60.0 + TICK
"""Seconds that are promised: a minute, and the time from one tick to the next."""
_PARTS = (0.5, 0.9, 1.0)


class Slice(NamedTuple):
    """A second's events."""

    due: float
    """When they were to be sent; like all times here, seconds since 1970."""
    indexed: float
    """When the engine had taken them all."""
    ids: Sequence[str]


class Told(NamedTuple):
    """An alert's revision, as a search found it."""

    at: float
    alert: str
    revision: int
    raised: bool
    events: frozenset[str]


class Tick(NamedTuple):
    """A tick of the watch."""

    end: float
    seconds: float
    cpu: float
    """Seconds of all its processes."""
    events: int
    problems: Sequence[str]
    set_aside: int
    revisions: int


@dataclass
class Delays:
    """Seconds from indexed to found."""

    calls: list[float] = field(default_factory=list)
    """Of each thief's call that an alert names."""
    thefts: list[float] = field(default_factory=list)
    """Of each thief who was found: of the last call before it that the first raised revision names."""
    unnamed: int = 0
    """Thieves' calls that no alert names, being no evidence or beyond what an alert lists."""
    held: int = 0
    """Thieves of whom an alert tells that was not raised."""
    missed: int = 0
    """Thieves of whom none does."""


def find_delays(indexed: Mapping[str, float], told: Iterable[Told], thefts: Iterable[Sequence[str]]) -> Delays:
    """Hold what was found against what was indexed.

    Parameters
    ----------
    indexed
        By event id, when.
    thefts
        Ids of each thief's calls.

    Examples
    --------
    >>> told = [Told(70.0, "a", 1, False, frozenset("x")), Told(130.0, "a", 2, True, frozenset("xy"))]
    >>> find_delays({"x": 10.0, "y": 50.0, "z": 60.0}, told, ["xyz"])
    Delays(calls=[60.0, 80.0], thefts=[80.0], unnamed=1, held=0, missed=0)
    """
    told = sorted(told)
    delays = Delays()
    for theft in thefts:
        mine = [one for one in told if one.events & set(theft)]
        for call in theft:
            at = next((one.at for one in mine if call in one.events), None)
            if at is None:
                delays.unnamed += 1
            else:
                delays.calls.append(at - indexed[call])
        first = next((one for one in mine if one.raised), None)
        if first is not None:
            delays.thefts.append(first.at - max(indexed[call] for call in theft if call in first.events))
        elif mine:
            delays.held += 1
        else:
            delays.missed += 1
    return delays


def quantile(values: Sequence[float], part: float) -> float:
    """The least value that so great a part does not exceed.

    >>> quantile([3.0, 1.0, 2.0, 4.0], 0.5), quantile([3.0, 1.0, 2.0, 4.0], 0.9)
    (2.0, 4.0)
    """
    ordered = sorted(values)
    return ordered[max(-(-len(ordered) * round(part * 1000) // 1000) - 1, 0)]


def say(delays: Delays, sent: Sequence[Slice]) -> Iterator[str]:
    """What is said of it."""
    yield f"{'from indexed to found, seconds':44} {'median':>7} {'p90':>7} {'max':>7}"
    for name, values in (("each call of a thief that an alert names", delays.calls), ("each thief", delays.thefts)):
        if values:
            row = " ".join(f"{quantile(values, part):7.1f}" for part in _PARTS)
            yield f"{f'{name} ({len(values)})':44} {row}   of {MOST:.0f}"
    yield f"thieves held back {delays.held}, missed {delays.missed}; calls that no alert names {delays.unnamed}"
    late = [one.indexed - one.due for one in sent]
    row = " ".join(f"{quantile(late, part):7.1f}" for part in _PARTS)
    yield f"{'the writer, seconds from due to indexed':44} {row}"


def tell_ticks(ticks: Sequence[Tick], sent: Sequence[Slice]) -> Iterator[str]:
    """A line a tick; what is left had not come into sight, or came while the tick was under way."""
    yield f"{'tick':>6} {'events':>8} {'left':>8} {'seconds':>8} {'of CPU':>8} {'revisions':>10}"
    for number, one in enumerate(ticks):
        left = count_left(ticks, sent, one.end)
        told = f"{one.events:8,} {left:8,} {one.seconds:8.1f} {one.cpu:8.1f} {one.revisions:10,}"
        yield f"{number:6} {told}{'   the day so far is replayed' if not number else ''}"


def count_left(ticks: Sequence[Tick], sent: Sequence[Slice], at: float) -> int:
    """Events that were indexed and not in the home when a tick ended."""
    taken = sum(one.events for one in ticks if one.end <= at)
    return sum(len(one.ids) for one in sent if one.indexed <= at) - taken

"""The map of where calls come from: outlines of countries, shaded by how many calls came from each."""

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from pipeline.datafiles import WorldMapFile, read_world_map

STEPS: Final = 5
"""Of the shades, from 1; 0 is a country that nothing came from."""


class Land(NamedTuple):
    """A country of the map."""

    code: str
    x: int
    y: int
    path: str
    """Empty where it is too small for an outline: a dot stands in its middle."""
    shade: int
    calls: int
    principals: int
    is_new: bool
    """A principal called from there for the first time."""


class World(NamedTuple):
    """The map."""

    width: int
    height: int
    lands: list[Land]
    """Those that something came from last, so that their edges lie above."""
    bounds: list[int]
    """The fewest calls of each shade from 1 on."""


def draw_world(rows: Collection[Mapping[Any, Any]], new: Collection[str]) -> World:
    """The map of `countries` (`pipeline/reports/where_from.py`).

    Parameters
    ----------
    rows
        A row a country: `country`, `events` and `principals`.
    new
        Countries that are new to a principal.
    """
    drawn = _read()
    told = {str(row["country"]): row for row in rows}
    most = max((int(row["events"]) for code, row in told.items() if code in drawn["countries"]), default=0)
    lands = []
    for code, (x, y, path) in drawn["countries"].items():
        row = told.get(code)
        if row is None and not path:
            continue
        calls, principals = (int(row["events"]), int(row["principals"])) if row else (0, 0)
        shade = find_step(calls, most)
        lands.append(Land(code, x, y, path, shade, calls, principals, code in new))
    lands.sort(key=lambda land: (land.shade > 0, not land.path))
    return World(drawn["width"], drawn["height"], lands, [find_bound(step, most) for step in range(1, STEPS + 1)])


def find_step(calls: int, most: int) -> int:
    """The shade of so many calls; each step is as many times the calls of the one below.

    >>> [find_step(calls, 10_000) for calls in (0, 1, 6, 7, 40, 10_000)]
    [0, 1, 1, 2, 3, 5]
    """
    if calls <= 0:
        return 0
    return max(step for step in range(1, STEPS + 1) if calls >= find_bound(step, most))


def find_bound(step: int, most: int) -> int:
    """The fewest calls of a shade.

    >>> [find_bound(step, 10_000) for step in range(1, 6)]
    [1, 7, 40, 252, 1585]
    """
    return -int(-(max(most, 1) ** ((step - 1) / STEPS)) // 1) if step > 1 else 1


@cache
def _read() -> WorldMapFile:
    return read_world_map()

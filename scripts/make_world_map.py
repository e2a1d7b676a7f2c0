"""Make `pipeline/data/world_map.json`: outlines of countries, from Natural Earth as the npm package world-atlas has it.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python -m scripts.make_world_map package

Countries are named by their ISO 3166 codes, as geo databases name them, in the Natural Earth projection. Those that are
too small for the coarse outlines (1:110 million) have only a middle, from the finer ones (1:50 million).
"""

import json
import sys
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from babel.core import get_global

TARGET: Final = Path(__file__).resolve().parent.parent / "pipeline" / "data" / "world_map.json"
SOURCE: Final = "Natural Earth 1:110m and 1:50m, admin 0 countries; npm package world-atlas 2.0.2"
WIDTH: Final = 2000
"""Of the map; its numbers are whole."""
NORTH, SOUTH = 84.0, -58.0
"""Degrees of latitude that the map ends at: Antarctica has no address."""
LEFT_OUT: Final = frozenset({"AQ"})
UNNUMBERED: Final = {"N. Cyprus": "CY", "Somaliland": "SO", "Kosovo": "XK"}
"""Outlines without an ISO number, and the code that addresses there have in geo databases."""

Point = tuple[float, float]


def project(longitude: float, latitude: float) -> Point:
    """A place in the Natural Earth projection: right and down from the middle, in radians of the equator.

    References
    ----------
    Šavrič, Jenny, Patterson, Petrovič & Hurni, "A polynomial equation for the Natural Earth projection", Cartography
    and Geographic Information Science 38, 2011.

    >>> project(0.0, 0.0), [round(one, 3) for one in project(180.0, 0.0)]
    ((0.0, -0.0), [2.735, -0.0])
    """
    across, up = longitude * RADIANS, latitude * RADIANS
    x = across * (0.8707 - 0.131979 * up**2 - 0.013791 * up**4 + 0.003971 * up**10 - 0.001529 * up**12)
    y = up * (1.007226 + 0.015085 * up**2 - 0.044475 * up**6 + 0.028874 * up**8 - 0.005916 * up**10)
    return x, -y


RADIANS: Final = 0.017453292519943295
SCALE: Final = WIDTH / 2 / (180 * RADIANS * 0.8707)


def place(longitude: float, latitude: float) -> tuple[int, int]:
    """Where a place is on the map, from its left and upper edge.

    >>> place(-180.0, 0.0)[0], place(180.0, 0.0)[0], place(0.0, NORTH)
    (0, 2000, (1000, 0))
    """
    x, y = project(longitude, latitude)
    return round(WIDTH / 2 + SCALE * x), round(SCALE * (y - project(0.0, NORTH)[1]))


def unpack(topology: Mapping[str, Any]) -> list[list[Point]]:
    """The arcs of a TopoJSON in degrees; they are packed as whole steps from point to point."""
    (wide, high), (west, south) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for packed in topology["arcs"]:
        x = y = 0
        arc = []
        for right, up in packed:
            x, y = x + right, y + up
            arc.append((x * wide + west, y * high + south))
        arcs.append(arc)
    return arcs


def rings(geometry: Mapping[str, Any], arcs: list[list[Point]]) -> list[list[Point]]:
    """The outlines of a country, in degrees; an arc of a negative number is walked backwards."""
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    found = []
    for outline in (outline for polygon in polygons for outline in polygon):
        ring: list[Point] = []
        for number in outline:
            arc = arcs[number] if number >= 0 else arcs[~number][::-1]
            ring += arc[1:] if ring else arc
        found.append(ring)
    return found


def cut(ring: list[Point]) -> list[list[Point]]:
    """An outline in parts that end at the edges of the map, where it goes over one.

    >>> cut([(170.0, 0.0), (-170.0, 0.0), (-170.0, 5.0), (170.0, 5.0)])[0]
    [(-180.0, 0.0), (-170.0, 0.0), (-170.0, 5.0), (-180.0, 5.0)]
    >>> cut([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)])
    [[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)]]
    """
    turns, whole = 0.0, [ring[0]]
    for (before, _), (longitude, latitude) in pairwise(ring):
        turns -= 360.0 * round((longitude - before) / 360.0)
        whole.append((longitude + turns, latitude))
    shifted = [[(longitude + turn, latitude) for longitude, latitude in whole] for turn in (-360.0, 0.0, 360.0)]
    return [part for one in shifted if len(part := _keep(_keep(one, -180.0, 1.0), 180.0, -1.0)) > 2]


def _keep(ring: list[Point], edge: float, side: float) -> list[Point]:
    """What of an outline is on one side of a meridian (Sutherland & Hodgman, "Reentrant polygon clipping", 1974)."""
    kept: list[Point] = []
    for (a, b), (c, d) in zip(ring[-1:] + ring[:-1], ring, strict=True):
        if (a - edge) * (c - edge) < 0:
            kept.append((edge, b + (d - b) * (edge - a) / (c - a)))
        if (c - edge) * side >= 0:
            kept.append((c, d))
    return kept


def area(ring: list[tuple[int, int]]) -> float:
    """Twice the area of an outline, signed by the way it turns."""
    return sum(x * v - u * y for (x, y), (u, v) in zip(ring, ring[1:] + ring[:1], strict=True))


def middle(ring: list[tuple[int, int]]) -> tuple[int, int]:
    """The centre of gravity of an outline; the mean of its corners where it has no area."""
    twice = area(ring)
    if not twice:
        return round(sum(x for x, _ in ring) / len(ring)), round(sum(y for _, y in ring) / len(ring))
    x = y = 0.0
    for (a, b), (c, d) in zip(ring, ring[1:] + ring[:1], strict=True):
        part = a * d - c * b
        x, y = x + (a + c) * part, y + (b + d) * part
    return round(x / (3 * twice)), round(y / (3 * twice))


def write_path(outlines: Iterable[list[tuple[int, int]]]) -> str:
    """Outlines as an SVG path, in steps from corner to corner.

    >>> write_path([[(10, 10), (20, 10), (20, 5), (10, 10)]])
    'M10 10l10 0 0-5z'
    """
    parts = []
    for ring in outlines:
        (x, y), steps = ring[0], ""
        for u, v in ring[1:-1] if ring[-1] == ring[0] else ring[1:]:
            if (u, v) != (x, y):
                steps += f"{' ' if u >= x and steps else ''}{u - x}{' ' if v >= y else ''}{v - y}"
                x, y = u, v
        if steps:
            parts.append(f"M{ring[0][0]} {ring[0][1]}l{steps}z")
    return "".join(parts)


def find_code(geometry: Mapping[str, Any]) -> str:
    """The ISO code of a country; empty where it is left out."""
    number, name = geometry.get("id"), geometry["properties"]["name"]
    codes = get_global("territory_aliases").get(number) if number else None
    code = str(codes[0]) if codes else UNNUMBERED.get(name, "")
    return "" if code in LEFT_OUT else code


def reduce(coarse: Mapping[str, Any], fine: Mapping[str, Any]) -> dict[str, tuple[int, int, str]]:
    """By code: the middle of the largest outline, right and down, and the path, empty where there is only a middle."""
    outlines: dict[str, list[list[tuple[int, int]]]] = {}
    drawn: set[str] = set()
    for topology in (coarse, fine):
        arcs = unpack(topology)
        known = set(outlines)
        for geometry in topology["objects"]["countries"]["geometries"]:
            code = find_code(geometry)
            if code and code not in known:
                found = [[place(*point) for point in part] for ring in rings(geometry, arcs) for part in cut(ring)]
                outlines.setdefault(code, []).extend(found)
        drawn = drawn or set(outlines)
    told = {}
    for code, found in sorted(outlines.items()):
        largest = max(found, key=lambda ring: abs(area(ring)))
        told[code] = (*middle(largest), write_path(found) if code in drawn else "")
    return told


def render(countries: Mapping[str, tuple[int, int, str]]) -> str:
    """The text of the file: a line a country."""
    height = place(0.0, SOUTH)[1]
    lines = ",\n".join(f"  {json.dumps(code)}: {json.dumps(told)}" for code, told in countries.items())
    head = f'"source": {json.dumps(SOURCE)}, "width": {WIDTH}, "height": {height}'
    return f'{{{head}, "countries": {{\n{lines}\n}}}}\n'


def main(folder: Path) -> None:
    """Read the package in a folder and write the file."""
    coarse, fine = (json.loads((folder / f"countries-{scale}.json").read_text("utf-8")) for scale in ("110m", "50m"))
    TARGET.write_text(render(reduce(coarse, fine)), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

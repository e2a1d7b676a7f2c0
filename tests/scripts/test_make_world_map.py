"""The world map: cities lie in their countries, nothing leaves the map, and the script makes it of a TopoJSON."""

import json
import re

import pytest

from pipeline.datafiles import read_world_map
from pipeline.simulate.networks import CITIES
from scripts.make_world_map import SOURCE, TARGET, find_code, place, reduce, render

WORLD = read_world_map()
Ring = list[tuple[int, int]]


def read_path(path: str) -> list[Ring]:
    """Outlines of a path."""
    found = []
    for part in path.split("z")[:-1]:
        start, _, steps = part.partition("l")
        x, y = map(int, start[1:].split())
        ring = [(x, y)]
        numbers = list(map(int, re.findall(r"-?\d+", steps)))
        for right, down in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + right, y + down
            ring.append((x, y))
        found.append(ring)
    return found


def lies_in(point: tuple[int, int], rings: list[Ring]) -> bool:
    """Whether a point is within an odd number of outlines."""
    x, y = point
    crossed = 0
    for ring in rings:
        for (a, b), (c, d) in zip(ring, ring[1:] + ring[:1], strict=True):
            crossed += (b > y) != (d > y) and x < a + (c - a) * (y - b) / (d - b)
    return crossed % 2 == 1


INLAND = {"DE": (52.5, 13.4), "US": (39.1, -94.6), "RU": (55.8, 37.6), "KR": (36.3, 127.9), "BR": (-15.8, -47.9)}


@pytest.mark.parametrize("code", INLAND)
def test_a_city_lies_in_its_country_and_in_no_other(code: str) -> None:
    latitude, longitude = INLAND[code]
    at = place(longitude, latitude)
    assert [one for one, (_, _, path) in WORLD["countries"].items() if lies_in(at, read_path(path))] == [code]


def test_russia_ends_at_both_edges_of_the_map_and_does_not_cross_it() -> None:
    rings = read_path(WORLD["countries"]["RU"][2])
    assert lies_in(place(-178.0, 66.5), rings)  # Chukotka, beyond the meridian
    assert not lies_in(place(-100.0, 66.5), rings)


def test_the_committed_file_is_small_within_its_edges_and_knows_the_demos_countries() -> None:
    assert TARGET.stat().st_size < 80_000
    assert set(CITIES) <= set(WORLD["countries"])
    assert "AQ" not in WORLD["countries"]
    assert WORLD["source"] == SOURCE
    for code, (x, y, path) in WORLD["countries"].items():
        assert re.fullmatch(r"[A-Z]{2}", code)
        assert re.fullmatch(r"(M\d+ \d+l[-\d ]+z)*", path)
        for right, down in [(x, y), *(point for ring in read_path(path) for point in ring)]:
            assert 0 <= right <= WORLD["width"]
            assert 0 <= down <= WORLD["height"]


def test_it_is_made_of_a_topojson() -> None:
    square = {"type": "Polygon", "arcs": [[0, ~1]], "id": "276", "properties": {"name": "Germany"}}
    dot = {"type": "MultiPolygon", "arcs": [[[2]]], "id": "702", "properties": {"name": "Singapore"}}
    nowhere = {"type": "Polygon", "arcs": [[2]], "id": "010", "properties": {"name": "Antarctica"}}
    topology = {
        "transform": {"scale": [1.0, 1.0], "translate": [0.0, 40.0]},
        "arcs": [[[0, 0], [10, 0], [0, 10]], [[0, 0], [0, 10], [10, 0]], [[104, -39], [0, 1], [1, 0], [-1, -1]]],
        "objects": {"countries": {"geometries": [square, nowhere]}},
    }
    fine = topology | {"objects": {"countries": {"geometries": [square, dot, nowhere]}}}
    made = reduce(topology, fine)
    assert list(made) == ["DE", "SG"]
    assert lies_in(place(5.0, 45.0), read_path(made["DE"][2]))
    assert made["SG"][2] == ""
    assert json.loads(render(made))["countries"]["SG"] == list(made["SG"])


def test_what_has_no_number_is_named_by_what_addresses_there_have() -> None:
    assert find_code({"properties": {"name": "Kosovo"}}) == "XK"
    assert find_code({"properties": {"name": "Atlantis"}}) == ""

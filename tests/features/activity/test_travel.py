"""How fast one traveller must have been."""

from datetime import timedelta

import duckdb
import pytest

from features.activity.travel import MACROS
from tests.builders import NINE, an_event, vector

MINUTE = timedelta(minutes=1)
BERLIN = {"prefix": "192.0.2.0/24", "latitude": 52.52, "longitude": 13.40}
POTSDAM = {"prefix": "203.0.113.0/24", "latitude": 52.39, "longitude": 13.06}
SEOUL = {"prefix": "198.51.100.0/24", "latitude": 37.57, "longitude": 126.98}
BERLIN_SEOUL_KM = 8_130


def km(*points: float) -> float:
    with duckdb.connect() as connection:
        connection.execute(MACROS)
        return connection.execute("SELECT great_circle_km(?, ?, ?, ?)", points).fetchone()[0]


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ((0, 0, 0, 90), 10_007.5),
        ((90, 0, -90, 0), 20_015.1),
        ((0, 0, 0, 180), 20_015.1),
        ((10, 20, 10, 20), 0),
        ((0, 179.5, 0, -179.5), 111.2),
        ((51.4700, -0.4543, 40.6413, -73.7781), 5_540),  # Heathrow, Kennedy
    ],
)
def test_distances_on_the_globe(points, expected):
    assert km(*points) == pytest.approx(expected, rel=1e-3)


def test_speed_is_distance_over_the_time_between_two_sightings():
    row = vector(an_event(NINE, **BERLIN), an_event(NINE + 30 * MINUTE, **SEOUL))
    assert row["travel_speed"] == pytest.approx(BERLIN_SEOUL_KM * 2, rel=0.01)


def test_time_between_is_counted_from_the_last_call_at_a_place_to_the_first_at_the_next():
    row = vector(
        an_event(NINE, **BERLIN),
        an_event(NINE + 20 * MINUTE, **BERLIN),
        an_event(NINE + 50 * MINUTE, **SEOUL),
        an_event(NINE + 59 * MINUTE, **SEOUL),
    )
    assert row["travel_speed"] == pytest.approx(BERLIN_SEOUL_KM * 2, rel=0.01)


def test_places_used_by_turns_are_travelled_between():
    row = vector(
        an_event(NINE, **BERLIN), an_event(NINE + 10 * MINUTE, **SEOUL), an_event(NINE + 40 * MINUTE, **BERLIN)
    )
    assert row["travel_speed"] == pytest.approx(BERLIN_SEOUL_KM * 6, rel=0.01)


def test_two_places_at_one_moment_are_a_minute_apart():
    row = vector(an_event(NINE, **BERLIN), an_event(NINE, **SEOUL))
    assert row["travel_speed"] == pytest.approx(BERLIN_SEOUL_KM * 60, rel=0.01)


@pytest.mark.parametrize(
    "second",
    [
        BERLIN,
        POTSDAM,
        SEOUL | {"latitude": None, "longitude": None},
        SEOUL | {"agent": "service:cloudformation"},
        SEOUL | {"network": "VPN egress"},
    ],
    ids=["same place", "next town", "place unknown", "a service's own call", "own network"],
)
def test_what_is_no_journey_has_no_speed(second):
    assert vector(an_event(NINE, **BERLIN), an_event(NINE + MINUTE, **second))["travel_speed"] == 0

"""Promises that every feature keeps: exact, finite, blind to order and to how the activity was split."""

import random
from datetime import timedelta
from typing import Any

import pytest

from features.activity.catalogue import CATALOGUE, NAMES
from tests.builders import NINE, Event, an_event, vector, vectors

PLACES: list[dict[str, Any]] = [
    {"prefix": "192.0.2.0/24", "country": "DE", "latitude": 52.52, "longitude": 13.40, "asn": 64500},
    {"prefix": "198.51.100.0/24", "country": "AU", "latitude": -33.87, "longitude": 151.21, "asn": 64501},
    {"prefix": "203.0.113.0/24", "country": "", "latitude": None, "longitude": None, "asn": 0},
    {"prefix": "", "address_kind": "aws_internal", "country": "", "latitude": None, "longitude": None, "asn": 0},
]
ACTIONS = [
    ("ec2:DescribeVpcs", "list", False), ("s3:GetObject", "read", False), ("iam:CreateUser", "permissions", True),
    ("ec2:CreateTags", "tagging", True), ("lambda:UpdateFunctionCode", "write", True), ("x:Unheard", "", False),
]  # fmt: skip


def a_trail(seed: int, events: int = 400) -> list[Event]:
    """Events of two principals in two hours, with everything a vector depends on mixed."""
    chance = random.Random(seed)
    made = []
    for _ in range(events):
        action, level, write = chance.choice(ACTIONS)
        session = chance.choice(["", "one", "two"])
        made.append(
            an_event(
                NINE + timedelta(seconds=chance.randrange(7200)),
                principal=chance.choice(["user/ana", "role/deploy"]), action=action, level=level, write=write,
                session=session, session_start=NINE - timedelta(minutes=len(session) * 7) if session else None,
                region=chance.choice(["", "us-east-1", "eu-west-1"]), account=chance.choice(["1" * 12, "2" * 12]),
                agent=chance.choice(["", "aws-cli", "terraform", "service:cloudformation"]),
                error=chance.choice(["", "", "denied", "throttle"]),
                resources=chance.sample(["bucket:a", "role:b", "secret:c"], chance.randrange(3)),
                **chance.choice(PLACES),
            )
        )  # fmt: skip
    return made


TRAIL = a_trail(seed=1)
WHOLE = vectors(TRAIL)


def column(rows: list[dict[str, Any]], name: str) -> list[Any]:
    return [(row["principal"], row["hour"], row[name]) for row in rows]


def test_the_trail_exercises_every_feature():
    assert len(WHOLE) == 4
    assert [name for name in NAMES if len({row[name] for row in WHOLE}) < 2 and WHOLE[0][name] == 0] == []


@pytest.fixture(scope="module")
def shuffled() -> list[dict[str, Any]]:
    return vectors(random.Random(2).sample(TRAIL, len(TRAIL)))


@pytest.fixture(scope="module")
def in_parts() -> list[dict[str, Any]]:
    """The same events counted in parts that have nothing to do with accounts or hours, then stacked."""
    chance = random.Random(3)
    parts: list[list[Event]] = [[], [], []]
    for event in TRAIL:
        parts[chance.randrange(3)].append(event)
    return vectors(*parts)


@pytest.fixture(scope="module")
def by_tick() -> list[dict[str, Any]]:
    """The same events with a row of activity for each tick of delivery, as the worker counts them."""
    return vectors(TRAIL, by_tick=True)


@pytest.fixture(scope="module")
def delivered_late() -> list[dict[str, Any]]:
    chance = random.Random(4)
    return vectors(
        [event | {"delivered_at": event["event_time"] + timedelta(hours=chance.randrange(72))} for event in TRAIL]
    )


@pytest.mark.parametrize("way", ["shuffled", "in_parts", "by_tick", "delivered_late"])
@pytest.mark.parametrize("feature", NAMES)
def test_the_same_to_the_bit_however_the_events_came(feature, way, request):
    assert column(request.getfixturevalue(way), feature) == column(WHOLE, feature)


@pytest.fixture(scope="module")
def bare() -> dict[str, Any]:
    """The vector of an event of which nothing is known but who, when and what."""
    nothing = {"region": "", "session": "", "prefix": "", "country": "", "latitude": None, "longitude": None, "asn": 0}
    return vector(an_event(level="", agent="", **nothing))


@pytest.fixture(scope="module")
def other_principals() -> list[dict[str, Any]]:
    return vectors([*TRAIL, *(event | {"principal": "user/ben", "region": "sa-east-1"} for event in a_trail(seed=5))])


@pytest.mark.parametrize("feature", NAMES)
def test_a_finite_number_always(feature, bare):
    for row in [*WHOLE, bare]:
        assert isinstance(row[feature], float)
        assert abs(row[feature]) < 1e9


@pytest.mark.parametrize("feature", NAMES)
def test_a_function_of_its_own_principals_window_only(feature, other_principals):
    mine = [row for row in other_principals if row["principal"] != "user/ben"]
    assert column(mine, feature) == column(WHOLE, feature)


@pytest.mark.parametrize("feature", CATALOGUE, ids=NAMES)
def test_an_entry_says_what_it_is(feature):
    assert feature.name.isidentifier()
    assert feature.name == feature.name.lower()
    assert feature.unit
    assert feature.meaning[0].isupper()
    assert feature.meaning.endswith(".")

"""Attacks by one principal: from where it always is, from elsewhere, and from where it is to be expected."""

from datetime import timedelta

import pytest

from pipeline.connection import connect
from pipeline.feedback.attacks import find_caller, plant_on
from pipeline.stores.home import open_store
from pipeline.stores.jsonl.marks import Value
from tests.pipeline.feedback.conftest import FIRST, WHO, World
from tests.worlds import START

DAY = (START + timedelta(days=FIRST)).date()
EXPECTED = (
    Value("country", "PT"),
    Value("asn", "64666"),
    Value("agent", "terraform"),
    Value("write", "iam:CreateUser"),
)


@pytest.fixture
def plant(marked_world: World):
    def make(principal: str = f"idc/{WHO}", values=EXPECTED):
        with open_store(marked_world.home) as store, connect(1, 2**30) as connection:
            store.activity.view(connection, since=DAY - timedelta(days=7), until=DAY + timedelta(days=2))
            return plant_on(connection, principal, values, DAY, timezone="UTC", lateness_minutes=15)

    return make


def held(strike, dimension: str) -> set[str]:
    rows = strike.delivered.tokens.to_pylist()
    return {row["value"] for row in rows if row["dimension"] == dimension}


def test_each_is_of_the_principal_alone(plant) -> None:
    strikes = plant()
    assert len({(one.name, one.degree, one.as_expected) for one in strikes}) == len(strikes) > 40
    for one in strikes:
        assert set(one.delivered.tokens["principal"].to_pylist()) == {f"idc/{WHO}"}


def test_a_stealthy_one_is_played_twice_from_the_usual_place_and_from_the_expected_one(plant) -> None:
    for one in plant():
        if one.degree == "stealthy":
            usual = set(), set(), {"console"}  # nothing says where the company is
            where = ({"PT"}, {"64666"}, {"terraform"}) if one.as_expected else usual
            assert (held(one, "country"), held(one, "asn"), held(one, "agent")) == where
        else:
            assert not held(one, "prefix") & {"198.51.100.0/24", "203.0.113.0/24"}


def test_where_only_calls_are_expected_nobody_comes_from_elsewhere(plant) -> None:
    assert not any(one.as_expected for one in plant(values=EXPECTED[-1:]))


def test_of_whom_nothing_is_known_nothing_is_played(plant) -> None:
    assert plant("idc/nobody") == []


def test_a_machine_is_struck_as_machines_are(plant, marked_world: World) -> None:
    with open_store(marked_world.home) as store, connect(1, 2**30) as connection:
        store.activity.view(connection, since=DAY - timedelta(days=7), until=DAY)
        [(role,)] = connection.execute(
            "SELECT DISTINCT principal FROM joint WHERE starts_with(principal, 'role/')"
        ).fetchall()
        caller = find_caller(connection, role, EXPECTED)
    assert caller is not None
    assert caller.habit["agent"] == "boto3"
    assert {one.name for one in plant(role)} != {one.name for one in plant()}

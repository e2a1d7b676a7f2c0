"""Planted attacks: each technique once, by principals of the deployment, on a day of nothing else."""

from datetime import date, timedelta

import pytest

from pipeline.connection import connect
from pipeline.detect.planted import DEGREES, plant_attacks
from pipeline.simulate.techniques import TECHNIQUES
from tests.pipeline.detect.conftest import DAYS, PEOPLE, ROLES
from tests.worlds import START

DAY = START.date() + timedelta(days=DAYS - 1)


@pytest.fixture
def planted(untrained_store):
    def plant(day: date = DAY, known=None):
        with connect(1, 2**30) as connection:
            untrained_store.activity.view(connection, since=day - timedelta(days=2))
            rows = connection.execute("SELECT DISTINCT principal FROM joint").fetchall()
            everyone = {row[0] for row in rows}
            return plant_attacks(
                connection, day, everyone if known is None else known, timezone="UTC", lateness_minutes=15
            ), everyone

    return plant


def test_each_technique_is_played_once_by_somebody_of_the_deployment(planted):
    rounds, everyone = planted()
    plants = [plant for one in rounds for plant in one.plants]
    assert len(everyone) == PEOPLE + ROLES
    assert sorted(plant.technique for plant in plants) == sorted(technique.name for technique in TECHNIQUES)
    assert {plant.degree for plant in plants} == set(DEGREES)
    assert {plant.principal for plant in plants} <= everyone
    for one in rounds:
        assert len({plant.principal for plant in one.plants}) == len(one.plants)


def test_a_round_delivers_the_attacks_and_nothing_else(planted):
    rounds, _ = planted()
    for one in rounds:
        tokens = one.delivered.tokens.to_pylist()
        assert {row["principal"] for row in tokens} == {plant.principal for plant in one.plants}
        called = {row["value"] for row in tokens if row["dimension"] in ("read", "write", "denied")}
        assert called == {row["action"] for row in one.rows}
        assert {row["day"] for row in tokens} == {DAY}


def test_a_stealthy_one_stays_where_its_victim_always_is(planted):
    rounds, _ = planted()
    for one in rounds:
        places = {place["principal"] for place in one.places}
        for plant in one.plants:
            assert (plant.principal in places) == (plant.degree != "stealthy")


def test_the_same_day_is_planted_alike_and_another_otherwise(planted):
    first, again, other = planted()[0], planted()[0], planted(DAY - timedelta(days=1))[0]
    assert [one.rows for one in first] == [one.rows for one in again]
    assert [plant.principal for one in first for plant in one.plants] != [
        plant.principal for one in other for plant in one.plants
    ]


def test_nobody_is_struck_whom_a_model_does_not_know(planted):
    assert planted(known=set())[0] == []
    rounds, everyone = planted(known={"idc/person0"})
    assert "idc/person0" in everyone
    assert {plant.principal for one in rounds for plant in one.plants} == {"idc/person0"}
    assert len(rounds) == len(TECHNIQUES)

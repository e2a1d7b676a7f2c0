"""How much of each kind an hour held, and when it came."""

from datetime import timedelta
from typing import Any

import duckdb
import pytest

from features.activity.hourly import DATA_READS, HOURLY, MEASURES
from tests.builders import NINE, an_event, with_activity

LATER = {"delivered_at": NINE + timedelta(minutes=50)}


def hourly(*events: dict[str, Any]) -> list[dict[str, Any]]:
    with duckdb.connect() as connection:
        with_activity(connection, events, by_tick=True)
        return connection.sql(HOURLY).to_arrow_table().to_pylist()


def counts(*events: dict[str, Any]) -> dict[str, int]:
    """Measures of one hour, those that are 0 left out."""
    rows = hourly(*events)
    return {name: total for name in MEASURES if (total := sum(row[name] for row in rows))}


PLAIN = {"calls": 1, "actions": 1, "services": 1}


@pytest.mark.parametrize(
    ("named", "measures"),
    [
        ({}, PLAIN),
        ({"write": True}, PLAIN | {"writes": 1}),
        ({"error": "denied"}, PLAIN | {"denied": 1, "errors": 1}),
        ({"error": "throttle"}, PLAIN | {"errors": 1}),
        ({"action": DATA_READS[0]}, PLAIN | {"data_reads": 1}),
        ({"resources": ["secret:a", "secret:b", "role:c"]}, PLAIN | {"secrets": 2}),
        (
            {"resources": ["bucket:a", "instance:b", "parameter:c"]},
            PLAIN | {"buckets": 1, "instances": 1, "parameters": 1},
        ),
    ],
)
def test_a_call_counts_in_the_measures_it_belongs_to(named: dict[str, Any], measures: dict[str, int]) -> None:
    assert counts(an_event(**named)) == measures


def test_every_measure_is_counted_somewhere() -> None:
    full = {"write": True, "error": "denied", "action": DATA_READS[0]}
    resources = [f"{measure.resource}:x" for measure in MEASURES.values() if measure.resource]
    assert set(counts(an_event(**full, resources=resources))) == set(MEASURES)


def test_distinct_things_count_at_the_tick_they_first_came_in() -> None:
    first, second = hourly(
        an_event(resources=["secret:a"]), an_event(resources=["secret:a", "secret:b"], action="s3:ListBuckets", **LATER)
    )
    assert (first["calls"], first["actions"], first["services"], first["secrets"]) == (1, 1, 1, 1)
    assert (second["calls"], second["actions"], second["services"], second["secrets"]) == (1, 1, 1, 1)
    [third] = [row for row in hourly(an_event(), an_event(**LATER)) if row["tick"] >= LATER["delivered_at"]]
    assert (third["calls"], third["actions"], third["services"]) == (1, 0, 0)


def test_a_principals_hours_are_apart_and_in_order() -> None:
    rows = hourly(an_event(NINE + timedelta(hours=1)), an_event(NINE), an_event(NINE, principal="user/ben"))
    assert [(row["principal"], row["hour"]) for row in rows] == [
        ("user/ana", NINE), ("user/ana", NINE + timedelta(hours=1)), ("user/ben", NINE),
    ]  # fmt: skip

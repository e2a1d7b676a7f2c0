"""Activity counts every call once, whatever it was delivered with, and partial counts add up."""

from datetime import timedelta
from typing import Any

import duckdb
import pytest

from features.activity.statements import JOINT_KEYS, TOUCHED_KEYS, merged
from tests.builders import NINE, an_event, with_activity


def read(table: str, *parts: list[dict[str, Any]], by_tick: bool = False) -> list[dict[str, Any]]:
    with duckdb.connect() as connection:
        with_activity(connection, *parts, by_tick=by_tick)
        return connection.sql(f"SELECT * FROM {table} ORDER BY ALL").to_arrow_table().to_pylist()


def test_calls_that_are_alike_are_one_row_with_their_first_and_last() -> None:
    [row] = read("joint", [an_event(NINE), an_event(NINE + timedelta(minutes=30))])
    assert (row["calls"], row["first"], row["last"]) == (2, NINE, NINE + timedelta(minutes=30))


@pytest.mark.parametrize(
    "named",
    [
        {"account": "222222222222"}, {"action": "s3:ListBuckets"}, {"session": "other"}, {"region": "eu-west-1"},
        {"prefix": "203.0.113.0/24"}, {"agent": "boto3"}, {"error": "denied"}, {"write": True}, {"level": "read"},
        {"at": NINE + timedelta(hours=1)},
    ],
    ids=lambda named: next(iter(named)),
)  # fmt: skip
def test_calls_that_differ_in_a_key_are_two_rows(named: dict[str, Any]) -> None:
    assert len(read("joint", [an_event(), an_event(**named)])) == 2


def test_a_call_touches_all_its_resources_exposures_and_facts() -> None:
    event = an_event(resources=["bucket:a"], exposures=["principal:*"], facts=["root"])
    assert {row["resource"] for row in read("touched", [event])} == {"bucket:a", "exposure:principal:*", "fact:root"}


def test_what_a_call_made_is_not_among_what_it_touched() -> None:
    event = an_event(resources=["instance:i-1", "image:ami-1"], made=["instance:i-1"], facts=["root"])
    assert {row["resource"] for row in read("touched", [event])} == {"image:ami-1", "fact:root"}
    assert read("touched", [an_event(resources=["instance:i-1"], made=["instance:i-1"])]) == []


def test_a_call_that_touched_nothing_is_in_no_row_of_touched() -> None:
    assert read("touched", [an_event()]) == []


@pytest.mark.parametrize("by_tick", [False, True])
def test_ticks_are_apart_only_where_they_are_asked_for(by_tick: bool) -> None:
    late = an_event(NINE, delivered_at=NINE + timedelta(minutes=50))
    rows = read("joint", [an_event(NINE), late], by_tick=by_tick)
    assert [row["calls"] for row in rows] == ([1, 1] if by_tick else [2])


@pytest.mark.parametrize(("table", "keys"), [("joint", JOINT_KEYS), ("touched", TOUCHED_KEYS)])
def test_counts_of_parts_add_up_to_the_counts_of_the_whole(table: str, keys: tuple[str, ...]) -> None:
    events = [
        an_event(NINE + timedelta(minutes=n), action=f"s3:Do{n % 3}", resources=[f"bucket:{n % 2}"]) for n in range(12)
    ]
    with duckdb.connect() as connection:
        with_activity(connection, events[:5], events[5:])
        parts = connection.sql(f"SELECT * FROM ({merged(table, keys)}) ORDER BY ALL").fetchall()
        with_activity(connection, events)
        whole = connection.sql(f"SELECT * FROM ({merged(table, keys)}) ORDER BY ALL").fetchall()
    assert parts == whole


def test_who_a_principal_is_is_said_by_its_first_delivery() -> None:
    renamed = an_event(NINE + timedelta(minutes=5), principal_name="ana.new", kind="workload")
    [row] = read("principals", [renamed, an_event(NINE, principal_name="ana")])
    assert (row["principal_name"], row["kind"], row["calls"]) == ("ana", "human", 2)


def test_a_place_is_where_its_first_delivery_says_and_has_coordinates_when_any_does() -> None:
    unknown = an_event(NINE, latitude=None, longitude=None, country="DE")
    moved = an_event(NINE + timedelta(minutes=5), country="FR")
    [row] = read("places", [moved, unknown])
    assert (row["country"], row["latitude"]) == ("DE", 52.52)

"""The long form of activity: a row a value that a principal's hour held, in each dimension that has one."""

from datetime import timedelta
from typing import Any

import duckdb
import pytest

from features.activity.dimensions import DIMENSIONS
from features.activity.tokens import ACTIVE, LONG, TOKENS
from tests.builders import NINE, an_event, with_activity

HOUR = timedelta(hours=1)


def read(statement: str, *events: dict[str, Any]) -> list[dict[str, Any]]:
    with duckdb.connect() as connection:
        with_activity(connection, events, by_tick=True)
        connection.execute(LONG)
        return connection.sql(statement).to_arrow_table().to_pylist()


def tokens(*events: dict[str, Any]) -> set[tuple[str, str]]:
    return {(row["dimension"], row["value"]) for row in read(TOKENS, *events)}


def test_an_ordinary_call_has_an_action_and_a_place_and_a_tool() -> None:
    assert tokens(an_event()) == {
        ("read", "ec2:DescribeInstances"), ("account", "111111111111"), ("region", "us-east-1"), ("country", "DE"),
        ("asn", "64500"), ("prefix", "192.0.2.0/24"), ("agent", "aws-cli"),
    }  # fmt: skip


def test_what_is_not_known_is_no_token() -> None:
    bare = an_event(region="", agent="", prefix="", country="", asn=0)
    assert tokens(bare) == {("read", "ec2:DescribeInstances"), ("account", "111111111111")}


def test_what_a_service_called_says_nothing_of_place_and_tool() -> None:
    found = tokens(an_event(agent="service:cloudformation"))
    assert {dimension for dimension, _ in found} == {"read_by_service", "account", "region"}


@pytest.mark.parametrize(
    ("named", "dimension"),
    [
        ({"write": True}, "write"),
        ({"write": True, "agent": "service:ecs"}, "write_by_service"),
        ({"error": "denied"}, "denied"),
    ],
)
def test_an_action_is_told_apart_by_how_it_was_called(named: dict[str, Any], dimension: str) -> None:
    assert (dimension, "ec2:DescribeInstances") in tokens(an_event(**named))


def test_what_failed_for_another_reason_is_not_denied() -> None:
    assert "denied" not in {dimension for dimension, _ in tokens(an_event(error="throttle"))}


def test_resources_are_dimensions_by_type_and_exposures_and_facts_are_not_resources() -> None:
    event = an_event(resources=["bucket:pay", "key:a:b"], exposures=["cidr:0.0.0.0/0"], facts=["root"])
    touched = {token for token in tokens(event) if DIMENSIONS.get(token[0].partition(":")[0], None).table == "touched"}
    assert touched == {
        ("resource:bucket", "pay"), ("resource:key", "a:b"), ("exposure", "cidr:0.0.0.0/0"), ("fact", "root"),
    }  # fmt: skip


def test_each_call_has_its_own_safeguards_that_it_switches_off() -> None:
    facts = ["logging_off", "imds_v1"]
    found = {token for token in tokens(an_event(action="cloudtrail:StopLogging", facts=facts)) if token[0] == "fact"}
    assert found == {("fact", "logging_off:cloudtrail:StopLogging"), ("fact", "imds_v1")}


def test_only_actions_bring_their_access_level() -> None:
    rows = read(TOKENS, an_event(level="list", error="denied"))
    assert {row["dimension"]: row["level"] for row in rows if row["level"]} == {"read": "list"}


def test_a_token_counts_its_hours_and_the_tick_it_first_came_in() -> None:
    events = [an_event(NINE), an_event(NINE + timedelta(minutes=40)), an_event(NINE + 2 * HOUR)]
    [row] = [row for row in read(TOKENS, *events) if row["dimension"] == "read"]
    assert (row["hours"], row["first_hour"]) == (2, NINE)
    assert row["tick"] == events[0]["delivered_at"]


def test_tokens_stand_in_the_order_of_their_delivery() -> None:
    late = an_event(NINE, action="s3:A", delivered_at=NINE + HOUR)
    early = an_event(NINE + timedelta(minutes=30), action="s3:B")
    actions = [row["value"] for row in read(TOKENS, late, early) if row["dimension"] == "read"]
    assert actions == ["s3:B", "s3:A"]


def test_active_hours_are_counted_by_dimension_and_at_all() -> None:
    rows = read(ACTIVE, an_event(NINE), an_event(NINE + HOUR, region="", error="denied"))
    hours = {row["dimension"]: row["hours"] for row in rows}
    assert (hours[""], hours["read"], hours["region"], hours["denied"]) == (2, 2, 1, 1)

"""A condition in SQL holds for the calls it is about and for no others."""

import duckdb
import pytest

from features.activity.condition import (
    BY_SERVICE,
    CHANGES,
    DENIED,
    FAILED,
    LOOKS,
    OWN_HANDS,
    Condition,
    to_sql,
)

CALLS = """(VALUES
    ('own read', 's3:GetObject', false, '', 'aws-cli', 64500), ('own write', 'iam:CreateUser', true, '', 'aws-cli', 0),
    ('denied', 'iam:CreateUser', true, 'denied', 'aws-cli', 64500),
    ('throttled', 's3:GetObject', false, 'throttle', 'console', 64501),
    ('by service', 's3:GetObject', false, '', 'service:athena', 0)) AS calls(name, action, write, error, agent, asn)"""


def holding(*conditions: Condition) -> set[str]:
    rows = duckdb.connect().execute(f"SELECT name FROM {CALLS} WHERE {to_sql(conditions)}").fetchall()
    return {name for (name,) in rows}


EVERYTHING = holding()


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        (CHANGES, {"own write", "denied"}),
        (DENIED, {"denied"}),
        (FAILED, {"denied", "throttled"}),
        (BY_SERVICE, {"by service"}),
        (Condition("asn", "is not", 0), {"own read", "denied", "throttled"}),
        (Condition("action", "among", ("iam:CreateUser", "iam:DeleteUser")), {"own write", "denied"}),
    ],
)
def test_a_condition_holds_for_what_it_is_about(condition: Condition, names: set[str]) -> None:
    assert holding(condition) == names


@pytest.mark.parametrize(("one", "other"), [(CHANGES, LOOKS), (BY_SERVICE, OWN_HANDS)])
def test_opposites_part_all_calls(one: Condition, other: Condition) -> None:
    assert holding(one) | holding(other) == EVERYTHING
    assert holding(one, other) == set()


def test_conditions_must_all_hold() -> None:
    assert holding(LOOKS, OWN_HANDS, Condition("error", "is", "")) == {"own read"}

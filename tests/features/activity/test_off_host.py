"""A workload's temporary credential that is used from another network than it began in."""

from datetime import timedelta
from typing import Any

import duckdb
import pytest

from features.activity.off_host import OFF_HOST
from tests.builders import NINE, an_event, with_activity

AWAY = {"prefix": "203.0.113.0/24", "asn": 64999}


def called(minute: int, **named: Any) -> dict[str, Any]:
    columns = {"principal": "role/web", "kind": "workload", "session": "ASIAX/2025-03-03"}
    return an_event(NINE + timedelta(minutes=minute), **columns | named)


def off_host(*events: dict[str, Any]) -> list[Any]:
    with duckdb.connect() as connection:
        with_activity(connection, events, by_tick=True)
        return connection.sql(f"SELECT principal, value FROM ({OFF_HOST})").fetchall()


def test_a_credential_used_elsewhere_than_it_began_is_a_fact() -> None:
    assert off_host(called(0), called(20, **AWAY)) == [("role/web", "off_host")]


@pytest.mark.parametrize(
    "second",
    [
        {},  # the same network
        {"prefix": "192.0.3.0/24"},  # the same operator
        AWAY | {"session": "ASIAY/2025-03-03"},  # another credential
        AWAY | {"agent": "service:athena"},  # a service called
        AWAY | {"asn": 0},  # nobody knows whose network it is
    ],
)
def test_what_is_no_theft_of_a_credential_is_no_fact(second: dict[str, Any]) -> None:
    assert off_host(called(0), called(20, **second)) == []


@pytest.mark.parametrize("whose", [{"kind": "human"}, {"session": "AKIAX"}])
def test_people_move_and_keys_have_no_host(whose: dict[str, Any]) -> None:
    assert off_host(called(0, **whose), called(20, **AWAY | whose)) == []

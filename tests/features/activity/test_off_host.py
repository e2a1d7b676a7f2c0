"""A workload's temporary credential that is used away from the host it was given to."""

from collections.abc import Iterable
from datetime import timedelta
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from features.activity.off_host import AWAY, OFF_HOST, TELLING, away_among, spots
from features.activity.statements import COUNTED, joint
from tests.builders import NINE, an_event, with_activity

ABROAD = {"prefix": "203.0.113.0/24", "asn": 64999}
OURS = {"address_kind": "vpc_endpoint", "prefix": "10.0.0.0/8", "asn": 0, "vpc_endpoint": "vpce-ours"}
THEIRS = OURS | {"vpc_endpoint": "vpce-theirs"}
INSIDE = {"address_kind": "private", "prefix": "10.0.0.0/8", "asn": 0}
FAR_INSIDE = INSIDE | {"prefix": "192.168.0.0/16"}
INTERNET: dict[str, Any] = {"address_kind": "public"}
OTHER_CALL = {"action": "sts:GetCallerIdentity"}
WAYS = {
    "the internet, then another operator": (INTERNET, INTERNET | ABROAD),
    "an endpoint, then the internet": (OURS, INTERNET | ABROAD),
    "an endpoint, then another": (OURS, THEIRS),
    "the internet, then an endpoint": (INTERNET, THEIRS),
    "a private network, then the internet": (INSIDE, INTERNET | ABROAD),
    "a private network, then another": (INSIDE, FAR_INSIDE),
}


def called(minute: int, **named: Any) -> dict[str, Any]:
    columns = {"principal": "role/web", "kind": "workload", "session": "ASIAX/2025-03-03", "address_kind": "public"}
    return an_event(NINE + timedelta(minutes=minute), **columns | named)


def facts(*events: dict[str, Any], columns: str = "principal, value") -> list[Any]:
    with duckdb.connect() as connection:
        with_activity(connection, events, by_tick=True)
        return connection.sql(f"SELECT {columns} FROM ({OFF_HOST}) ORDER BY ALL").fetchall()


def marked(events: Iterable[dict[str, Any]]) -> list[Any]:
    """Where and by which session calls were away, among the events alone."""
    with duckdb.connect() as connection:
        with_activity(connection, events, by_tick=True)
        held = connection.sql(f"SELECT {', '.join(TELLING)} FROM counted").to_arrow_table()
        connection.register("held", held)
        return connection.sql(f"SELECT * EXCLUDE (tick) FROM ({away_among('held')}) ORDER BY ALL").fetchall()


@pytest.mark.parametrize(("home", "away"), WAYS.values(), ids=WAYS)
def test_a_credential_used_elsewhere_than_it_began_is_a_fact_of_those_calls_alone(
    home: dict[str, Any], away: dict[str, Any]
) -> None:
    own = [called(minute, **home) for minute in range(0, 50, 10)]
    theft = [called(22, **away), called(24, **away | OTHER_CALL), called(26, **away | {"action": "s3:ListBuckets"})]
    assert facts(*own, *theft, columns="CAST(sum(calls) AS INTEGER)") == [(3,)]
    (who, session, prefix, _) = marked([*own, *theft])[0]
    assert (who, session, prefix) == ("role/web", "ASIAX/2025-03-03", away.get("vpc_endpoint") or away["prefix"])
    assert len(marked([*own, *theft])) == 1


@pytest.mark.parametrize(
    "second",
    [
        {},  # the same network
        {"prefix": "192.0.3.0/24"},  # the same operator
        ABROAD | {"session": "ASIAY/2025-03-03"},  # another credential
        ABROAD | {"agent": "service:athena"},  # a service called
        ABROAD | {"asn": 0},  # nobody knows whose network it is
        OURS | OTHER_CALL,  # a service that is reached by an endpoint, beside one that is not
        OURS | {"region": "eu-west-1"},  # an endpoint serves a region
    ],
)
def test_what_is_no_theft_of_a_credential_is_no_fact(second: dict[str, Any]) -> None:
    events = [called(0), called(20, **second)]
    assert facts(*events) == marked(events) == []


def test_a_host_of_many_addresses_and_one_endpoint_is_in_one_place() -> None:
    addresses = [{"address": f"10.0.{n}.7"} for n in range(9)]
    assert facts(*(called(n, **OURS | address) for n, address in enumerate(addresses))) == []
    assert facts(called(0, **OURS), called(9, **INSIDE)) == [], "its private network may be the endpoint's"


def test_a_route_that_changes_for_everybody_is_no_theft() -> None:
    hosts = [{"session": f"ASIA{n}/2025-03-03", "principal": f"role/{n % 2}"} for n in range(4)]
    events = [called(0, **host) for host in hosts] + [called(30, **host | OURS) for host in hosts]
    assert facts(*events) == []
    alone = [called(0, **host) for host in hosts] + [called(30, **hosts[0] | THEIRS)]
    assert facts(*alone) == [("role/0", "off_host")]


def test_a_session_is_one_of_a_principal() -> None:
    other = {"principal": "role/other"}
    assert facts(called(0, **OURS), called(20, **THEIRS | other)) == []


@pytest.mark.parametrize(("minute", "expected"), [(5, []), (200, [("role/web", "off_host")])])
def test_where_others_met_that_are_counted_elsewhere_is_heard_of(minute: int, expected: list[Any]) -> None:
    events = [called(0, **OURS), called(20, **THEIRS)]
    other = called(minute, **THEIRS | {"principal": "role/other", "session": "ASIAO/2025-03-03"})
    with duckdb.connect() as connection:
        with_activity(connection, [other], by_tick=True)
        told = connection.sql(f"SELECT prefix, address_kind, tick FROM ({spots('joint')})").to_arrow_table()
    with duckdb.connect() as connection:
        with_activity(connection, events, by_tick=True)
        connection.register("told", told)
        connection.execute("INSERT INTO met_elsewhere FROM told")
        assert connection.sql(f"SELECT principal, value FROM ({OFF_HOST})").fetchall() == expected
    together = facts(*events, other)
    assert together == expected


def test_it_is_known_only_once_both_places_were_seen() -> None:
    early, later = THEIRS | OTHER_CALL, THEIRS
    shown = facts(called(0, **OURS), called(20, **early), called(40, **later), columns="tick, calls")
    known = NINE + timedelta(minutes=45)
    assert shown == [(known, 1), (known, 1)], "the call that shows it says it of the one before"
    assert facts(called(0, **OURS), called(20, **early)) == []


@pytest.mark.parametrize("whose", [{"kind": "human"}, {"session": "AKIAX"}])
@pytest.mark.parametrize(("home", "away"), WAYS.values(), ids=WAYS)
def test_people_move_and_keys_have_no_host(whose: dict[str, Any], home: dict[str, Any], away: dict[str, Any]) -> None:
    events = [called(0, **home | whose), called(20, **away | whose)]
    assert facts(*events) == marked(events) == []


def test_activity_and_events_tell_the_same() -> None:
    choice, places = Random(3), [INTERNET, INTERNET | ABROAD, OURS, THEIRS, INSIDE, FAR_INSIDE]
    for number in range(40):
        events = [
            called(minute, action=choice.choice(["ec2:DescribeInstances", "s3:ListBuckets"]), **choice.choice(places))
            for minute in choice.sample(range(180), 6)
        ]
        with duckdb.connect() as connection:
            with_activity(connection, events, by_tick=True)
            of_activity = connection.sql(
                f"SELECT DISTINCT principal, session, prefix, address_kind FROM ({AWAY}) ORDER BY ALL"
            ).fetchall()
        assert of_activity == marked(events), number


def test_an_endpoint_is_a_place_whatever_the_address_behind_it_is() -> None:
    rows = [an_event(**OURS), an_event(**THEIRS), an_event(**OURS | {"prefix": "8.8.8.0/24", "address_kind": "public"})]
    rows += [an_event(**INSIDE), an_event(), an_event(prefix="", address_kind="aws_service", vpc_endpoint="vpce-ours")]
    with duckdb.connect() as connection:
        with_activity(connection, rows)
        found = connection.sql(f"SELECT prefix, address_kind, calls FROM ({joint()}) ORDER BY ALL").fetchall()
    assert found == [
        ("", "aws_service", 1),
        ("10.0.0.0/8", "private", 1),
        ("192.0.2.0/24", "public", 1),
        ("vpce-ours", "vpc_endpoint", 2),
        ("vpce-theirs", "vpc_endpoint", 1),
    ]


def test_what_an_event_of_an_older_store_lacks_is_nothing() -> None:
    event = an_event(resources=["bucket:logs"])
    with duckdb.connect() as connection:
        with_activity(connection, [event])
        older = connection.sql("SELECT * EXCLUDE (vpc_endpoint, made), NULL::VARCHAR AS vpc_endpoint, "
                               "NULL::VARCHAR[] AS made FROM events").to_arrow_table()  # fmt: skip
        connection.register("events", older)
        connection.execute(COUNTED)
        assert isinstance(older, pa.Table)
        assert connection.sql("SELECT prefix, made FROM counted").fetchall() == [("192.0.2.0/24", [])]

"""With what calls were made, and who opened the sessions, as far back as keys lead."""

from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import msgspec

from features.times.instant import micros
from pipeline.alerts.evidence import list_rows
from pipeline.alerts.sessions import MOST_HOPS, MOST_SESSIONS, add_openers, find_openings, find_sessions
from pipeline.alerts.story import COLUMNS
from tests.worlds import an_event, as_person, as_role, numbered, table

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=2)
SAID = [(True, "x"), (None, None)]
"""MFA and session name of two calls."""


def an_opening(key: str, by: str, minute: int = 0, **named: Any) -> dict[str, Any]:
    """A call by which a key was handed out to whoever used another."""
    columns = as_person("ann") | {"event_time": NOON + timedelta(minutes=minute), "session": by, "issued_key": key}
    return an_event(action="sts:AssumeRole", event_id=f"{key}-{minute}", user_agent="aws-cli/2", **(columns | named))


def rows(*calls: dict[str, Any]) -> list[dict[str, Any]]:
    """The calls as an alert reads them."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("events", table(numbered(list(calls))))
        return list_rows(connection.sql("SELECT * FROM events ORDER BY event_id").df(), COLUMNS.split(", "))


def a_call(session: str, **named: Any) -> dict[str, Any]:
    columns = as_role("deploy") | {"action": "iam:CreateUser", "event_time": NOON, "session": session}
    return an_event(**(columns | named))


def openings(*calls: dict[str, Any], keys: list[str]) -> dict[str, list[dict[str, Any]]]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("events", table(calls))
        return find_openings(connection, keys, NOON, LATER)


def opened(found: dict[str, list[dict[str, Any]]], at: datetime = LATER) -> list[str]:
    session = find_sessions(rows(a_call("ASIA1/x", session_start=NOON)), [1.0])
    [whole] = add_openers(session, found, micros(at))
    return [f"{opener.principal_name} {opener.access_key}" for opener in whole.opened_by]


def test_a_session_says_what_was_used() -> None:
    calls = [
        a_call("ASIA1/2026", session_start=NOON, session_name="x1", mfa=False, address=address, user_agent=agent)
        for address, agent in [("192.0.2.1", "curl"), ("192.0.2.2", "aws-cli/2"), ("192.0.2.2", "aws-cli/2")]
    ]
    calls[0]["issued_key"] = "AKIANEW"
    [session] = find_sessions(rows(*calls), [1.0] * 3)
    assert (session.access_key, session.session_name, session.started, session.mfa) == ("ASIA1", "x1", NOON, False)
    assert (session.addresses, session.agents) == (("192.0.2.2", "192.0.2.1"), ("aws-cli/2", "curl"))
    assert (session.calls, session.issued_keys) == (3, ("AKIANEW",))


def test_what_some_records_say_is_plain_for_all() -> None:
    calls = [a_call("ASIA1/x", session_start=NOON, mfa=mfa, session_name=name) for mfa, name in SAID]
    found = rows(*calls)
    assert [(row["mfa"], row["session_name"]) for row in found] == SAID
    assert {type(value) for row in found for value in row.values()} <= {str, bool, int, list, datetime, type(None)}
    assert msgspec.json.encode(find_sessions(found, [1.0, 1.0]))


def test_what_records_do_not_say_is_not_said() -> None:
    [session] = find_sessions(rows(a_call("", session_name=None)), [1.0])
    assert (session.access_key, session.session_name, session.started, session.mfa) == ("", "", None, None)
    assert (session.agents, session.issued_keys, session.opened_by) == ((), (), ())


def test_the_session_that_carries_most_comes_first_and_few_are_told() -> None:
    calls = [a_call(f"AKIA{number}") for number in range(9)]
    found = find_sessions(rows(*calls), [float(n) for n in range(9)])
    assert [session.access_key for session in found] == [f"AKIA{number}" for number in (8, 7, 6, 5, 4)]
    assert len(found) == MOST_SESSIONS


def test_a_chain_of_sessions_is_followed_to_the_key_it_began_with() -> None:
    chain = [
        an_opening("ASIA1", "ASIA2/x", 30, **as_role("jump")),
        an_opening("ASIA2", "AKIA3", 20, **as_person("ben")),
        an_opening("ASIA9", "AKIA9", 10),
    ]
    assert opened(openings(*chain, keys=["ASIA1"])) == ["jump ASIA2", "ben AKIA3"]


def test_a_chain_without_end_ends() -> None:
    ring = [an_opening(f"ASIA{n}", f"ASIA{n + 1}/x", n) for n in range(1, 9)]
    assert len(opened(openings(*ring, keys=["ASIA1"]))) == MOST_HOPS
    assert opened(openings(an_opening("ASIA1", "ASIA1/x"), keys=["ASIA1"])) == ["ann ASIA1"]


def test_what_failed_handed_out_nothing_and_the_first_that_did_counts() -> None:
    denied = an_opening("ASIA1", "AKIA7", 0, error="denied")
    first, second = an_opening("ASIA1", "AKIA8", 1), an_opening("ASIA1", "AKIA9", 2)
    assert opened(openings(denied, second, first, keys=["ASIA1"])) == ["ann AKIA8"]


def test_no_revision_knows_what_was_delivered_later() -> None:
    found = openings(an_opening("ASIA1", "AKIA8", delivered_at=NOON + timedelta(hours=1)), keys=["ASIA1"])
    assert opened(found, at=NOON + timedelta(minutes=59)) == []
    assert opened(found, at=NOON + timedelta(minutes=60)) == ["ann AKIA8"]


def test_nobody_is_looked_for_without_a_key() -> None:
    assert openings(an_opening("", "AKIA8"), keys=[""]) == {}


def test_of_two_records_of_one_call_the_one_that_names_the_callers_key_counts() -> None:
    """An account whose role is taken by another has its own record of it, and that names no key."""
    theirs = an_opening("ASIA1", "", 0, principal_name="account 2", delivered_at=NOON)
    ours = an_opening("ASIA1", "AKIA8", 0, delivered_at=NOON + timedelta(minutes=9)) | {"event_id": "zz"}
    further = an_opening("AKIA8", "AKIA7", 0, **as_person("ben"))
    found = openings(theirs, ours, further, keys=["ASIA1"])
    assert opened(found) == ["ann AKIA8", "ben AKIA7"]
    assert opened(found, at=NOON + timedelta(minutes=8)) == ["account 2 "]

"""Alerts of the same hands are found by what links them, both ways."""

from typing import Any

import msgspec
import pytest

from pipeline.alerts.related import MOST, find_related
from pipeline.stores.alert import Alert
from tests.builders import a_reason, an_alert
from tests.pipeline.alerts.test_playbook import a_session, an_opener

PLACE = a_reason(dimension="prefix", value="203.0.113.0/24")


def one(alert_id: str, address: str = "", **session: Any) -> Alert:
    """An alert with one session; its evidence rests on an address where one is given."""
    carried = [{"field": "source.address", "values": [address], "share": 0.9}] if address else []
    reasons = [PLACE] if address else [a_reason()]
    fields = {"sessions": [a_session(**session)] if session else [], "influencers": carried, "reasons": reasons}
    return msgspec.convert(an_alert(alert_id).as_dict() | fields, Alert)


def links(alert: Alert, other: Alert) -> list[tuple[str, tuple[str, ...]]]:
    found = [
        [(near.alert.alert_id, near.links) for near in find_related(a, [a, b])]
        for a, b in ((alert, other), (other, alert))
    ]
    assert [linked for _, linked in found[0]] == [linked for _, linked in found[1]], "linked both ways"
    return found[0]


@pytest.mark.parametrize(
    ("mine", "theirs", "key"),
    [
        ({"access_key": "AKIA1"}, {"access_key": "AKIA1"}, "AKIA1"),
        ({"access_key": "A", "issued_keys": ["AKIANEW"]}, {"access_key": "AKIANEW"}, "AKIANEW"),
        ({"access_key": "A", "opened_by": [an_opener(access_key="AKIAQ")]}, {"access_key": "AKIAQ"}, "AKIAQ"),
    ],
)
def test_a_key_links(mine: dict[str, Any], theirs: dict[str, Any], key: str) -> None:
    assert links(one("a", **mine), one("b", **theirs)) == [("b", (f"key {key}",))]


@pytest.mark.parametrize(
    ("kind", "named"),
    [("user", "helper"), ("role", "arn:aws:iam::111122223333:role/app/helper")],
)
def test_who_made_a_user_or_a_role_is_linked_to_what_it_made(kind: str, named: str) -> None:
    maker = msgspec.structs.replace(one("a"), reasons=(a_reason_of(f"resource:{kind}", named),))
    arn = f"arn:aws:iam::111122223333:{kind}/helper"
    made = msgspec.structs.replace(one("b"), principal_key=f"{kind}/111122223333/X1", identities=(arn,))
    assert links(maker, made) == [("b", (f"{kind} helper",))]
    person = msgspec.structs.replace(made, principal_key="idc/ann")
    assert links(maker, person) == [], "a person behind a role is not what was made"
    assert links(maker, msgspec.structs.replace(made, identities=(f"{arn}2",))) == []


def a_reason_of(dimension: str, value: str) -> Any:
    return msgspec.convert(
        an_alert("x").as_dict() | {"reasons": [a_reason(dimension=dimension, value=value)]}, Alert
    ).reasons[0]


def test_an_address_links_where_both_rest_on_it() -> None:
    assert links(one("a", "203.0.113.99"), one("b", "203.0.113.99")) == [("b", ("address 203.0.113.99",))]
    first, second = (
        msgspec.structs.replace(one(alert_id, "203.0.113.99"), reasons=one("c").reasons) for alert_id in "ab"
    )
    assert links(one("a", "203.0.113.99"), second) == [("b", ("address 203.0.113.99",))], "odd for one is enough"
    assert links(first, second) == [], "an office is odd for nobody"


def test_nothing_links_what_shares_nothing() -> None:
    assert links(one("a", access_key="A1"), one("b", access_key="A2")) == []
    assert links(one("a", access_key=""), one("b", access_key="")) == []


def test_a_week_is_near_and_too_little_evidence_is_no_alert() -> None:
    alert, other = one("a", access_key="A"), one("b", access_key="A")
    later = msgspec.convert(other.as_dict() | {"day": "2026-03-09"}, Alert)
    too_late = msgspec.convert(other.as_dict() | {"day": "2026-03-10"}, Alert)
    weak = msgspec.structs.replace(other, held_because="evidence", raised=False)
    assert [len(find_related(alert, [one])) for one in (other, later, too_late, weak)] == [1, 1, 0, 0]


def test_keys_come_before_addresses_and_few_are_told() -> None:
    alert = one("a", "203.0.113.99", access_key="AKIA1")
    near = [one(f"n{number:02}", "203.0.113.99") for number in range(20)]
    found = find_related(alert, [*near, one("key", access_key="AKIA1")])
    assert found[0].alert.alert_id == "key"
    assert len(found) == MOST

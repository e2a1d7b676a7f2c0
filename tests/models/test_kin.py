"""Whose name a principal is and whose hands made it: marks that find each other, and who is forgiven its first days."""

from dataclasses import replace

import pytest

from models.groups import Member
from models.kin import find_household, forgive, mark, mark_kin, mark_named
from models.ledger import Ledger
from pipeline.detect.walk import Walk
from tests.walks import a_model, an_activity
from tests.worlds import START, a_company, an_event, as_person, as_role, numbered

ROLE = "role/111111111111/AROAOKTA"
OKTA = as_person("ann") | {"principal": f"{ROLE}/ann", "identity": ROLE, "identity_name": "okta", "permission_set": ""}


@pytest.mark.parametrize(
    ("principal", "household"),
    [
        (f"{ROLE}/ann", ROLE),
        (f"{ROLE}/token.actions.githubusercontent.com/acme/shop", ROLE),
        ("user/111111111111/AIDABROKER/ann", "user/111111111111/AIDABROKER"),
        (ROLE, ""),
        ("user/111111111111/AIDA1", ""),
        ("saml/111111111111/okta/ann", ""),
        ("idc/ann", ""),
        ("", ""),
    ],
)
def test_a_name_within_a_role_has_a_household(principal, household) -> None:
    assert find_household(principal) == household


def test_a_fresh_name_of_a_known_role_is_not_forgiven_and_a_fresh_role_is_with_its_names() -> None:
    young = {f"{ROLE}/new", "role/1/B/first", "role/1/B", "idc/hire"}
    assert forgive(young, [*young, f"{ROLE}/ann"]) == {"role/1/B/first", "role/1/B", "idc/hire"}
    assert forgive(young, [*young, ROLE]) == {"role/1/B/first", "role/1/B", "idc/hire"}
    assert forgive(young, young) == young


def test_what_is_touched_and_what_answers_to_it_bear_one_mark() -> None:
    members = {
        "user/111111111111/AIDA1": Member("", "human", "IAMUser", "helper", "", "111111111111"),
        f"{ROLE}/new": Member("", "human", "AssumedRole", "okta", "", "111111111111"),
        "idc/ann": Member("", "human", "AssumedRole", "okta", "", "111111111111"),
    }
    codes = {principal: code for code, principal in enumerate(members)}
    marks = mark_kin(members, codes.__getitem__, {f"{ROLE}/new"})
    assert marks == {
        0: {mark_named("resource:user", "helper")},
        1: {mark_named("resource:role", "okta"), mark_named("resource:source_identity", "new"), mark(ROLE)},
    }
    assert marks[1] - mark_kin(members, codes.__getitem__, ())[1] == {mark(ROLE)}
    assert mark_named("resource:user", "helper") != mark_named("resource:role", "helper")


def a_world(day: int, *more):
    """Days of a company with three names of one role, and what else happens on a day."""
    rows = a_company(days=day + 1, people=3, roles=1)
    for number, name in enumerate(("ann", "bo", "cy")):
        who = OKTA | {"principal": f"{ROLE}/{name}", "principal_name": name}
        rows += [
            an_event(**who, action="ec2:DescribeInstances", event_time=START.replace(day=2 + each, hour=9 + number))
            for each in range(day)
        ]
    return numbered([*rows, *more])


def standings_of(rows, day: int):
    activity = an_activity(rows)
    walk, members = Walk(a_model()), activity.members()
    for number, delivered in enumerate(activity.each(activity.days())):
        if number == day:
            outcome = walk.step(delivered, members)
            return {walk.model.baseline.principals.values[one.principal]: one for one in outcome.last.values()}
        walk.step(delivered, members)
    raise AssertionError(f"there is no day {day}")


def test_a_fresh_names_place_counts_as_one_of_its_role_and_a_fresh_persons_is_forgiven() -> None:
    day = 12
    odd = {"prefix": "192.0.2.0/24", "country": "KP", "asn": 64666, "agent": "curl"}
    time = START.replace(day=2 + day, hour=11)
    look = {"action": "ec2:DescribeInstances", "event_time": time}
    name = an_event(**OKTA | odd | {"principal": f"{ROLE}/eve"}, **look)
    hire = an_event(**as_person("eve") | odd, **look)
    standings = standings_of(a_world(day, name, hire), day)
    assert standings["idc/eve"].families["place"] <= 3
    assert standings[f"{ROLE}/eve"].families["place"] > 5


def test_maker_and_made_bear_a_mark_in_common_and_nobody_else_does() -> None:
    day, at = 12, START.replace(day=14, hour=11)
    made = an_event(**as_person("person0"), action="iam:CreateUser", write=True, level="write", event_time=at,
                    resources=["user:helper"])  # fmt: skip
    helper = as_role("x") | {
        "principal": "user/111111111111/AIDAH",
        "identity_name": "helper",
        "identity_type": "IAMUser",
    }
    used = an_event(**helper, action="s3:ListBuckets", event_time=at.replace(hour=12))
    standings = standings_of(a_world(day, made, used), day)
    shared = standings["idc/person0"].traces & standings["user/111111111111/AIDAH"].traces
    assert shared == {mark("user/helper")}
    assert all(
        not one.traces & shared
        for key, one in standings.items()
        if key not in ("idc/person0", "user/111111111111/AIDAH")
    )


def test_a_ledger_tells_kin_of_the_day_that_is_open() -> None:
    """Also of yesterday's ledgers: what is late is judged today."""
    activity = an_activity(a_company(days=9, people=3, roles=2))
    walk, members = Walk(a_model()), activity.members()
    for delivered in activity.each(activity.days()):
        walk.step(delivered, members)
    evidence = walk.model.yesterday
    assert evidence is not None
    ledger = Ledger()
    ledger.open(replace(evidence, kin={code: frozenset({7}) for code in range(20)}))
    standings = ledger.advance(2**62)
    assert standings
    assert all(7 in one.traces for one in standings)

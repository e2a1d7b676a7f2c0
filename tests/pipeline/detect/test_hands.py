"""By whose credentials a day was odd, and who handed them out: alike of a whole day, and of one that grows."""

from dataclasses import replace
from datetime import timedelta

import duckdb
import pytest

from features.times.day import day_number
from features.times.instant import MINUTE, micros, moment_of
from features.times.tick import tick_of
from pipeline.detect.activity import MOST_SESSIONS, Activity
from pipeline.detect.arriving import Arriving
from pipeline.detect.coding import coded, coded_hours
from pipeline.detect.hands import HandsOfDay
from pipeline.detect.walk import Walk
from tests.walks import a_model, an_activity
from tests.worlds import START, a_company, an_event, as_person, as_role, numbered, table

DAY = 9
NOON = START + timedelta(days=DAY, hours=12)
AWAY = {"prefix": "192.0.2.0/24", "address": "192.0.2.66", "country": "KP", "asn": 64666}
THIEF, ROLE = as_person("person1") | AWAY, as_role("service1-prod-role") | AWAY


def a_chain():
    """A stolen session of a person opens one of a role; both do something new, and the role what it always does."""
    act = {"action": "iam:CreateUser", "write": True, "level": "write"}
    person, role = THIEF | {"session": "ASIAPERSON/x"}, ROLE | {"session": "ASIAROLE/x"}
    usual = as_role("service1-prod-role") | {"session": "ASIAUSUAL/x", "action": "s3:GetObject"}
    calls = [
        an_event(**person, **act, event_time=NOON),
        an_event(**person, action="sts:AssumeRole", issued_key="ASIAROLE", event_time=NOON + timedelta(minutes=10)),
        an_event(**usual, event_time=NOON + timedelta(minutes=15)),
        an_event(**role, **act, event_time=NOON + timedelta(minutes=20)),
        an_event(**as_person("person0"), action="sts:AssumeRole", issued_key="ASIAUSUAL", session="ASIAOTHER/x",
                 event_time=NOON + timedelta(minutes=5)),
    ]  # fmt: skip
    return numbered(calls, "chain")


@pytest.fixture(scope="module")
def rows():
    return a_company(days=DAY + 1, people=3, roles=2) + a_chain()


@pytest.fixture(scope="module")
def judged(rows):
    """Activity, a model that has judged its last day and not learnt it, and what that day adds up to, by principal."""
    activity = an_activity(rows)
    walk, members, days = Walk(a_model()), activity.members(), activity.days()
    for day in days[:DAY]:
        walk.step(activity.delivered(day), members)
    delivered = activity.delivered(days[DAY])
    tokens, _, hourly = coded(delivered, walk.model, members)
    outcome = walk.reveal(tokens, hourly, coded_hours(delivered, walk.model, hourly))
    return activity, walk.model, {walk.model.baseline.principals.values[key[1]]: s for key, s in outcome.last.items()}


def at(minutes: int) -> int:
    """The tick that ends so many minutes after noon."""
    return micros(NOON + timedelta(minutes=minutes))


def test_the_credentials_are_those_that_showed_what_is_odd(judged) -> None:
    activity, model, standings = judged
    find = HandsOfDay(activity, model).find
    person, role = (standings[key] for key in ("idc/person1", ROLE["principal"]))
    theft = find(replace(person, tick=at(60)), frozenset())
    assert theft.keys == {"ASIAPERSON", "idc/person1"}
    hands = find(replace(role, tick=at(60)), theft.keys)
    assert hands.keys == {"ASIAROLE", ROLE["principal"]}  # and not by which it did what it always does
    assert hands.handed_by["ASIAROLE"] == {"ASIAPERSON"}
    assert hands.are_linked(theft.keys)


def test_whoever_comes_first_finds_the_other(judged) -> None:
    activity, model, standings = judged
    found = HandsOfDay(activity, model).find(replace(standings["idc/person1"], tick=at(60)), frozenset({"ASIAROLE"}))
    assert found.are_linked(frozenset({"ASIAROLE"}))


def test_nothing_is_known_of_what_comes_later(judged, rows) -> None:
    activity, model, standings = judged
    delay = rows[-2]["delivered_at"] - rows[-2]["event_time"]
    find, role = HandsOfDay(activity, model).find, standings[ROLE["principal"]]
    before = find(replace(role, tick=micros(rows[-2]["delivered_at"]) - MINUTE), frozenset())
    assert before.keys == {ROLE["principal"]}
    opened = NOON + timedelta(minutes=10) + delay
    early = find(replace(role, tick=micros(opened) - MINUTE), frozenset({"ASIAROLE"}))
    assert early.handed_by["ASIAROLE"] == frozenset()


@pytest.mark.parametrize("minutes", [6, 12, 22, 40])
def test_of_a_day_that_grows_it_is_the_same(judged, rows, minutes) -> None:
    whole, model, standings = judged
    connection = duckdb.connect(config={"threads": 1})
    until, known = at(minutes), [row for row in rows if micros(row["delivered_at"]) <= at(minutes)]
    connection.register("events", table(known))
    activity = Activity.of_events(connection, by_tick=True, until=moment_of(until))
    arriving = Arriving(activity, day_number(START.date()) + DAY)
    grown, at_once = HandsOfDay(activity, model), HandsOfDay(whole, model)
    grown.tables = arriving.tables
    for key in ("idc/person1", ROLE["principal"]):
        standing = replace(standings[key], tick=tick_of(until))
        others = frozenset({"ASIAPERSON", "ASIAROLE", "ASIAUSUAL"})
        assert grown.find(standing, others) == at_once.find(standing, others)


def test_of_many_sessions_those_that_showed_it_first_are_followed(judged) -> None:
    """A storm of sessions costs no more."""
    _, model, standings = judged
    many = [
        an_event(**ROLE, action="iam:CreateUser", write=True, level="write", session=f"ASIA{number:04d}/x",
                 event_time=NOON + timedelta(minutes=number // 5))
        for number in range(3 * MOST_SESSIONS)
    ]  # fmt: skip
    activity = an_activity(numbered(many))
    activity.delivered(NOON.date())
    found = HandsOfDay(activity, model).find(replace(standings[ROLE["principal"]], tick=at(600)), frozenset())
    assert found.keys == {ROLE["principal"], *(f"ASIA{number:04d}" for number in range(MOST_SESSIONS))}

"""By whose credentials a day was odd, and who handed them out: alike of a whole day, and of one that grows."""

from copy import copy
from dataclasses import replace
from datetime import timedelta

import duckdb
import pytest

from features.times.day import day_number
from features.times.instant import MINUTE, micros, moment_of
from features.times.tick import tick_of
from models.model import Model
from pipeline.detect.activity import MOST_SESSIONS, Activity
from pipeline.detect.arriving import Arriving
from pipeline.detect.coding import coded, coded_hours
from pipeline.detect.hands import HandsOfDay
from pipeline.detect.walk import Walk
from tests.walks import a_model, an_activity
from tests.worlds import READS, START, a_company, an_event, as_person, as_role, numbered, table

DAY = 9
NOON = START + timedelta(days=DAY, hours=12)
AWAY = {"prefix": "192.0.2.0/24", "address": "192.0.2.66", "country": "KP", "asn": 64666}
THIEF, ROLE = as_person("person1") | AWAY, as_role("service1-prod-role") | AWAY
DESK = as_role("service0-prod-role")


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


def a_desk():
    """A person takes a role at their desk, and does with it what they do every day, beside what the role does."""
    desk = {name: as_person("person2")[name] for name in ("agent", "prefix", "address")}
    opened = an_event(**as_person("person2"), action="sts:AssumeRole", issued_key="ASIADESK", session="ASIAPERSON2/x",
                      event_time=NOON - timedelta(hours=2))  # fmt: skip
    at_desk = DESK | desk | {"session": "ASIADESK/x"}
    used = [
        an_event(**at_desk, action=action, level="read", event_time=NOON - timedelta(minutes=119 - 9 * number))
        for number, action in enumerate(READS)
    ]
    return numbered([opened, *used], "desk")


@pytest.fixture(scope="module")
def rows():
    return a_company(days=DAY + 1, people=3, roles=2) + a_desk() + a_chain()


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


def end_day(model: Model) -> None:
    """Let it judge the next day, and learn nothing."""
    model.baseline = copy(model.baseline)
    model.baseline.day += 1


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


def test_a_role_at_a_desk_is_judged_by_whoever_took_it_there_as_well(judged) -> None:
    activity, model, standings = judged
    desk = standings[DESK["principal"]]
    assert desk.families["read"] > 0
    assert desk.families["place"] > 0
    by_opener = HandsOfDay(activity, model).find(desk, frozenset()).by_opener
    assert not by_opener.contributions
    assert by_opener.evidence == pytest.approx(desk.families["count"])  # it called more than it does


def test_after_midnight_a_day_is_judged_as_it_was_before(judged, rows) -> None:
    """The tables of the day are gone by then; what comes of it later is joined to what was known."""
    _, model, standings = judged
    activity, desk, model = an_activity(rows), standings[DESK["principal"]], copy(model)
    activity.delivered(NOON.date())
    hands = HandsOfDay(activity, model)
    before = hands.find(desk, frozenset())
    end_day(model)
    activity.delivered(NOON.date() + timedelta(days=1))
    later = replace(desk, tick=at(24 * 60))
    after = hands.find(later, frozenset())
    assert after.keys == before.keys
    assert after.by_opener.total == before.by_opener.total
    assert HandsOfDay(activity, model).find(later, frozenset()).by_opener is None
    end_day(model)
    assert hands.find(replace(desk, tick=at(48 * 60)), frozenset()).by_opener is None


def test_from_elsewhere_an_opener_explains_nothing(judged) -> None:
    """The session of a person opened the role's, and neither was ever there."""
    activity, model, standings = judged
    role = replace(standings[ROLE["principal"]], tick=at(60))
    assert HandsOfDay(activity, model).find(role, frozenset()).by_opener is None


OTHERWISE = ({"issued_key": "ASIAELSE"}, {"kind": "workload"}, {"error": "AccessDenied"}, {"principal": "idc/nobody"},
             {"principal": DESK["principal"]})  # fmt: skip


@pytest.mark.parametrize("opening", OTHERWISE, ids=lambda opening: next(iter(opening)))
def test_sessions_that_no_known_person_opened_are_the_roles_alone(judged, rows, opening) -> None:
    _, model, standings = judged
    changed = [row | opening if row.get("issued_key") == "ASIADESK" else row for row in rows]
    activity = an_activity(changed)
    activity.delivered(activity.days()[DAY])
    assert HandsOfDay(activity, model).find(standings[DESK["principal"]], frozenset()).by_opener is None


OWN = an_event(**DESK, event_time=NOON)["account"]


@pytest.mark.parametrize(
    ("began", "opening", "waits"),
    [
        ("T11:58:00Z", {"issued_key": "ASIAELSE"}, True),  # of two minutes, and nobody told of it
        ("T11:44:00Z", {"issued_key": "ASIAELSE"}, False),  # a quarter of an hour old
        ("T11:58:00Z", {}, False),  # its opener is told
        ("T11:58:00Z", {"principal": f"xacct/{OWN}/AROAPERSON2", "kind": "external"}, True),  # by a number alone
        ("T11:58:00Z", {"principal": "xacct/999999999999/AROA9", "kind": "external"}, False),  # nobody will tell more
        ("", {"issued_key": "ASIAELSE"}, False),
    ],
)
def test_until_it_is_told_who_opened_a_young_session_there_is_something_to_wait_for(
    judged, rows, began, opening, waits
):
    _, model, standings = judged
    session = {"session": f"ASIADESK/{NOON.date()}{began}" if began else "ASIADESK"}
    changed = [
        row | opening
        if row.get("issued_key") == "ASIADESK"
        else row | (session if row["session"] == "ASIADESK/x" else {})
        for row in rows
    ]
    activity = an_activity(changed)
    activity.delivered(activity.days()[DAY])
    told_by = HandsOfDay(activity, model).find(replace(standings[DESK["principal"]], tick=at(0)), frozenset()).told_by
    assert told_by == (at(13) if waits else 0)


def test_of_people_nothing_more_is_told(judged, rows) -> None:
    _, model, standings = judged
    young = [row | ({"session": f"ASIAPERSON/{NOON.date()}T11:58:00Z"} if row["session"] == "ASIAPERSON/x" else {})
             for row in rows]  # fmt: skip
    activity = an_activity(young)
    activity.delivered(activity.days()[DAY])
    assert HandsOfDay(activity, model).find(replace(standings["idc/person1"], tick=at(6)), frozenset()).told_by == 0


@pytest.mark.parametrize(("other", "explains"), [("person2", True), ("person0", True), ("nobody", False)])
def test_each_session_is_held_to_who_opened_it(judged, rows, other, explains) -> None:
    """Half of the work is in a session more: of the same person, of a colleague, or of somebody who has no past."""
    _, model, standings = judged
    second = numbered(
        [an_event(**as_person(other), action="sts:AssumeRole", issued_key="ASIADESK2", session="ASIAOTHER/x",
                  event_time=NOON - timedelta(hours=2))], "second"
    )  # fmt: skip
    half = NOON - timedelta(minutes=90)
    later = {"session": "ASIADESK2/x"}
    split = [row | (later if row["session"] == "ASIADESK/x" and row["event_time"] > half else {}) for row in rows]
    activity = an_activity([*split, *second])
    activity.delivered(activity.days()[DAY])
    found = HandsOfDay(activity, model).find(standings[DESK["principal"]], frozenset())
    assert found.keys >= {"ASIADESK", "ASIADESK2"}
    assert (found.by_opener is not None and not found.by_opener.contributions) == explains


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

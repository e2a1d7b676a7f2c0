"""A day that grows tick by tick holds what the whole day holds, and each tick brings what came in it."""

from datetime import timedelta

import duckdb
import pyarrow as pa
import pytest

from features.times.day import day_number
from features.times.instant import HOUR, MINUTE, micros
from features.times.tick import tick_of
from pipeline.detect.activity import Activity
from pipeline.detect.arriving import Arriving
from tests.worlds import START, a_company, a_theft, an_event, as_person, as_role, numbered, table

DAY = 2
TODAY = day_number(START.date()) + DAY
NOON = micros(START + timedelta(days=DAY, hours=12))


def a_world():
    """Three days of a company, and on the last a theft and a workload's credential away from its host."""
    role = as_role("service0-prod-role")
    at = START + timedelta(days=DAY, hours=13)
    places = [{}, {"prefix": "192.0.2.0/24", "asn": 64666}]
    away = [
        an_event(**role | place, action="s3:GetObject", session="ASIAX/1", event_time=at + timedelta(minutes=number))
        for number, place in enumerate(places * 3)
    ]
    rows = a_company(days=DAY + 1, people=2, roles=2) + a_theft(DAY, victim=as_person("person1"))
    rows += numbered(away, "away")
    for row in rows:
        row["file"] = f"{micros(row['delivered_at']) // (7 * MINUTE)}"
    return rows


@pytest.fixture
def rows():
    return a_world()


def started(rows, until=NOON):
    """What had been delivered by a time, and the day that goes on from there."""
    connection = duckdb.connect(config={"threads": 1})
    known = [row for row in rows if micros(row["delivered_at"]) <= until]
    connection.register("events", table(known))
    now = START + timedelta(microseconds=until - micros(START))
    activity = Activity.of_events(connection, by_tick=True, until=now)
    activity.delivered((START + timedelta(days=DAY)).date())
    later = sorted((row for row in rows if row not in known), key=lambda row: row["delivered_at"])
    return activity, Arriving(activity, TODAY), later


def land(activity, arriving, rows):
    activity.connection.register("events", table(rows))
    activity.count()
    return arriving.take([row["file"] for row in rows])


def whole(rows):
    connection = duckdb.connect(config={"threads": 1})
    connection.register("events", table(rows))
    return Activity.of_events(connection, by_tick=True).delivered((START + timedelta(days=DAY)).date())


def listed(of: pa.Table):
    return of.to_pylist()


def test_a_day_that_came_bit_by_bit_is_the_whole_day(rows):
    activity, arriving, later = started(rows)
    since, wanted, seen = NOON, whole(rows), []
    for until in range(NOON, NOON + 13 * HOUR, 17 * MINUTE):
        land(activity, arriving, [row for row in later if since < micros(row["delivered_at"]) <= until])
        came = arriving.grow(tick_of(since), tick_of(until))
        if came is not None:
            assert all(tick_of(micros(row["tick"])) > tick_of(since) for row in listed(came.delivered.tokens))
            seen += listed(came.delivered.tokens)
        since = until
    ended = arriving.end()
    for name in ("tokens", "active", "hourly"):
        assert listed(getattr(ended, name)) == listed(getattr(wanted, name)), name
    new = {(row["principal"], row["dimension"], row["value"], row["tick"]) for row in seen}
    late = [row for row in listed(wanted.tokens) if micros(row["tick"]) > tick_of(NOON)]
    assert {(row["principal"], row["dimension"], row["value"], row["tick"]) for row in late} <= new
    assert ("fact", "off_host") in {(row["dimension"], row["value"]) for row in late}


@pytest.mark.parametrize("taken", [False, True], ids=["a place of its own", "a route that others took before"])
def test_whose_a_place_is_tell_others_that_came_before(taken):
    """Two networks inside the cloud: away from the host, unless another workload was at the second one by then."""
    inside, other = (
        {"address_kind": "private", "prefix": prefix, "asn": 0} for prefix in ("10.0.0.0/8", "172.16.0.0/12")
    )
    at, call = START + timedelta(days=DAY, hours=12), {"action": "s3:GetObject"}
    mine, theirs = as_role("service0-prod-role") | call, as_role("service1-prod-role") | call
    events = [
        an_event(**mine | inside, session="ASIAX/1", event_time=at),
        an_event(**theirs | other, session="ASIAY/1", event_time=at + timedelta(minutes=10 if taken else 40)),
        an_event(**mine | other, session="ASIAX/1", event_time=at + timedelta(minutes=20)),
    ]
    rows = a_company(days=DAY + 1, people=1, roles=2) + numbered(events, "inside")
    for row in rows:
        row["file"] = f"{micros(row['delivered_at']) // (7 * MINUTE)}"
    activity, arriving, later = started(rows)
    since, found = NOON, []
    for until in range(NOON + 5 * MINUTE, NOON + 40 * MINUTE, 5 * MINUTE):
        land(activity, arriving, [row for row in later if since < micros(row["delivered_at"]) <= until])
        came = arriving.grow(tick_of(since), tick_of(until), even_nothing=True)
        found += [row["principal"] for row in listed(came.delivered.tokens) if row["value"] == "off_host"]
        since = until
    assert set(found) == (set() if taken else {mine["principal"]})


def test_only_hours_that_grew_or_closed_are_counted_again(rows):
    activity, arriving, later = started(rows)
    [first, *_] = later
    land(activity, arriving, [first])
    until = tick_of(micros(first["delivered_at"]))
    came = arriving.grow(NOON, until)
    assert came is not None
    assert came.principals == {first["principal"]}
    assert {(row["principal"], row["hour"]) for row in listed(came.delivered.hourly)} == {
        (first["principal"], first["event_time"].replace(minute=0, second=0))
    }
    closes = NOON + 15 * MINUTE  # the hour before noon, a quarter of an hour after its end
    assert arriving.grow(until, closes - 1) is None
    came = arriving.grow(until, closes)
    assert came is not None
    assert not came.principals
    assert {micros(row["hour"]) for row in listed(came.delivered.hourly)} == {NOON - HOUR}
    assert len({row["principal"] for row in listed(came.delivered.hourly)}) > 2
    assert arriving.grow(closes, closes + MINUTE) is None
    assert arriving.grow(closes, closes + MINUTE, even_nothing=True) is not None


def test_an_event_is_taken_once_and_what_comes_early_waits(rows):
    activity, arriving, later = started(rows)
    some = later[:40]
    assert land(activity, arriving, some) == 40
    assert land(activity, arriving, some) == 0
    assert land(activity, arriving, [row | {"file": "again"} for row in some]) == 0
    first = min(micros(row["delivered_at"]) for row in some)
    came = arriving.grow(NOON, tick_of(first))
    assert came is not None
    assert {micros(row["tick"]) for row in listed(came.delivered.tokens)} == {tick_of(first)}


def test_what_became_known_on_days_before_is_history_and_waits_for_nothing(rows):
    activity, arriving, later = started(rows)
    old = later[0] | {"event_id": "old", "event_time": START, "delivered_at": START + timedelta(minutes=5)}
    assert land(activity, arriving, [old]) == 0
    assert activity.connection.execute("SELECT count(*) FROM waiting").fetchall() == [(0,)]


def twins(account, minute, event_id):
    row = an_event(**as_person("person0"), action="sts:AssumeRole", event_time=START + timedelta(days=DAY, hours=13))
    delivered = row["event_time"] + timedelta(minutes=minute)
    return row | {
        "account": account,
        "shared_event_id": "s",
        "event_id": event_id,
        "delivered_at": delivered,
        "file": event_id,
    }


@pytest.mark.parametrize("grown", [False, True])
@pytest.mark.parametrize("order", ["ab", "ba"])
def test_of_twins_that_land_apart_the_earliest_counts_whatever_the_view_still_holds(order, grown):
    rows = [row | {"file": "f"} for row in a_company(days=DAY + 1, people=1, roles=1)]
    activity, arriving, _ = started([row for row in rows if micros(row["delivered_at"]) <= NOON])
    both = {"a": twins("111122223333", 3, "a"), "b": twins("999900001111", 5, "b")}
    taken = [land(activity, arriving, [both[order[0]]])]
    if grown and order == "ab":
        arriving.grow(tick_of(NOON), tick_of(micros(both["a"]["delivered_at"])))
    taken.append(land(activity, arriving, [both[order[1]]]))
    arriving.grow(tick_of(NOON), tick_of(NOON + 2 * HOUR))
    assert taken == ([1, 0] if order == "ab" else [1, 1])
    calls = activity.connection.execute(
        "SELECT account, calls FROM day_joint WHERE action = 'sts:AssumeRole'"
    ).fetchall()
    assert calls == [("111122223333", 1)]

"""Who always spoke at this hour and is silent is told in time, and nobody else is; the clock is an argument."""

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from features.times.instant import HOUR, micros
from pipeline.settings import Settings
from pipeline.stores.home import open_store
from pipeline.stores.parquet.segment import Segment
from pipeline.stores.parquet.tally import Tally
from pipeline.stores.sqlite.coverage import Coverage
from pipeline.stores.sqlite.database import Database
from pipeline.watch.silence import Silence, Silences, find_links
from tests.builders import an_alert
from tests.pipeline.stores.rows import ACCOUNT, NOON, a_row, put

START = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday."""
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LATENESS = timedelta(minutes=15)
FIVE = [str(number) * 12 for number in range(1, 6)]


class Trail:
    """Minutes in which accounts and regions had events."""

    def __init__(self) -> None:
        self.coverage = Coverage(Database(":memory:"))
        self.silences = Silences(self.coverage, LATENESS)
        self._count = 0

    def add(self, account: str, minutes, region: str = "") -> None:
        masks: dict[int, int] = defaultdict(int)
        for minute in minutes:
            masks[minute // 60] |= 1 << minute % 60
        hours = {micros(START) // HOUR + hour: mask for hour, mask in masks.items()}
        if hours:
            self._count += 1
            path = str(self._count)
            ends = (min(hours) * HOUR, max(hours) * HOUR)
            segment = Segment(path, "events", account, "2026-03-02", 1, 1, 0, *ends)
            tallies = [Tally(path, region, hour, mask.bit_count(), 0, mask) for hour, mask in hours.items()]
            self.coverage.put([segment], tallies, waiting=())

    def find(self, minute: int) -> list[Silence]:
        return self.silences.find(START + minute * MINUTE)


def at(day: int, hour: int = 0, minute: int = 0) -> int:
    return (day * 24 + hour) * 60 + minute


def poisson(seed: int, start: int, end: int, a_minute: float = 2.0) -> list[int]:
    """Minutes of events that come by chance."""
    draw = random.Random(seed)
    found, now = [], float(start)
    while (now := now + draw.expovariate(a_minute)) < end:
        found.append(int(now))
    return found


def office(first: int, last: int, seed: int = 0) -> list[int]:
    """Minutes of events of an office, on working days from nine to six."""
    return [
        minute
        for day in range(first, last)
        if day % 7 < 5
        for minute in poisson(seed * 100 + day, at(day, 9), at(day, 18), 1.0)
    ]


@pytest.mark.parametrize("days", [10, 21, 40])
@pytest.mark.parametrize("hour", [3, 14])
def test_the_account_whose_trail_stops_is_told_within_half_an_hour_and_the_others_are_not(days, hour):
    trail, stop, stopped = Trail(), at(days, hour, 20), FIVE[2]
    end = stop + 180
    for seed, account in enumerate(FIVE):
        trail.add(account, poisson(seed, 0, stop if account == stopped else end), "eu-west-1")
    told = {minute: trail.find(minute) for minute in range(stop - 240, end)}
    first = min(minute for minute, found in told.items() if found)
    assert 15 < first - stop <= 30
    for minute, found in told.items():
        assert [one.account for one in found] == ([stopped] if minute >= first else [])
        assert all(one.region is None for one in found)


def test_a_region_that_stops_is_told_by_name_and_its_account_is_not():
    trail, stop = Trail(), at(21, 14)
    trail.add(ACCOUNT, poisson(1, 0, stop), "eu-west-1")
    trail.add(ACCOUNT, poisson(2, 0, stop + 120), "us-east-1")
    trail.add(ACCOUNT, poisson(3, 0, stop + 120), "")
    [found] = trail.find(stop + 45)
    assert (found.account, found.region) == (ACCOUNT, "eu-west-1")
    assert stop - 3 <= micros(found.since) // 60_000_000 - micros(START) // 60_000_000 <= stop
    assert found.as_dict()["since"] == found.since.isoformat()


def test_nothing_is_told_of_months_in_which_nothing_stops():
    """Four habits over seven weeks, looked at every five minutes of the last."""
    trail = Trail()
    end = 49
    habits = {
        FIVE[0]: poisson(1, 0, at(end)),
        FIVE[1]: office(0, end),
        FIVE[2]: [at(0, hour, minute) for hour in range(end * 24) for minute in (5, 6, 7)],  # a job each hour
        FIVE[3]: poisson(4, 0, at(end), 0.05),  # now and then
    }
    for account, minutes in habits.items():
        trail.add(account, minutes)
    found = [one for minute in range(at(42), at(end), 5) for one in trail.find(minute)]
    assert found == []


def test_an_office_is_not_silent_at_night_and_is_on_a_working_day():
    trail, monday = Trail(), 28
    trail.add(ACCOUNT, office(0, monday))
    quiet = [minute for minute in range(at(25, 18), at(monday, 10)) if trail.find(minute)]
    assert quiet == []
    assert trail.find(at(monday, 11))[0].account == ACCOUNT
    assert trail.find(at(monday, 20)) == []  # again nothing is usual


def test_a_job_each_hour_is_silent_once_one_did_not_come():
    trail, stop = Trail(), at(21, 14, 10)
    trail.add(ACCOUNT, [minute for hour in range(21 * 24 + 15) for minute in (hour * 60 + 5, hour * 60 + 6)])
    assert not any(trail.find(minute) for minute in range(stop, stop + 50))
    assert trail.find(stop + 60 + 30)


def test_an_earlier_outage_does_not_hide_the_next_nor_does_its_own_last():
    trail, stop = Trail(), at(30, 14)
    trail.add(ACCOUNT, [m for m in poisson(1, 0, stop) if not at(23, 13) <= m < at(23, 19)])
    assert 15 < next(minute for minute in range(stop, stop + 60) if trail.find(minute)) - stop <= 30
    assert trail.find(stop + 10 * 24 * 60)  # ten days later it still is
    assert trail.find(stop + 40 * 24 * 60) == []  # and is watched no more


def test_a_silence_ends_with_what_comes_and_late_events_are_heard():
    trail, stop = Trail(), at(21, 13, 50)
    trail.add(ACCOUNT, poisson(1, 0, stop))
    assert trail.find(stop + 45)
    trail.add(ACCOUNT, [stop + 5])
    assert trail.find(stop + 25) == []
    trail.add(ACCOUNT, range(stop + 5, stop + 45))
    assert trail.find(stop + 46) == []


def test_a_week_is_the_least_that_is_compared():
    trail, stop = Trail(), at(6, 14)
    trail.add(ACCOUNT, poisson(1, 0, stop))
    assert trail.find(stop + 300) == []


def test_a_clock_that_is_set_back_finds_what_it_found_before():
    trail, stop = Trail(), at(21, 14)
    trail.add(ACCOUNT, poisson(1, 0, stop))
    there = [trail.find(minute) for minute in (stop + 10, stop + 40)]
    trail.find(stop + 24 * 60)
    assert [trail.find(minute) for minute in (stop + 10, stop + 40)] == there
    assert [bool(found) for found in there] == [False, True]


def test_a_trail_that_was_stopped_is_linked_to_the_call_and_to_the_alert_on_it(tmp_path: Path):
    settings = Settings(home=tmp_path, threads=1, memory=2**30)
    stops = {"service": "cloudtrail", "action": "cloudtrail:StopLogging", "facts": ["logging_off"]}
    other = {"account": "444455556666"}
    with open_store(tmp_path) as store:
        put(
            store.events,
            a_row(event_id="stop", event_time=NOON - MINUTE, principal="user/eve", **stops),
            a_row(event_id="organisation's", event_time=NOON - 2 * MINUTE, **stops, **other),
            a_row(event_id="long ago", event_time=NOON - DAY, **stops),
            a_row(event_id="not ours", **other, service="config", facts=["logging_off"]),
            a_row(event_id="harmless"),
        )
        silence = Silence(ACCOUNT, None, NOON, 5.0)
        assert find_links(store, settings, silence).alerts == ()
        store.alerts.append(
            [
                an_alert("rule", event_ids=["x", "stop"], detected_at="2026-03-02T12:05:00Z"),
                an_alert("else", event_ids=["harmless"], detected_at="2026-03-02T12:05:00Z"),
            ]
        )
        linked = find_links(store, settings, silence)
        assert linked.calls == (
            ("organisation's", "cloudtrail:StopLogging", "user/1"),
            ("stop", "cloudtrail:StopLogging", "user/eve"),
        )
        assert linked.alerts == ("rule",)

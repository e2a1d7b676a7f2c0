"""The company of the latency benchmark: what comes next are its own calls, and its history counts them as often."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from benchmarks.live_company import (
    AGE,
    AHEAD,
    DAYS,
    Live,
    Theft,
    count_times,
    id_of,
    move,
    pack,
    plan_thefts,
    simulate_until,
    slices,
    time_of,
)
from features.activity.hourly import FILLED_COUNTS
from features.activity.statements import STATEMENTS
from pipeline.connection import connect
from pipeline.detect.refresh import refresh_activity
from pipeline.ingest.delivery import read_delivery
from pipeline.ingest.run import ingest
from pipeline.stores.home import open_store

NOW = datetime(2026, 3, 20, 14, 30, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    return simulate_until(tmp_path_factory.mktemp("company") / "trail", NOW, principals=25, thefts=3, seed=7)


def test_history_ends_now_and_the_next_hour_follows_it(company):
    earlier, live = company
    delivered = [read_delivery(path.name).at for path in earlier]
    assert NOW - timedelta(minutes=20) < max(delivered) <= NOW
    assert min(delivered) < NOW - timedelta(days=DAYS)
    times = [time_of(record) for record in live.calls]
    assert len(times) > 5
    assert all(NOW <= time < NOW + AHEAD for time in times)


def test_thieves_are_apart_from_the_calls_and_theirs_are_in_order(company):
    _, live = company
    assert sorted(theft.degree for theft in live.thefts) == ["loud", "loud", "medium"]
    stolen = [id_of(record) for theft in live.thefts for record in theft.records]
    assert stolen
    assert not set(stolen) & {id_of(record) for record in live.calls}
    for theft in live.thefts:
        assert theft.records
        assert list(theft.records) == sorted(theft.records, key=time_of)


def test_a_call_that_is_moved_keeps_all_but_its_times_and_ids(company):
    record = next(record for record in company[1].calls if b"creationDate" in record)
    at = datetime(2026, 3, 21, 1, 2, 3, 999, tzinfo=UTC)
    before, after = json.loads(record), json.loads(move(record, at, Random(1)))
    assert after["eventTime"] == "2026-03-21T01:02:03Z"
    assert after["eventID"] != before["eventID"]
    assert after["requestID"] != before["requestID"]

    def begun(told):
        return datetime.fromisoformat(told["userIdentity"]["sessionContext"]["attributes"]["creationDate"])

    assert begun(after) - begun(before) == time_of(move(record, at)) - time_of(record)
    for told in (before, after):
        told["userIdentity"]["sessionContext"]["attributes"].pop("creationDate")
    changed = {"eventTime", "eventID", "requestID"}
    assert {name: value for name, value in before.items() if name not in changed} == {
        name: value for name, value in after.items() if name not in changed
    }
    assert id_of(move(record, at)) == before["eventID"]


def test_each_second_has_its_number_and_the_thieves_their_place():
    theft = Theft("loud", "somebody", [b"t1", b"t2", b"t3"])
    live = Live([b"a", b"b", b"c"], [theft])
    plan = plan_thefts(live.thefts, 12, lasting=2)
    made = list(slices(live, plan, 4, Random(1)))
    assert [len(second) for second in made] == [4] * 12
    stolen = {number: {record for record, is_stolen in second if is_stolen} for number, second in enumerate(made)}
    assert {number: records for number, records in stolen.items() if records} == {5: {b"t1", b"t2"}, 6: {b"t3"}}
    calls = Counter(record for second in made for record, is_stolen in second if not is_stolen)
    assert set(calls) == {b"a", b"b", b"c"}
    assert max(calls.values()) - min(calls.values()) <= 1


def test_thefts_are_spread_over_the_time():
    plan = plan_thefts([Theft("loud", "", [bytes([number])] * 30) for number in range(4)], 100)
    begins = [next(at for at, second in enumerate(plan) if bytes([number]) in second) for number in range(4)]
    assert begins == [11, 33, 56, 78]
    assert sum(map(len, plan)) == 120


def test_a_second_is_delivered_as_cloudtrail_does_after_its_calls(company, tmp_path):
    live, choice = company[1], Random(3)
    stolen = live.thefts[0].records[0]
    ids = pack([*((record, False) for record in live.calls[:20]), (stolen, True)], tmp_path / "0", NOW, 0, choice)
    assert len(set(ids)) == 21
    assert ids[-1] == id_of(stolen)
    with open_store(tmp_path / "home") as store:
        report = ingest([tmp_path / "0"], store.events, now=NOW, threads=1)
        assert (report.records, report.stored, report.set_aside) == (21, 21, 0)
        with connect(1, 2**30) as connection:
            store.events.view(connection)
            rows = connection.execute("SELECT event_time, delivered_at, event_id FROM events").fetchall()
    assert {row[2] for row in rows} == set(ids)
    for called, delivered, _ in rows:
        assert delivered == NOW.replace(second=0)
        assert timedelta(0) < delivered - called
        assert abs(NOW - AGE - called) <= timedelta(minutes=1, seconds=1)


def test_a_delivery_that_nobody_tells_of_has_a_file_an_account_as_well(company, tmp_path):
    calls = [(record, False) for record in company[1].calls[:5]]
    pack(calls, tmp_path / "0", NOW, 0, Random(3), untold=True)
    names = [path.name for path in (tmp_path / "0").iterdir()]
    assert names
    assert all(read_delivery(name).at is None for name in names)


def test_history_counts_each_call_so_many_times(company, tmp_path):
    with open_store(tmp_path / "home") as store, connect(1, 2**30) as connection:
        ingest(company[0][-60:], store.events, now=NOW, threads=1)
        refresh_activity(store, connection, timezone="UTC", lateness_minutes=15, now=NOW)
        account, day = store.activity.days()[-1]
        more, once = (count_times(store, connection, account, day, times) for times in (7, 1))
    assert set(once) == set(more) == set(STATEMENTS)
    assert once["joint"].num_rows > 3
    for name, table in once.items():
        counted = {"calls", *FILLED_COUNTS} if name == "filled" else {"calls"}
        for column in table.column_names:
            plain = table[column].to_pylist()
            assert more[name][column].to_pylist() == ([7 * n for n in plain] if column in counted else plain)
        assert more[name].schema == table.schema

"""Ingestion as a whole: counts that add up, files known by content, and a store that does not depend on workers."""

import json
from datetime import timedelta

import pytest

from benchmarks.recordings import FOLDER
from pipeline.enrich.geo import Geo
from pipeline.enrich.networks import Networks
from pipeline.enrich.ranges import Ranges
from pipeline.ingest import run, tasks
from pipeline.stores.home import open_store
from tests.pipeline.ingest.outcome import beside, into, rows
from tests.pipeline.ingest.records import NOW, a_name, a_record, envelope, subscription, write, write_bucket
from tests.records import an_aggregate


def test_a_file_becomes_events_with_where_they_came_from(target, tmp_path):
    record = a_record()
    path = write(tmp_path / "bucket" / a_name("20260302T1210Z"), envelope(record))
    report = into(target, tmp_path / "bucket")
    assert (report.files, report.records, report.stored) == (1, 1, 1)
    [(event_id, delivered, position, raw)] = rows(target, "event_id, delivered_at::VARCHAR, position, raw")
    assert (event_id, delivered, position) == (record["eventID"], "2026-03-02 12:10:00+00", 0)
    assert json.loads(raw) == record
    assert path.exists()


def test_without_a_time_in_the_name_delivery_is_five_minutes_after_the_call(target, tmp_path):
    into(target, write(tmp_path / "a.json", envelope(a_record(eventTime="2026-03-02T12:00:00Z"))))
    assert rows(target, "delivered_at::VARCHAR") == [("2026-03-02 12:05:00+00",)]


def test_addresses_are_looked_up_where_they_are_public_and_own_networks_named(target, tmp_path):
    places = Ranges.of(
        [["203.0.113.0", "203.0.113.255", "64500", "Example"], ["10.0.0.0", "10.255.255.255", "1", "No"]]
    )
    networks = Networks.of([("10.1.0.0/16", "office"), ("203.0.113.9/32", "VPN")])
    for address in ("203.0.113.7", "203.0.113.9", "10.1.2.3", "AWS Internal", "ec2.amazonaws.com", "1.2.3.4\n<b>"):
        write(tmp_path / "in" / f"{abs(hash(address))}.json", envelope(a_record(sourceIPAddress=address)))
    into(target, tmp_path / "in", geo=Geo([places]), networks=networks)
    found = {address: rest for address, *rest in rows(target, "address, asn, organisation, network, latitude")}
    assert found["203.0.113.7"] == [64500, "Example", "", None]
    assert found["203.0.113.9"] == [64500, "Example", "VPN", None]
    assert found["10.1.2.3"] == [0, "", "office", None]
    assert found["AWS Internal"] == found["ec2.amazonaws.com"] == [0, "", "", None]
    assert len(found) == 6


def test_a_known_file_is_skipped_wherever_it_lies(target, tmp_path):
    content = envelope(a_record(), a_record())
    write(tmp_path / "a.json", content)
    assert into(target, tmp_path / "a.json").stored == 2
    write(tmp_path / "copy/b.json", content)
    again = into(target, tmp_path / "copy", tmp_path / "a.json")
    assert (again.files, again.skipped_files, again.records) == (0, 2, 0)


def test_copies_within_one_run_are_read_once(target, tmp_path):
    record = a_record()
    for name, space in (("a", b""), ("b", b" "), ("c", b"")):
        write(tmp_path / "in" / f"{name}.json", envelope(record) + space)
    report = into(target, tmp_path / "in")
    assert (report.files, report.skipped_files, report.stored, report.duplicates) == (2, 1, 1, 1)


def test_the_same_record_in_two_files_is_a_duplicate_and_the_earliest_delivery_stays(target, tmp_path):
    record = a_record()
    for minute in ("20260302T1230Z", "20260302T1210Z"):
        write(tmp_path / minute / a_name(minute), envelope(record, a_record(eventName=minute)))
        report = into(target, tmp_path / minute)
    assert (report.stored, report.duplicates) == (1, 1)
    where = f"event_id = '{record['eventID']}'"
    assert rows(target, "delivered_at::VARCHAR", where) == [("2026-03-02 12:10:00+00",)]


def test_a_corrected_record_is_an_event_of_its_original(store, tmp_path):
    original = a_record(errorCode=None)
    addendum = {"reason": "UPDATED_DATA", "updatedFields": "errorCode", "originalEventID": original["eventID"]}
    corrected = a_record(errorCode="AccessDenied", addendum=addendum)
    into(store.events, write(tmp_path / "b.json", envelope(corrected)))
    report = into(store.events, write(tmp_path / "a.json", envelope(original)))
    assert report.stored == 1
    [(event_id, error, flags)] = rows(store.events, "event_id, error, flags")
    assert (event_id, error) == (original["eventID"], "denied")
    assert "updated" in flags


OTHERS = {
    "digest.json": {"awsAccountId": "111122223333", "digestStartTime": "2026-03-02T00:00:00Z", "digestS3Object": "x"},
    "insight.json": a_record(
        eventType="AwsCloudTrailInsight", eventCategory="Insight", insightDetails={"state": "Start"}, eventName=None
    ),
    "aggregated.json": {"eventVersion": "1.0", "eventCategory": "Aggregated", "eventId": "x", "timeWindow": {}},
}


def test_what_is_no_event_is_counted_by_name_and_kept(target, tmp_path):
    for name, record in OTHERS.items():
        write(tmp_path / "in" / name, json.dumps(record).encode())
    write(tmp_path / "in/control.json", json.dumps({"messageType": "CONTROL_MESSAGE", "logEvents": []}).encode())
    write(tmp_path / "in/empty.json", b"")
    report = into(target, tmp_path / "in")
    assert (report.stored, report.set_aside, sum(report.other.values())) == (0, 0, 5)
    assert {name.lower() for name in report.other} == {
        "digest",
        "insight",
        "aggregated",
        "control message",
        "empty file",
    }
    kept = {json.loads(raw).get("eventCategory", "Digest") for (raw,) in beside(target, "other", "raw")}
    assert kept == {"Digest", "Insight", "Aggregated"}


def test_summaries_of_data_events_are_counted_and_add_no_call_to_those_that_are_there(store, tmp_path):
    calls = [a_record(eventName="GetObject", eventSource="s3.amazonaws.com", eventCategory="Data") for _ in range(3)]
    summaries = [an_aggregate("userIdentity", "web", eventName={"GetObject": 3}), an_aggregate(userIdentity={"web": 3})]
    write(tmp_path / "in/together.json", envelope(*calls, *summaries))
    write(tmp_path / "in/a-list.json", json.dumps(summaries).encode())
    report = into(store.events, tmp_path / "in")
    assert (report.stored, report.set_aside, report.other) == (3, 0, {"aggregated": 4})


@pytest.mark.parametrize("day", ["1970-01-01", "0001-01-01", "2099-01-01", "9999-12-31"])
def test_an_impossible_time_is_stored_flagged_and_makes_no_day(store, tmp_path, day):
    report = into(
        store.events, write(tmp_path / "a.json", envelope(a_record(eventTime=f"{day}T23:59:59Z"), a_record()))
    )
    assert report.stored + report.set_aside == 2
    days = {path.name for path in (store.home / "events/account=111122223333").iterdir()}
    assert days <= {"day=2026-03-02", "day=1970-01-01", "day=2999-12-31"}


def test_files_of_a_folder_that_are_no_logs_are_passed_over_and_named_ones_set_aside(target, tmp_path):
    write(tmp_path / "in/README.md", b"# Notes")
    write(tmp_path / "in/events.dat", envelope(a_record()))
    report = into(target, tmp_path / "in")
    assert (report.files, report.not_logs, report.stored) == (1, 1, 1)
    assert into(target, tmp_path / "in/README.md").set_aside == 1


def test_a_subscription_payload_is_read(target, tmp_path):
    assert into(target, write(tmp_path / "a.gz", subscription(a_record(), a_record()))).stored == 2


def test_positions_go_on_through_a_large_file(target, tmp_path, monkeypatch):
    monkeypatch.setattr("features.normalise.normaliser._TOGETHER", 7)
    monkeypatch.setattr("pipeline.ingest.work._ROWS", 20)
    records = [a_record(eventName=f"E{n:03d}") for n in range(100)]
    records[50]["eventTime"] = "never"
    report = into(target, write(tmp_path / "a.json.gz", envelope(*records)))
    assert report.stored == 99
    assert rows(target, "position, action") == [(n, f"iam:E{n:03d}") for n in range(100) if n != 50]
    assert beside(target, "set_aside", "position") == [(50,)]


def test_the_store_does_not_depend_on_workers_tasks_or_order(tmp_path, monkeypatch):
    ids = write_bucket(tmp_path / "bucket", files=15, each=20)
    for number, minute in enumerate(("20260305T0000Z", "20260306T0000Z")):  # the same records, later and elsewhere
        again = [a_record(eventID=event_id, eventTime="2026-03-02T00:00:00Z") for event_id in ids[:30]]
        write(tmp_path / "bucket" / a_name(minute, mark=f"Z{number:015d}"), envelope(*again))
    columns = "* EXCLUDE (raw), hex(raw)"
    found = []
    monkeypatch.setattr(run, "_WORTH_A_POOL", 0)
    for name, threads, task_files in (("one", 1, 1000), ("small tasks", 1, 3), ("two", 2, 3)):
        monkeypatch.setattr(tasks, "_TASK_FILES", task_files)
        with open_store(tmp_path / name) as store:
            report = into(store.events, tmp_path / "bucket", threads=threads)
            found.append((report.stored, report.duplicates, rows(store.events, columns)))
    monkeypatch.setattr(tasks, "_TASK_FILES", 1000)
    with open_store(tmp_path / "backwards") as store:
        for path in sorted((tmp_path / "bucket").rglob("*.gz"), reverse=True):
            into(store.events, path)
        found.append((*found[0][:2], rows(store.events, columns)))
    assert found[0][0] + found[0][1] == 360
    assert found[1:] == [found[0]] * 3


def test_progress_is_told_after_each_task(target, tmp_path, monkeypatch):
    monkeypatch.setattr(tasks, "_TASK_FILES", 2)
    write_bucket(tmp_path / "bucket", files=6, each=2)
    told = []
    into(target, tmp_path / "bucket", progress=lambda done, total, report: told.append((done, total, report.stored)))
    assert [stored for _, _, stored in told] == [4, 8, 12]
    assert told[-1][0] == told[-1][1] == sum(path.stat().st_size for path in (tmp_path / "bucket").rglob("*.gz"))


def test_an_event_may_be_later_than_the_clock_by_a_little(target, tmp_path):
    soon, late = ((NOW + timedelta(minutes=m)).strftime("%Y-%m-%dT%H:%M:%SZ") for m in (10, 20))
    into(target, write(tmp_path / "a.json", envelope(a_record(eventTime=soon), a_record(eventTime=late))))
    assert [flags for (flags,) in rows(target, "flags")] == [[], ["future"]]


def test_every_recorded_record_has_an_outcome(target):
    report = into(target, FOLDER)
    assert (report.records, report.stored, report.set_aside) == (153, 153, 0)

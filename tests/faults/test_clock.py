"""A clock that was wrong, or has moved on: an event is in its day's index or in quarantine, never in both.

Rows 27 and 28: whatever the order in which the clocks of those who send it are ahead of it or behind.
"""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import uuid4

import pytest

from pipeline.documents.document import Naming
from pipeline.ingest.run import ingest
from tests.faults.prepared import indexed, prepare
from tests.pipeline.delivery.doors import a_door, an_id, held, logs_event, some_records
from tests.pipeline.delivery.target import a_target
from tests.pipeline.ingest.records import a_name, a_record, envelope, write

TIME = datetime(2026, 3, 2, 12, tzinfo=UTC)
CLOCKS = {"before": TIME - timedelta(hours=1), "after": TIME + timedelta(hours=1), "long after": TIME}


def send(folder, url: str, naming: Naming, now: datetime):
    """Send everything by a clock, by a new program each time."""
    target = a_target(folder / uuid4().hex, url, naming)
    report = ingest([folder / "in"], target, now=now)
    assert report.records == target.tally.indexed + target.tally.quarantined + target.tally.duplicates
    return target.tally


def test_each_engine_has_an_event_once_whoever_sends_it_first(server, prefix, tmp_path):
    naming = prepare(server, prefix)
    of_all = [a_record(eventTime=TIME.isoformat().replace("+00:00", "Z")) for _ in range(20)]
    usual = [a_record(eventTime="2026-03-01T12:00:00Z") for _ in range(20)]
    write(tmp_path / "in" / a_name(), envelope(*of_all, *usual))
    tally = send(tmp_path, server.url, naming, CLOCKS["before"])
    assert (tally.indexed, tally.quarantined) == (20, 20)
    for name in ("after", "before"):
        tally = send(tmp_path, server.url, naming, CLOCKS[name])
        assert (tally.indexed, tally.quarantined, tally.duplicates) == (0, 0, 40)
    found = indexed(server, prefix)
    assert sorted(found) == sorted(record["eventID"] for record in [*of_all, *usual])
    assert {found[record["eventID"]]["_index"] for record in of_all} == {f"{prefix}-quarantine"}


@pytest.mark.parametrize("order", [*permutations(CLOCKS)], ids="-".join)
def test_an_event_is_there_once_in_whatever_order_the_clocks_come(engine, tmp_path, monkeypatch, order):
    """The last of them finds it older than the retention."""
    records = [a_record(eventTime=TIME.isoformat().replace("+00:00", "Z")) for _ in range(5)]
    write(tmp_path / "in" / a_name(), envelope(*records))
    for clock in order:
        retention = timedelta(days=1 if clock == "long after" else 36_500)
        send(tmp_path, engine.url, Naming(retention=retention), CLOCKS[clock])
    assert engine.ids == sorted(record["eventID"] for record in records)


def test_a_function_finds_what_it_put_in_quarantine(monkeypatch):
    ahead = datetime.now(UTC) + timedelta(hours=2)
    event = logs_event(some_records("a", eventTime=f"{ahead:%Y-%m-%dT%H:%M:%SZ}"))
    door = a_door()
    assert door.handle(event, 60)["indexed"] == 1
    assert door.tally.quarantined == 1

    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(hours=3)

    monkeypatch.setattr("pipeline.delivery.handle.datetime", Later)
    assert door.handle(event, 60)["duplicates"] == 1
    assert held(door) == {"a"}
    assert door.scripted.indices[an_id("a")] == ["cloudtrail-quarantine"]

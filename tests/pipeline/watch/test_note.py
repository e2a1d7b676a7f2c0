"""What people are told of besides alerts is noted when it begins and is over, once, whoever is killed between."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from features.times.instant import HOUR, micros
from pipeline.errors import StoreError
from pipeline.notify.matter import Matters, fold_matters
from pipeline.notify.matter_words import find_severity
from pipeline.settings import Settings
from pipeline.stores.home import Store
from pipeline.stores.jsonl.operations import OPERATIONS_FILE, OperationsJsonl
from pipeline.stores.parquet.segment import Segment
from pipeline.stores.parquet.tally import Tally
from pipeline.watch import note as module
from pipeline.watch.health import WELL, Health, TickReport, Trouble
from pipeline.watch.note import Notes
from pipeline.watch.silence import Linked, Silence
from tests.digests import ACCOUNT, Trail
from tests.pipeline.watch.held import take

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WHOLE = Silence(ACCOUNT, None, NOW - 90 * MINUTE, 12.3)
PART = Silence(ACCOUNT, "eu-west-1", NOW - 90 * MINUTE, 12.3)
REPORT = TickReport(seconds=0.1, now=NOW, trained=NOW)


@pytest.fixture
def notes(store: Store, monkeypatch: pytest.MonkeyPatch) -> Notes:
    monkeypatch.setattr(module, "find_links", lambda *given: Linked((("e", "cloudtrail:StopLogging", "ops"),), ("a1",)))
    return begin(store)


def begin(store: Store) -> Notes:
    operations = OperationsJsonl(store.home / OPERATIONS_FILE)
    return Notes(store, Settings(home=store.home), Matters(operations))


def kinds(store: Store) -> list[str]:
    return [event["kind"] for event in events(store)]


def events(store: Store) -> list[dict[str, Any]]:
    return OperationsJsonl(store.home / OPERATIONS_FILE).every()


def hear(store: Store, at: datetime, region: str = "eu-west-1") -> None:
    """Something came in a minute."""
    hour, path = micros(at) // HOUR, f"{at}{region}"
    segment = Segment(path, "events", ACCOUNT, str(at.date()), 1, 1, 0, hour * HOUR, hour * HOUR)
    store.coverage.put([segment], [Tally(path, region, hour, 1, 0, 1 << at.minute)], waiting=())


def test_a_silence_is_noted_once_and_over_once_something_comes(store: Store, notes: Notes) -> None:
    assert [notes.note_silences([WHOLE], NOW), begin(store).note_silences([WHOLE], NOW)] == [1, 0]
    [event] = events(store)
    assert (event["region"], event["calls"][0]["action"], event["alerts"]) == (None, "cloudtrail:StopLogging", ["a1"])
    assert "nothing has come since 2026-03-02 10:30 UTC" in event["text"]
    assert notes.note_silences([], NOW) == 0, "a night ends no silence"
    hear(store, NOW - 95 * MINUTE)
    assert notes.note_silences([], NOW) == 0, "that was before it began"
    hear(store, NOW - MINUTE)
    assert [notes.note_silences([], NOW), begin(store).note_silences([], NOW)] == [1, 0]
    assert kinds(store) == ["silence", "silence_over"]


def test_a_region_is_silent_still_while_its_account_is(store: Store, notes: Notes) -> None:
    notes.note_silences([PART], NOW)
    notes.note_silences([WHOLE], NOW)
    hear(store, NOW, "us-east-1")
    notes.note_silences([], NOW)
    assert [(event["kind"], event["region"]) for event in events(store)] == [
        ("silence", "eu-west-1"), ("silence", None), ("silence_over", None),
    ]  # fmt: skip


def test_where_events_cannot_be_read_the_silence_is_noted_alone(
    store: Store, notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: object) -> Linked:
        raise StoreError("damaged")

    monkeypatch.setattr(module, "find_links", broken)
    assert notes.note_silences([WHOLE], NOW) == 1
    assert events(store)[0]["calls"] == []


def test_no_more_silences_than_somebody_reads_are_noted_at_once(store: Store, notes: Notes) -> None:
    many = [Silence(f"{number:012}", None, NOW, 1.0) for number in range(module._MOST_NEW + 3)]
    assert [notes.note_silences(many, NOW), notes.note_silences(many, NOW)] == [module._MOST_NEW, 3]


def test_health_is_noted_where_it_changes(store: Store, notes: Notes) -> None:
    failing, old = Trouble("failing", "3 ticks failed in a row: x"), Trouble("old_model", "the model is 4.0 days old")
    for trouble in (WELL, failing, Trouble("failing", "4 ticks failed in a row: x"), old, WELL, WELL):
        notes.note_health(trouble, REPORT, NOW)
    assert kinds(store) == ["unhealthy", "unhealthy", "healthy"]
    assert [one.over for one in fold_matters(events(store))] == [True]


@pytest.mark.parametrize("what", ["starting", "still", "no_model"])
def test_what_is_the_beginning_is_no_trouble_to_tell(store: Store, notes: Notes, what: str) -> None:
    assert notes.note_health(Trouble(what, "…"), REPORT, NOW) == 0


@pytest.mark.parametrize(
    ("what", "more"),
    [("stuck", {"outbox": {"x": 2}}), ("blind", {"integrity_waits": "denied"}), ("failing", {"problem": "down"})],
)
def test_who_begins_anew_ends_nothing_that_lasts(store: Store, notes: Notes, what: str, more: dict[str, Any]) -> None:
    notes.note_health(Trouble(what, "…"), REPORT, NOW)
    lasts = TickReport(seconds=0.1, now=NOW, trained=NOW, **more)
    assert begin(store).note_health(WELL, lasts, NOW) == 0
    assert begin(store).note_health(WELL, REPORT, NOW) == 1


def test_ticks_that_failed_before_a_restart_count(store: Store) -> None:
    health = Health(MINUTE, clock=lambda: NOW)
    health.resume(2)
    health.ticked(TickReport(seconds=0.1, now=NOW, trained=NOW, problem="down"))
    assert (health.find().what, health.failing) == ("failing", 3)


def test_what_is_missing_of_logs_is_a_matter_until_it_comes(store: Store, trail: Trail) -> None:
    content = trail.logs[4].read_bytes()
    trail.logs[4].unlink()
    assert [one.what for one in take(store, trail).found] == ["objects"]
    [matter] = fold_matters(events(store))
    assert (matter.about, matter.over, find_severity(matter)) == ("integrity", False, "high")
    [signed] = fold_matters([{**events(store)[0], "signature": "verified"}])
    assert find_severity(signed) == "critical"
    trail.logs[4].write_bytes(content)
    take(store, trail)
    assert [one.over for one in fold_matters(events(store))] == [True]

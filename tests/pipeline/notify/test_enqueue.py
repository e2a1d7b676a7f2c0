"""From the alerts' file into the outbox: a batch at a time, all or nothing, and on from where it was."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.notify import enqueue as module
from pipeline.notify.config import StdoutNotifier
from pipeline.notify.enqueue import enqueue
from pipeline.notify.notice import Maker
from pipeline.stores.home import open_store
from tests.builders import an_alert

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "home") as store:
        yield store


def put(store, least="low", now=NOW, **named):
    return enqueue(store, "n", StdoutNotifier(kind="stdout", least=least), Maker("n"), now, **named)


def waiting(store):
    return [(one.alert, one.kind, one.content["revision"]) for one in store.notices.waiting("n")]


@pytest.mark.parametrize("size", [1, 2, 3, 500])
def test_batches_of_any_size_come_to_the_same(store, monkeypatch, size):
    monkeypatch.setattr(module, "BATCH", size)
    revisions = [an_alert(name, number, severity="low") for number in (1, 2, 3) for name in ("a1", "a2")]
    store.alerts.append([*revisions, an_alert("a1", 4, severity="critical")])
    put(store)
    assert sorted(waiting(store)) == [("a1", "raised", 4), ("a2", "raised", 3)]
    assert put(store) == 0


def test_where_the_time_is_over_the_next_call_goes_on(store, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 2)
    store.alerts.append([an_alert(f"a{number}") for number in range(6)])
    seen = []
    for _ in range(4):
        put(store, end=time.monotonic() - 1)
        seen.append(len(waiting(store)))
    assert seen == [2, 4, 6, 6]


def test_whoever_is_killed_between_batches_goes_on_there(store, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 1)
    store.alerts.append([an_alert(f"a{number}") for number in range(3)])
    kept, calls = store.notices.enqueue, []

    def killed(*given):
        calls.append(given)
        if len(calls) == 2:
            raise KeyboardInterrupt
        kept(*given)

    with monkeypatch.context() as patch:
        patch.setattr(store.notices, "enqueue", killed)
        with pytest.raises(KeyboardInterrupt):
            put(store)
    assert waiting(store) == [("a0", "raised", 1)]
    assert put(store) == 2


def test_what_waits_keeps_its_turn_and_its_kind_when_it_is_written_anew(store):
    store.alerts.append([an_alert(severity="low")])
    put(store)
    [first] = store.notices.waiting("n")
    store.alerts.append([an_alert(revision=2, severity="high")])
    put(store, now=NOW + timedelta(hours=1))
    [second] = store.notices.waiting("n")
    assert (second.queued, second.kind, second.severity) == (first.queued, "raised", "high")
    assert second.id != first.id, "it says something else"


def test_what_was_tried_stays_and_the_update_waits_behind_it(store):
    store.alerts.append([an_alert(severity="low")])
    put(store)
    store.notices.claim("n", store.notices.waiting("n")[0], NOW)
    store.alerts.append([an_alert(revision=2, severity="low"), an_alert(revision=3, severity="high")])
    put(store)
    assert waiting(store) == [("a1", "raised", 1), ("a1", "updated", 3)]


def test_an_alert_below_what_is_asked_for_is_told_once_it_reaches_it(store):
    store.alerts.append([an_alert(severity="medium")])
    assert put(store, least="high") == 0
    store.alerts.append([an_alert(revision=2, severity="high")])
    put(store, least="high")
    assert waiting(store) == [("a1", "raised", 2)]

"""A watch takes over what blinds nobody, bounded, and tells what went wrong; what is expected waits for a person."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.feedback import take_over
from pipeline.feedback.take_over import TakenOver, TakingOver, find_waiting, note_waiting
from pipeline.publish.setting import Setting
from pipeline.publish.target import Target
from pipeline.search.engine import Answer, UnreachableError
from pipeline.search.url import parse_url
from pipeline.settings import Settings
from pipeline.stores.home import Store, open_store
from pipeline.watch.plan import Plan
from pipeline.watch.watch import Watch
from tests.builders import an_alert
from tests.pipeline.feedback.test_read_back import Index
from tests.pipeline.render.hostile import HOSTILE

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
URL = parse_url("opensearch+https://ana@search.example.com?password=env:P")


class Played(Index):
    """An index that can be closed, and be away."""

    url, down, closed = URL, False, 0
    refusal: Answer | None = None

    def ask(self, *given: Any, **named: Any) -> Answer:
        if self.refusal is not None:
            return self.refusal
        if self.down:
            raise UnreachableError("https://search.example.com:9200 does not answer (refused)")
        return super().ask(*given, **named)

    def close(self) -> None:
        self.closed += 1


class PlayedTarget(Target):
    def __init__(self, engine: Played) -> None:
        super().__init__(engine.url, Setting(deployment="eu"))
        object.__setattr__(self, "engine", engine)

    def open(self) -> Any:
        return self.engine  # type: ignore[attr-defined]


def said(alert: str, verdict: str, **more: Any) -> dict[str, Any]:
    return {"alert_id": alert, "triage": {"verdict": verdict, **more}}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "home") as store:
        store.alerts.append([an_alert(f"a{number}") for number in range(1, 6)])
        yield store


def run(store: Store, index: Played, again: TakingOver | None = None) -> TakenOver:
    taking = again or TakingOver(store, Settings(home=store.home))
    return taking.run(PlayedTarget(index), NOW)


def verdicts(store: Store) -> list[tuple[str, str]]:
    return [(one.alert_id, one.verdict) for one in store.marks.every()]


def test_malicious_and_unsure_are_taken_once_and_expected_waits(store: Store) -> None:
    index = Played(said("a1", "malicious"), said("a2", "unsure"), said("a3", "benign"), said("a4", "closed"))
    assert run(store, index) == TakenOver(taken=2, waiting=1)
    assert verdicts(store) == [("a1", "malicious"), ("a2", "unsure")]
    assert run(store, index) == TakenOver(taken=0, waiting=1)
    assert find_waiting(store) == {URL.origin: 1}
    assert index.closed == 2


def test_a_verdict_that_is_changed_takes_the_place_of_the_one_before_and_of_nobody_elses(store: Store) -> None:
    run(store, Played(said("a1", "unsure")))
    run(store, Played(said("a1", "malicious", owner="bob")))
    first, undone, second = store.marks.every()
    assert (undone.verdict, undone.undoes, undone.by, second.verdict) == ("undone", first.id, "bob", "malicious")


def test_no_call_makes_more_marks_than_it_may(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(take_over, "MOST_TAKEN", 2)
    index = Played(*(said(f"a{number}", "malicious") for number in range(1, 6)))
    assert [run(store, index).taken for _ in range(4)] == [2, 2, 1, 0]
    assert len(store.marks.every()) == 5


def test_alerts_that_the_home_has_not_are_looked_for_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    index, reads = Played(said("elsewhere", "malicious")), []
    follow = store.alerts.follow
    monkeypatch.setattr(store.alerts, "follow", lambda start: reads.append(start) or follow(start))
    taking = TakingOver(store, Settings(home=store.home))
    assert [run(store, index, taking) for _ in range(3)] == [TakenOver()] * 3
    assert reads == [0]


def test_an_engine_that_is_away_or_refuses_is_a_problem_that_is_told(store: Store) -> None:
    index = Played(said("a1", "malicious"))
    index.down = True
    assert "does not answer" in run(store, index).problem
    index.down = False
    index.refusal = Answer(400, {"error": {"type": "index_closed_exception", "reason": "closed"}})
    assert "400 index_closed_exception closed" in run(store, index).problem
    index.refusal = Answer(404, {"error": {"type": "index_not_found_exception", "reason": "no such index"}})
    assert run(store, index) == TakenOver(), "a deleted index holds no marks"
    index.refusal = None
    assert run(store, index) == TakenOver(taken=1)
    assert index.closed == 4


def test_hostile_words_stay_words(store: Store) -> None:
    text = "".join(HOSTILE)
    assert run(store, Played(said("a1", "malicious", owner=text, note=text))).taken == 1
    [made] = store.marks.every()
    assert len(made.by) <= 200
    assert len(made.note) <= 2000


def test_a_watch_reads_back_every_few_minutes_and_loses_no_tick_by_it(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "trail").mkdir()
    index = Played(said("a1", "malicious"))
    target = PlayedTarget(index)
    settings = Settings(home=store.home)
    monkeypatch.setattr("pipeline.watch.watch.publish", lambda *_: take_over_nothing())
    monkeypatch.setattr("pipeline.watch.watch.publish_receipts", lambda *_: take_over_nothing())
    watch = Watch(store, settings, Plan((str(tmp_path / "trail"),), (target,), trains=False))
    index.down = True
    first = watch.tick(NOW)
    assert [problem for problem in first.problems if "does not answer" in problem]
    assert first.marked[target.name]["taken"] == 0
    index.down = False
    assert watch.tick(NOW + timedelta(minutes=2)).marked == {}
    assert watch.tick(NOW + timedelta(minutes=5)).marked[target.name]["taken"] == 1
    monkeypatch.setattr(store.marks, "add", fail)
    index.documents.append(said("a2", "malicious"))
    broken = watch.tick(NOW + timedelta(minutes=10))
    assert any("no room" in problem for problem in broken.problems)
    watch.close()


def take_over_nothing() -> Any:
    from pipeline.publish.outbox import Published

    return Published(0, 0, 0)


def fail(*_: Any) -> None:
    from pipeline.errors import StoreError

    raise StoreError("no room")


def test_what_waits_is_forgotten_once_nothing_does(store: Store) -> None:
    note_waiting(store, URL.origin, 3)
    assert find_waiting(store) == {URL.origin: 3}
    note_waiting(store, URL.origin, 0)
    assert find_waiting(store) == {}

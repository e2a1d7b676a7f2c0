"""A watch takes in, judges and tells as the commands do one by one, and goes on after whatever ended it."""

import os
import shutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.detect.promotion import promote_by_hand
from pipeline.detect.scoring import CHECKPOINT, Scoring
from pipeline.detect.worker import score
from pipeline.errors import StoreError
from pipeline.ingest.run import ingest
from pipeline.settings import Settings
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.home import Store, open_store
from pipeline.watch import judge
from pipeline.watch import watch as watch_module
from pipeline.watch.health import Health
from pipeline.watch.intake import Intake
from pipeline.watch.lease import NAME, TakenError
from pipeline.watch.plan import Plan
from pipeline.watch.watch import StoppedError, Ticked, Watch
from tests.deliveries import SPLIT, World, a_world, steps

pytestmark = pytest.mark.sweep


def settings_of(home: Path) -> Settings:
    return Settings(home=home, threads=1, memory=2**30, budget=2.0)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return a_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def at_once(world: World, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    with open_store(shutil.copytree(world.home, tmp_path_factory.mktemp("at_once") / "home")) as store:
        ingest(world.later, store.events, now=world.end)
        score(store, settings_of(store.home), world.end)
        return told(store)


def told(store: Store) -> list[dict[str, Any]]:
    """What was decided; which of two models of equal knowledge was named first is not."""
    return [alert.as_dict() for alert in store.alerts.revisions()]


@pytest.fixture
def store(world: World, tmp_path: Path) -> Iterator[Store]:
    with open_store(shutil.copytree(world.home, tmp_path / "home")) as store:
        yield store


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    """A folder that files land in."""
    folder = tmp_path / "bucket"
    folder.mkdir()
    return folder


def land(bucket: Path, files: list[Path]) -> None:
    for path in files:
        os.link(path, bucket / path.name)


def watch_of(store: Store, *sources: Path | str, **plan: Any) -> Watch:
    return Watch(store, settings_of(store.home), Plan(sources=tuple(map(str, sources)), **plan))


def watched(store: Store, bucket: Path, world: World, *minutes: int, **plan: Any) -> list[Ticked]:
    """Watch a folder as files land in it."""
    watch = watch_of(store, bucket, **plan)
    ticks = []
    for now, landing in steps(world, *minutes):
        land(bucket, landing)
        ticks.append(watch.tick(now))
    watch.close()
    return ticks


def test_a_watch_decides_what_scoring_at_once_does_and_trains_at_night(store, bucket, world, at_once):
    ticks = watched(store, bucket, world, 9, 220)
    assert [problem for tick in ticks for problem in tick.problems] == []
    assert told(store) == at_once
    assert sum(tick.revisions for tick in ticks) == len(at_once) > 20
    raised = {alert["alert_id"] for alert in at_once if alert["raised"]}
    assert raised
    assert sum(tick.raised for tick in ticks) >= len(raised)
    assert any(tick.trained for tick in ticks)
    assert {str(info.day) for info in Bundles(store.home).every()} == {"2026-03-14", "2026-03-15"}


def test_it_goes_on_where_another_one_ended(store, bucket, world, at_once):
    """Each time a new process, which lets the lease run out."""
    ticks = []
    for now, landing in steps(world, 211):
        land(bucket, landing)
        ticks.append(watch_of(store, bucket, trains=False).tick(now))
    assert told(store) == at_once
    assert store.state.token(CHECKPOINT) == len(ticks)


@pytest.mark.parametrize("where", ["append", "put_checkpoint", "reveal"])
def test_after_an_error_amid_a_tick_the_next_one_does_what_is_left(store, bucket, world, at_once, monkeypatch, where):
    owner = {
        "append": type(store.alerts), "put_checkpoint": type(store.state),
        "reveal": __import__("pipeline.detect.walk", fromlist=["Walk"]).Walk,
    }[where]  # fmt: skip
    original, calls = getattr(owner, where), []

    def failing(self: Any, *arguments: Any, **named: Any) -> Any:
        calls.append(arguments)
        if len(calls) % 5 == 3:
            raise StoreError("no room")
        return original(self, *arguments, **named)

    monkeypatch.setattr(owner, where, failing)
    ticks = watched(store, bucket, world, 151, trains=False)
    monkeypatch.undo()
    assert any("no room" in problem for tick in ticks for problem in tick.problems)
    watch_of(store, bucket, trains=False).tick(world.end + timedelta(hours=3))
    assert told(store) == at_once


def test_a_source_that_cannot_be_read_keeps_nothing_of_the_others_back(store, bucket, world, tmp_path):
    land(bucket, world.later[:20])
    ticked = watch_of(store, tmp_path / "nowhere", bucket).tick(SPLIT + timedelta(hours=3))
    [problem] = ticked.problems
    assert problem.startswith(f"{tmp_path / 'nowhere'}: ")
    assert ticked.events > 0


def test_the_second_watch_of_a_home_ends_at_once_and_takes_over_when_the_first_is_gone(store, bucket):
    first, second = watch_of(store, bucket), watch_of(store, bucket)
    first.tick(SPLIT)
    with pytest.raises(TakenError, match="another `oddtrail watch`"):
        second.tick(SPLIT + timedelta(minutes=1))
    first.close()
    second.tick(SPLIT + timedelta(minutes=2))
    with pytest.raises(TakenError):
        first.tick(SPLIT + timedelta(minutes=3))


def test_who_slept_through_its_lease_writes_nothing(store, bucket, world, monkeypatch):
    """It wakes in the middle of a tick, with its lease long gone."""
    first, second = watch_of(store, bucket), watch_of(store, bucket)
    first.tick(SPLIT)
    land(bucket, world.later[:50])
    original, written = Scoring.go_on, list[bytes]()

    def sleep(self: Scoring, now: datetime) -> Any:
        monkeypatch.setattr(Scoring, "go_on", original)
        second.tick(SPLIT + timedelta(hours=6, minutes=10))
        written.append(store.alerts.path.read_bytes())
        return original(self, now)

    monkeypatch.setattr(Scoring, "go_on", sleep)
    with pytest.raises(TakenError):
        first.tick(SPLIT + timedelta(hours=6))
    assert store.state.token(CHECKPOINT) == 2
    assert store.alerts.path.read_bytes() == written[0]
    assert store.state.setting(NAME) is None


def test_it_ends_between_two_steps_when_asked_to(store, bucket, world, at_once):
    asked: list[bool] = []
    watch = Watch(store, settings_of(store.home), Plan((str(bucket),)), lambda: bool(asked))
    watch.tick(SPLIT)
    land(bucket, world.later)
    asked.append(True)
    with pytest.raises(StoppedError):
        watch.tick(world.end)
    watch.close()
    watch_of(store, bucket).tick(world.end + timedelta(minutes=1))
    assert told(store) == at_once


def test_a_home_without_a_model_trains_as_soon_as_there_is_history(tmp_path, bucket, world):
    with open_store(tmp_path / "new") as store:
        watch = watch_of(store, bucket)
        ticked = watch.tick(SPLIT)
        assert any(problem.startswith("no training: ") for problem in ticked.problems)
        assert any("no model yet" in problem for problem in ticked.problems)
        land(bucket, world.earlier)
        ticked = watch.tick(SPLIT + timedelta(days=1))
        assert ticked.trained
        assert ticked.model_id == ticked.trained
        assert not ticked.problems


def test_a_model_that_somebody_else_puts_in_service_serves_from_the_next_tick_on(store, bucket, world, monkeypatch):
    begun: list[datetime] = []
    original = judge.catch_up

    def counted(*arguments: Any, **named: Any) -> Any:
        begun.append(arguments[2])
        return original(*arguments, **named)

    monkeypatch.setattr(judge, "catch_up", counted)
    watch = watch_of(store, bucket, trains=False)
    watch.tick(SPLIT)
    watch.tick(SPLIT + timedelta(minutes=1))
    assert len(begun) == 1
    bundles = Bundles.of(settings_of(store.home))
    [info] = bundles.every()
    promote_by_hand(store, bundles, info, SPLIT)
    watch.tick(SPLIT + timedelta(minutes=2))
    watch.tick(SPLIT + timedelta(minutes=3))
    assert len(begun) == 2


def test_events_are_forgotten_once_a_day_where_that_is_asked_for(store, bucket):
    watch = watch_of(store, bucket, keep=timedelta(days=5))
    assert watch.tick(SPLIT).pruned > 0
    assert watch.tick(SPLIT + timedelta(minutes=1)).pruned == 0
    oldest = min(day for _, day in store.events.days())
    assert oldest == (SPLIT - timedelta(days=5)).date()


def test_an_error_of_the_store_at_night_is_told_and_the_watch_goes_on(store, bucket, monkeypatch):
    def fail(*_: Any, **__: Any) -> Any:
        raise StoreError("a segment is damaged")

    monkeypatch.setattr(watch_module, "train_apart", fail)
    monkeypatch.setattr(type(store.events), "prune", fail)
    watch = watch_of(store, bucket, keep=timedelta(days=5))
    night = SPLIT + timedelta(days=1, minutes=10)
    problems = watch.tick(night).problems
    assert sorted(problems) == ["a segment is damaged", "no training: a segment is damaged"]
    monkeypatch.undo()
    assert watch.tick(night + timedelta(minutes=1)).pruned > 0


def test_a_model_that_no_training_renews_is_told_to_be_old(store, bucket):
    """Though the watch steps it from day to day."""
    watch, health = watch_of(store, bucket, trains=False), Health(timedelta(minutes=1), clock=lambda: times[-1])
    times = [SPLIT + timedelta(days=days) for days in (0, 1, 2, 4)]
    for now in times:
        health.ticked(watch.tick(now).report(now))
    assert "the model is 4.0 days old" in health.find_trouble()


def test_an_index_is_asked_for_what_is_new_and_not_for_what_is_near(store):
    source = "opensearch+http://127.0.0.1:9/cloudtrail-*"
    intake = Intake(store, settings_of(store.home), Plan((source,), since=date(2026, 3, 1)), lambda: None)
    asked = [intake._since(one, SPLIT + timedelta(minutes=n))[0] for n in (0, 1) for one in (source, "trail/")]
    intake._listed["trail/"] = SPLIT
    assert asked == [date(2026, 3, 1)] * 4
    assert intake._since("trail/", SPLIT + timedelta(minutes=2))[0] == date(2026, 3, 13)
    assert intake._since(source, SPLIT + timedelta(minutes=2))[0] == date(2026, 3, 1)

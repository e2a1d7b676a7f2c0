"""Judging goes on with what it holds, and begins again where that is better; what it decides is the same.

So it is by whomever the day is counted: this process, several, or several machines, of which any may be lost.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest

from pipeline.detect import arriving
from pipeline.detect.scoring import CHECKPOINT
from pipeline.detect.shards import folder
from pipeline.detect.shards.assignment import assign
from pipeline.detect.shards.line import ShardLostError
from pipeline.ingest.run import ingest
from pipeline.settings import Settings
from pipeline.stores.home import Store, open_store
from pipeline.watch.judge import Judging
from tests.deliveries import World, a_world, steps
from tests.pipeline.detect.conftest import settings_of


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return a_world(tmp_path_factory.mktemp("world"))


def judge(world: World, home: Path) -> tuple[list[dict[str, object]], int]:
    """Every revision, and how often judging began with a replay."""
    begun = 0
    with open_store(shutil.copytree(world.home, home)) as store:
        judging = Judging(store, settings_of(home))
        start = judging._start

        def counted(*given):
            nonlocal begun
            begun += 1
            return start(*given)

        judging._start = counted
        for now, landing in steps(world, 241):
            if landing:
                ingest(landing, store.events, now=now)
            judging.go_on(now, 0)
            judging.go_on(now + timedelta(minutes=1), 0)
        judging.drop()
        return [alert.as_dict() for alert in store.alerts.revisions()], begun


def test_a_backlog_is_read_with_its_day_and_decided_as_bit_by_bit(world, tmp_path, monkeypatch):
    wanted, begun = judge(world, tmp_path / "held")
    assert begun == 1
    assert len(wanted) > 20
    monkeypatch.setattr(arriving, "MOST_AT_ONCE", 300)
    found, begun = judge(world, tmp_path / "again")
    assert begun > 3
    assert found == wanted


def late_steps(world: World) -> Iterator[tuple[datetime, list[Path]]]:
    """Some files an hour late, and some a day."""
    held: list[tuple[datetime, Path]] = []
    for number, (now, landing) in enumerate(steps(world, 380)):
        late = landing[4::9]
        held += [(now + timedelta(hours=26 if number % 3 == 0 else 1), path) for path in late]
        due = [path for at, path in held if at <= now]
        held = [(at, path) for at, path in held if at > now]
        yield now, sorted([*(path for path in landing if path not in late), *due])


def all_of(store: Store) -> dict[str, Any]:
    """Everything that judging writes."""
    return {
        "alerts": (store.home / "alerts.jsonl").read_bytes(),
        "scores": {path.name: path.read_bytes() for path in (store.home / "scores").iterdir()},
        "checkpoint": store.state.checkpoint(CHECKPOINT),
    }


def judged_by(
    world: World,
    home: Path,
    settings: Settings,
    owners: tuple[str, ...] = (),
    between: Callable[[int, Judging], None] = lambda number, judging: None,
) -> dict[str, Any]:
    """All that judging writes as files come, late ones among them; something may happen between two times."""
    with open_store(shutil.copytree(world.home, home)) as store:
        assign(store.state, owners)
        judging = Judging(store, settings)
        for number, (now, landing) in enumerate(late_steps(world)):
            if landing:
                ingest(landing, store.events, now=now)
            between(number, judging)
            judging.go_on(now, 0)
        judging.drop()
        return all_of(store)


@pytest.fixture(scope="module")
def by_one(world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("one") / "home"
    found = judged_by(world, home, settings_of(home))
    assert found["alerts"].count(b"\n") > 20
    assert found["scores"]
    return found


def shards_alive() -> list[Any]:
    return [child for child in active_children() if child.name.startswith("oddtrail-shard-")]


def test_three_processes_write_what_one_does_though_one_of_them_is_killed(world, by_one, tmp_path):
    lost = []

    def kill_one(number: int, judging: Judging) -> None:
        lost.append(judging.lost)
        if number in (2, 3):
            assert len(shards_alive()) == 3
            [second] = [child for child in shards_alive() if child.name == "oddtrail-shard-2"]
            # a service manager sends the first to all of a service's processes: when to end is the watch's to say
            os.kill(second.pid, signal.SIGTERM if number == 2 else signal.SIGKILL)

    settings = settings_of(tmp_path / "home").model_copy(update={"shards": 3})
    assert judged_by(world, tmp_path / "home", settings, between=kill_one) == by_one
    [told] = [why for why in lost if why]
    assert lost.index(told) == 4
    assert told.startswith("the process of shard 2 of 3 was killed by signal 9: the day is counted again")
    assert shards_alive() == []


@contextmanager
def a_machine(name: str, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`oddtrail shards serve` as on another machine."""
    code = "from pipeline.cli.app import main; main()"
    command = [sys.executable, "-c", code, "shards", "serve", name, "--home", str(home), "--threads", "1"]
    with subprocess.Popen(command) as process:
        try:
            yield process
        finally:
            process.terminate()
            assert process.wait(20) == 0


@pytest.mark.sweep
def test_two_machines_write_what_one_process_does_and_one_that_is_away_is_named(world, by_one, tmp_path, monkeypatch):
    home = tmp_path / "home"

    def go_away(number: int, judging: Judging) -> None:
        """Between two times the other machine is begun again; before that, the watch goes on without it in vain."""
        if number != 3:
            return
        monkeypatch.setattr(folder, "PATIENCE", 3.0)
        machines.pop().__exit__(None, None, None)
        for _ in range(2):
            with pytest.raises(ShardLostError, match="shard 2 of 2, which is node-b's, has given no sign of life"):
                judging.go_on(next(now for n, (now, _) in enumerate(late_steps(world)) if n == number), 0)
        monkeypatch.setattr(folder, "PATIENCE", 60.0)
        begin()

    machines: list[Any] = []

    def begin() -> None:
        machines.append(a_machine("node-b", home))
        machines[-1].__enter__()

    begin()
    try:
        assert judged_by(world, home, settings_of(home), ("here", "node-b"), go_away) == by_one
    finally:
        machines.pop().__exit__(None, None, None)
    assert not list((home / "shards").glob("*/")), "nothing of a run is left"

"""Judging goes on with what it holds, and begins again where that is better; what it decides is the same."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.detect import arriving
from pipeline.ingest.run import ingest
from pipeline.stores.home import open_store
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

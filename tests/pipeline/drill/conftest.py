"""A simulated company's home on the tenth hour of a day, scored so far."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

import pytest
from moto import mock_aws

from pipeline.detect.worker import score
from pipeline.drill import play
from pipeline.drill.play import Order
from pipeline.ingest.run import ingest
from pipeline.settings import Settings
from pipeline.stores.home import Store, open_store
from pipeline.stores.jsonl.drills import Drill
from tests.deliveries import SPLIT, World, a_world, delivered

NOW: Final = SPLIT + timedelta(hours=10)


class Company(NamedTuple):
    """A home, and the log files that are still to come."""

    home: Path
    world: World
    later: list[Path]


def settings_at(home: Path) -> Settings:
    return Settings(home=home, threads=1, memory=2**30, budget=5.0)


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    world = a_world(tmp_path_factory.mktemp("drilled"))
    with open_store(world.home) as store:
        ingest([path for path in world.later if delivered(path) <= NOW], store.events, now=NOW)
        score(store, settings_at(world.home), NOW)
    return Company(world.home, world, [path for path in world.later if delivered(path) > NOW])


@pytest.fixture
def store(company: Company, tmp_path: Path) -> Iterator[Store]:
    with open_store(shutil.copytree(company.home, tmp_path / "home")) as store:
        yield store


@pytest.fixture
def settings(store: Store) -> Settings:
    return settings_at(store.home)


def real(store: Store) -> list[dict[str, object]]:
    """Revisions of alerts that are no drill's."""
    return [alert.as_dict() for alert in store.alerts.revisions() if not alert.drill]


def begin(store: Store, settings: Settings, order: Order, now: datetime) -> list[Drill]:
    """Play an order, each time alike."""
    return play.begin(store, settings, order, now, Random("drill"))


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """S3, played in this process."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield

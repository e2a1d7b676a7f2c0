"""Homes with a small company in them, made once and copied for each test."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.connection import connect
from pipeline.detect.refresh import refresh_activity
from pipeline.detect.trainer import train
from pipeline.ingest.run import ingest
from pipeline.settings import Settings
from pipeline.stores.home import Store, open_store
from tests.worlds import a_company, a_theft, a_trail, as_person

NOW = datetime(2026, 5, 1, tzinfo=UTC)
"""Long after everything was delivered."""
DAYS = 17
PEOPLE, ROLES = 3, 2
THEFT_DAY = 14
THIEF = "person1"
"""Whose session is stolen."""


def settings_of(home: Path) -> Settings:
    return Settings(home=home, threads=1, memory=2**30, budget=2.0)


@pytest.fixture(scope="session")
def trail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Log files of a company with a theft in its last week."""
    rows = a_company(days=DAYS, people=PEOPLE, roles=ROLES) + a_theft(THEFT_DAY, victim=as_person(THIEF))
    return a_trail(tmp_path_factory.mktemp("trail"), rows)


@pytest.fixture(scope="session")
def ingested(tmp_path_factory: pytest.TempPathFactory, trail: Path) -> Path:
    """A home that holds its events."""
    home = tmp_path_factory.mktemp("ingested") / "home"
    with open_store(home) as store:
        ingest([trail], store.events, now=NOW)
    return home


@pytest.fixture(scope="session")
def refreshed(tmp_path_factory: pytest.TempPathFactory, ingested: Path) -> Path:
    """A home that holds its events and their activity."""
    home = tmp_path_factory.mktemp("refreshed") / "home"
    shutil.copytree(ingested, home)
    with open_store(home) as store, connect(1, 2**30) as connection:
        refresh_activity(store, connection, timezone="UTC", lateness_minutes=15, now=NOW)
    return home


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, refreshed: Path) -> Path:
    """A home whose first model waits for the first scoring."""
    home = tmp_path_factory.mktemp("trained") / "home"
    shutil.copytree(refreshed, home)
    with open_store(home) as store:
        train(store, settings_of(home), NOW)
    return home


@pytest.fixture
def untrained_store(tmp_path: Path, refreshed: Path) -> Iterator[Store]:
    """A store of one's own in which nothing was learned yet."""
    with open_store(shutil.copytree(refreshed, tmp_path / "home")) as store:
        yield store


@pytest.fixture
def store(tmp_path: Path, trained: Path) -> Iterator[Store]:
    """A store of one's own whose first model waits for the first scoring."""
    with open_store(shutil.copytree(trained, tmp_path / "home")) as store:
        yield store

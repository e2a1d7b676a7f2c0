"""A home in which somebody did something new, was found odd for it, and may be marked."""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from features.times.day import day_number, service_start
from features.times.instant import moment_of
from pipeline.detect.trainer import train
from pipeline.detect.worker import score
from pipeline.ingest.run import ingest
from pipeline.settings import Settings
from pipeline.stores.alert import Alert
from pipeline.stores.home import Store, open_store
from tests.pipeline.detect.conftest import settings_of
from tests.worlds import START, a_company, a_trail, an_event, as_person, numbered

FIRST = 10
"""Day, from the start, on which somebody does something new for the first time: a Thursday."""
WHO = "person1"


def an_errand(day: int, who: str, *more: tuple[str, str], hour: int = 14) -> list[dict[str, Any]]:
    """Somebody makes a user and keys from a hotel with a new tool, and whatever else is named."""
    there = {"prefix": "192.0.2.0/24", "address": "192.0.2.66", "country": "PT", "asn": 64666, "agent": "terraform"}
    calls = [("iam:ListUsers", "list"), ("iam:CreateUser", "write"), ("iam:CreateAccessKey", "write"), *more]
    start = START + timedelta(days=day, hours=hour)
    return [
        an_event(
            **as_person(who) | there, action=action, write=level != "list", level=level,
            event_time=start + timedelta(minutes=2 * number),
        )
        for number, (action, level) in enumerate(calls)
    ]  # fmt: skip


@dataclass
class World:
    """A home that goes on day by day."""

    home: Path
    company: list[dict[str, Any]]

    @property
    def settings(self) -> Settings:
        return settings_of(self.home)

    @staticmethod
    def begins(day: int) -> datetime:
        """When a day's model begins to judge."""
        number = day_number((START + timedelta(days=day)).date())
        return moment_of(service_start(number, ZoneInfo("UTC"), 15))

    def land(self, store: Store, day: int, *errands: list[dict[str, Any]]) -> None:
        """Let a day land, with what else was done on it."""
        date = (START + timedelta(days=day)).date()
        rows = [row for row in self.company if row["event_time"].date() == date] + [
            row for one in errands for row in one
        ]
        trail = a_trail(self.home.parent / f"{self.home.name}-{day}", numbered(rows, prefix=f"{self.home.name}-{day}"))
        ingest([trail], store.events, now=self.begins(day + 1))

    def judge(self, store: Store, day: int) -> dict[str, Alert]:
        """Score a day to its end; its alerts by principal."""
        score(store, self.settings, self.begins(day + 1))
        date = (START + timedelta(days=day)).date()
        return {alert.principal_key: alert for alert in store.alerts.latest() if alert.day == date}


@pytest.fixture(scope="session")
def marked_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A home that was trained, and has judged the day of the first errand."""
    world = World(tmp_path_factory.mktemp("errand") / "home", a_company(days=FIRST + 2, people=4, roles=1))
    with open_store(world.home) as store:
        for day in range(FIRST):
            world.land(store, day)
        train(store, world.settings, world.begins(FIRST))
        world.land(store, FIRST, an_errand(FIRST, WHO))
        world.judge(store, FIRST)
    return world


@pytest.fixture
def world(tmp_path: Path, marked_world: World) -> World:
    """The same, of one's own."""
    return World(shutil.copytree(marked_world.home, tmp_path / "home"), marked_world.company)

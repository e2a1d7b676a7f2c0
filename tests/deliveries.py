"""A company's trail that lands file by file, and a home that was trained on what came before."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

from pipeline.detect.trainer import train
from pipeline.ingest.delivery import read_delivery
from pipeline.ingest.run import ingest
from pipeline.settings import Settings
from pipeline.simulate.company import CampaignPlan, simulate
from pipeline.stores.home import open_store

DAYS, TRAINED = 14, 12
START = date(2026, 3, 2)
SPLIT = datetime(2026, 3, 14, 0, 20, tzinfo=UTC)
"""From here on files land one after the other."""


class World(NamedTuple):
    """A company's trail, and a home that was trained on its first days."""

    home: Path
    earlier: list[Path]
    """Files delivered before the training."""
    later: list[Path]
    """Files delivered after it, in the order of delivery."""
    end: datetime


def delivered(path: Path) -> datetime:
    """When a file was delivered, as its name says."""
    at = read_delivery(path.name).at
    assert at is not None
    return at


def a_world(folder: Path) -> World:
    """Simulate it: twelve days to learn, and two on which three attacks happen."""
    simulate(
        folder / "trail", seed=11, days=DAYS, principals=25, start=START,
        campaigns=CampaignPlan(1, 1, 1, START + timedelta(days=TRAINED)),
    )  # fmt: skip
    files = sorted((folder / "trail").rglob("*.json.gz"), key=lambda path: (delivered(path), path.name))
    earlier, later = ([path for path in files if (delivered(path) < SPLIT) is early] for early in (True, False))
    with open_store(folder / "home") as store:
        ingest(earlier, store.events, now=SPLIT)
        train(store, Settings(home=store.home, threads=1, memory=2**30, budget=2.0), SPLIT)
    return World(folder / "home", earlier, later, delivered(later[-1]) + timedelta(minutes=30))


def steps(world: World, *minutes: int) -> Iterator[tuple[datetime, list[Path]]]:
    """Times so far from each other, in turn, each with the files that were delivered since the one before."""
    now, waiting = SPLIT, list(world.later)
    for apart in cycle(minutes):
        landing = [path for path in waiting if delivered(path) <= now]
        waiting = waiting[len(landing) :]
        yield now, landing
        now += timedelta(minutes=apart)
        if now > world.end + timedelta(minutes=apart):
            break

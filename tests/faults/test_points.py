"""A watch is killed at every place at which it changes what outlives it, and goes on (rows 35 and 36).

What is killed is a process that ticks once; a case is killed at places far from each other, one tick after the other.
The next ticks come to what an undisturbed run comes to: the same alerts in the same revisions with the same scores, a
coverage record an hour and account, a receipt a day, each event once, and in the search engine each alert once with its
last revision.
"""

import json
import os
import shutil
import signal
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pipeline.detect.trainer import train
from pipeline.documents.document import Naming
from pipeline.documents.setup import set_up
from pipeline.ingest.run import ingest
from pipeline.search.engine import Engine
from pipeline.search.url import parse_url
from pipeline.stores.home import open_store
from tests.faults import dying
from tests.faults.dying import Job
from tests.faults.points import DAY, EVERY, LEARNING, REFUSING, SOURCES, TELLING, Place
from tests.faults.scenario import (
    END,
    MIDNIGHT,
    NIGHT,
    PLAYED,
    SPLIT,
    Setup,
    check_not_ahead,
    check_told,
    delivered,
    gather,
    key_of,
    settings_of,
    write_trail,
)
from tests.pipeline.delivery.doors import s3_event
from tests.servers.aws import REGION, Aws, aws, environment_of, moto_url

pytestmark = pytest.mark.sweep

__all__ = ["aws", "moto_url"]
AFTER = timedelta(minutes=6)
"""When the lease of who was killed has run out."""
WRITERS = tuple(dict.fromkeys(place.where for place in EVERY))


def apart(places: Sequence[Place], cases: int) -> list[Any]:
    """Deal places, in the order in which a tick comes by, to so many cases."""
    return [pytest.param(dealt, id=", ".join(map(str, dealt))) for dealt in (places[n::cases] for n in range(cases))]


class Case:
    """A deployment under way; whatever was delivered lands before the tick that may know it."""

    def __init__(self, files: list[Path], setup: Setup, aws: Aws | None = None) -> None:
        self.files, self.setup, self._aws = files, setup, aws
        self._landed = SPLIT

    def land(self, until: datetime) -> None:
        """Deliver what is due."""
        due = [path for path in self.files if self._landed <= delivered(path) < until]
        self._landed = until
        kind = kind_of(self.setup.source)
        if kind == "index":
            self.setup = replace(self.setup, landed=(*self.setup.landed, *due))
        elif kind in ("s3", "sqs"):
            assert self._aws is not None
            queue, _, given = self.setup.source.partition("?bucket=")
            bucket = (given or queue.removeprefix("s3://")).partition("/")[0]
            for path in due:
                self._aws.client("s3").upload_file(str(path), bucket, key_of(path))
                if kind == "sqs":
                    body = json.dumps(s3_event(key_of(path), bucket=bucket))
                    self._aws.client("sqs").send_message(QueueUrl=queue, MessageBody=body)
        else:
            for path in due:
                there = Path(self.setup.source) / key_of(path)
                there.parent.mkdir(parents=True, exist_ok=True)
                os.link(path, there)

    def tick(self, now: datetime, **given: Any) -> int | None:
        """Tick in a process of its own."""
        self.land(now)
        return dying.run(Job(self.setup, now, **given))

    def kill(self, now: datetime, places: Sequence[Place], undisturbed: dict[str, Any], **given: Any) -> datetime:
        """Tick in processes that die at one place each; what they leave is behind what they did, never ahead.

        Returns when the lease of the last has run out.
        """
        for place in places:
            assert self.tick(now, place=place, **given) == -signal.SIGKILL, f"it never came by {place}"
            with open_store(self.setup.home) as store:
                check_not_ahead(store, self.setup, undisturbed)
            now += AFTER
        return now

    def go_on(self, *times: datetime, trains: bool = False) -> None:
        """Tick in this process, each time with a new watch."""
        for now in times:
            self.land(now)
            with self.setup.entered(), open_store(self.setup.home) as store:
                watch = self.setup.watch(store, trains=trains)
                ticked = watch.tick(now)
                watch.close()
                assert ticked.problems == []

    def gather(self) -> dict[str, Any]:
        """What came of it."""
        with open_store(self.setup.home) as store:
            check_told(store, self.setup.read_engine())
            return gather(store)


def kind_of(source: str) -> str:
    """What records come from."""
    return {"opensearch+http": "index", "s3": "s3", "http": "sqs"}.get(source.partition(":")[0], "folder")


class World(NamedTuple):
    """Where cases begin, and what comes of those that nobody disturbs."""

    files: list[Path]
    folder: Path
    day: dict[str, Any]
    night: dict[str, Any]
    told: dict[str, set[str]]
    """What the ticks called of the places, and what was written outside of them."""


def begin(files: list[Path], base: Path, folder: Path, aws: Aws | None = None, source: str = "", **given: Any) -> Case:
    """A case of its own that goes on from another's end."""
    home = shutil.copytree(base / "home", folder / "home")
    if (base / "engine.json").exists():
        shutil.copy(base / "engine.json", folder)
    (folder / "in").mkdir()
    return Case(files, Setup(source or str(folder / "in"), home, **given), aws)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("points")
    files = write_trail(folder / "trail")
    with open_store(folder / "trained" / "home") as store:
        ingest([path for path in files if delivered(path) < SPLIT], store.events, now=SPLIT)
        train(store, settings_of(store.home), SPLIT)
    told: dict[str, set[str]] = {"called": set(), "outside": set()}

    def tick(case: Case, now: datetime, trains: bool) -> None:
        at = folder / "told"
        assert case.tick(now, trains=trains, writers=WRITERS, told=at) == 0
        for line in at.read_text().splitlines():
            kind, _, what = line.partition(" ")
            told[kind].add(what)

    def undisturbed(base: str, name: str, *ticks: datetime, trains: bool) -> Case:
        (folder / name).mkdir(exist_ok=True)
        case = begin(files, folder / base, folder / name)
        case._landed = {"trained": SPLIT, "morning": SPLIT, "midnight": MIDNIGHT}[base]
        for now in ticks:
            tick(case, now, trains)
        return case

    undisturbed("trained", "morning", SPLIT, trains=False)
    day = undisturbed("morning", "day", MIDNIGHT, END, trains=False).gather()
    undisturbed("morning", "midnight", MIDNIGHT, trains=False)
    night = undisturbed("midnight", "night", NIGHT, END, trains=True).gather()
    return World(files, folder, day, night, told)


def a_case(world: World, base: str, tmp_path: Path, **given: Any) -> Case:
    case = begin(world.files, world.folder / base, tmp_path, **given)
    case._landed = {"morning": SPLIT, "midnight": MIDNIGHT}[base]
    return case


def same(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    for name, value in wanted.items():
        assert found[name] == value, name


def test_the_scenario_has_what_can_go_wrong(world):
    day = world.day
    assert [alert["raised"] for alert in day["alerts"]].count(True) == 1
    assert any(alert["late"] for alert in day["alerts"])
    assert (day["never judged"], len(day["receipts"]), len(day["late"])) == (1, 2, 1)
    assert {account for account, *_ in day["coverage"]} == {"111111111111", "222222222222"}
    assert len(world.night["serving"]) == 2


def test_a_tick_writes_nothing_outside_of_the_places_it_is_killed_at(world):
    assert world.told["outside"] == set()
    refused = {place.where for place in REFUSING}
    assert set(WRITERS) - refused <= world.told["called"], "these are not called any more"


@pytest.mark.parametrize("places", apart(DAY, 13))
def test_killed_in_the_course_of_a_day(world, tmp_path, places):
    case = a_case(world, "morning", tmp_path)
    then = case.kill(MIDNIGHT, places, world.day)
    case.go_on(then, END)
    same(case.gather(), world.day)


@pytest.mark.parametrize("places", apart(LEARNING, 7))
def test_killed_in_the_night(world, tmp_path, places):
    case = a_case(world, "midnight", tmp_path)
    then = case.kill(NIGHT, places, world.night, trains=True)
    case.go_on(then, END, trains=True)
    same(case.gather(), world.night)


@pytest.mark.parametrize("place", REFUSING, ids=str)
def test_killed_as_the_gate_refuses_what_was_learnt(world, tmp_path, place):
    case = a_case(world, "midnight", tmp_path, refuses=True)
    then = case.kill(NIGHT, [place], world.night, trains=True)
    case.go_on(then, END, trains=True)
    found = case.gather()
    assert found["bundles"] == world.night["bundles"]
    assert (found["serving"], found["operations"]) == (world.night["serving"][:1], ["model_refused"])
    same(
        found,
        {
            name: value
            for name, value in world.night.items()
            if name not in ("serving", "operations", "alerts", "notes")
        },
    )


def make_source(kind: str, aws: Aws, name: str) -> str:
    """Where records come from, with nothing in it."""
    if kind == "index":
        return PLAYED
    bucket = aws.bucket(name)
    return f"s3://{bucket}/AWSLogs/" if kind == "s3" else f"{aws.queue(name)}?bucket={bucket}/AWSLogs/&region={REGION}"


@pytest.mark.parametrize("kind", SOURCES)
def test_killed_whatever_records_come_from(world, kind, aws, moto_url, tmp_path):
    undisturbed, killed = (
        a_case(world, "morning", folder, aws=aws, source=make_source(kind, aws, folder.name), environment=environment)
        for environment in [environment_of(moto_url)]
        for folder in [tmp_path / "undisturbed", tmp_path / "killed"]
    )
    undisturbed.go_on(MIDNIGHT, END)
    wanted = undisturbed.gather()
    now = MIDNIGHT
    for place in SOURCES[kind]:
        now = killed.kill(now, [place], wanted)
        time.sleep(1.1)  # until the queue gives back what nobody acknowledged
    killed.go_on(now, END)
    same(killed.gather(), wanted)
    assert wanted["events"] == world.day["events"]
    assert any(alert["raised"] for alert in wanted["alerts"])


def test_killed_before_a_real_engine(world, opensearch, prefix, tmp_path):
    engine = Engine(parse_url(opensearch.url))
    set_up(engine, Naming(prefix))
    for name in ("opensearch-ad-plugin-result-oddtrail-alerts", "oddtrail-alerts-history", "oddtrail-receipts"):
        engine.ask("DELETE", f"/{name}-2026.03")  # of other tests
    case = a_case(world, "morning", tmp_path, target=opensearch.url)
    then = case.kill(MIDNIGHT, TELLING, world.day)
    case.go_on(then, END)
    same(case.gather(), world.day)

"""The demo: a small company's five weeks with planted attacks, taken through the whole of oddtrail as anybody's would.

Nothing is staged: the trail is ingested, learned from and scored by the same functions as a real one, and only
afterwards compared with what was planted.
"""

import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from pipeline.alerts.events import AlertEvents, read_events
from pipeline.connection import connect
from pipeline.demo.verdict import Verdict, compare
from pipeline.detect.trainer import train
from pipeline.detect.worker import score
from pipeline.enrich.geo import Geo
from pipeline.errors import OddtrailError
from pipeline.ingest.run import ingest
from pipeline.settings import load_settings
from pipeline.simulate.company import CampaignPlan, simulate
from pipeline.simulate.truth import Truth
from pipeline.stores.alert import Alert
from pipeline.stores.home import open_store

START = date(2026, 2, 2)
"""A Monday."""
ATTACK_DAYS = 7
EACH_DEGREE = 4
MARKER = "demo.json"

Say = Callable[[str], None]


class DemoError(OddtrailError):
    """The demo's folder cannot be used."""


@dataclass
class Demo:
    """What the demo did and found."""

    folder: Path
    seed: int
    truth: Truth
    days: int
    learned_days: int
    seconds: dict[str, float]
    alerts: Sequence[Alert] = ()
    """The last revision of each that was raised, in the order in which they were raised."""
    evidence: dict[str, AlertEvents] = field(default_factory=dict)
    """Events of each alert, by its id."""
    verdict: Verdict = field(default_factory=Verdict)

    @property
    def home(self) -> Path:
        """The store, which every command can look into."""
        return self.folder / "home"


def run_demo(
    folder: Path, *, seed: int = 7, days: int = 35, principals: int = 30, given: dict[str, Any], say: Say
) -> Demo:
    """Simulate, ingest, train and score below `folder`, and compare the alerts with what was planted.

    Parameters
    ----------
    folder
        Made, or taken over from an earlier demo.
    seed, days, principals
        Of the simulated company; the attacks happen in its last week.
    given
        Settings named by the caller.
    say
        Called with each stage as it begins.
    """
    prepare(folder)
    seconds: dict[str, float] = {}
    settings = load_settings({**given, "home": folder / "home"})
    last = START + timedelta(days=days)
    now = datetime.combine(last, clock(), UTC)
    with _timed(seconds, "simulate", say):
        since = last - timedelta(days=ATTACK_DAYS)
        plan = CampaignPlan(EACH_DEGREE, EACH_DEGREE, EACH_DEGREE, since)
        truth = simulate(folder, seed=seed, days=days, principals=principals, start=START, campaigns=plan)
        (folder / MARKER).write_text(json.dumps({"seed": seed, "days": days, "principals": principals}) + "\n")
    with open_store(folder / "home") as store, as_file(files("pipeline") / "data" / "demo_geo") as geo:
        with _timed(seconds, "ingest", say):
            ingest([folder / "AWSLogs"], store.events, geo=Geo.open(geo, now), threads=settings.threads, now=now)
        with _timed(seconds, "train", say):
            learned = train(store, settings, now)
        with _timed(seconds, "score", say):
            score(store, settings, now)
        demo = Demo(folder, seed, truth, days, learned.days, seconds)
        with connect(settings.threads, settings.memory) as connection:
            store.events.view(connection)
            demo.verdict = compare(truth, store.alerts.revisions(), connection)
        raised = {alert.alert_id: alert for alert in store.alerts.latest(raised=True)}
        demo.alerts = sorted(raised.values(), key=lambda alert: demo.verdict.raised_at[alert.alert_id])
        demo.evidence = {key: read_events(store.events, settings, alert) for key, alert in raised.items()}
    return demo


def prepare(folder: Path) -> None:
    """Make room for a demo: an earlier one's folder is emptied, anybody else's is left alone."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARKER).is_file():
            raise DemoError(f"{folder} holds something else than a demo: name a new folder with --keep")
        for name in ("AWSLogs", "home"):
            shutil.rmtree(folder / name, ignore_errors=True)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARKER).touch()
    except OSError as error:
        raise DemoError(f"{folder} cannot be written ({error.strerror}): name another folder with --keep") from error


@contextmanager
def _timed(seconds: dict[str, float], stage: str, say: Say) -> Iterator[None]:
    say(stage)
    started = time.monotonic()
    yield
    seconds[stage] = time.monotonic() - started

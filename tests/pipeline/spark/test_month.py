"""A month of 20 accounts: one home goes on from a backfill on Spark, and its alerts are those of ingesting it all."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.spark_backfill import START, list_newest, write_trail
from pipeline.detect.trainer import FIRST_SCORED_DAYS, train
from pipeline.detect.worker import score
from pipeline.ingest.run import ingest
from pipeline.reports.doctor import diagnose
from pipeline.settings import Settings
from pipeline.shared.rounds import score_apart, train_apart
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.fetched import read_fetched
from pipeline.stores.home import Store, open_store
from tests.pipeline.cli.commands import run
from tests.pipeline.spark.both import by_spark

ACCOUNTS, DAYS = 20, 30
VICTIM = ACCOUNTS - 1
SELDOM = range(VICTIM)
"""Accounts that call every other Monday: what the test costs is account-days."""
BEGAN = datetime(START.year, START.month, START.day, tzinfo=UTC)
NOW = BEGAN + timedelta(days=DAYS + 1)
NIGHT = DAYS - 3
"""The day that has begun when both train first; the theft is on it."""
OWN = NIGHT - FIRST_SCORED_DAYS - 1
"""The first day of which the home that goes on has every file; of the day before it has what came after midnight."""


def day(number: int) -> str:
    return str(START + timedelta(days=number))


def settings_of(store: Store, **named: str) -> Settings:
    return Settings(home=store.home, threads=1, memory=2**30, detectors=("surprise",), **named)


def victim(trail: Path) -> str:
    """The account that calls each day."""
    return max(path.name for path in (trail / "AWSLogs").iterdir())


def stolen(trail: Path) -> set[str]:
    """Ids of the calls of the theft."""
    files = (json.loads(gzip.decompress(path.read_bytes())) for path in trail.rglob("*.gz"))
    return {one["eventID"] for file in files for one in file["Records"] if one["sourceIPAddress"] == "192.0.2.66"}


def test_one_home_goes_on_from_a_backfill_with_the_alerts_of_the_embedded_path(spark, tmp_path):
    trail, place = tmp_path / "trail", tmp_path / "place"
    write_trail(trail, ACCOUNTS, DAYS, roles=1, calls=2, hours=(9, 14, 23), seldom=SELDOM)
    by_spark(spark, place, [trail], NOW)
    nights = (BEGAN + timedelta(days=NIGHT, hours=1), NOW)
    with open_store(tmp_path / "embedded") as embedded, open_store(tmp_path / "home") as home:
        ingest([trail], embedded.events, now=NOW)
        ingest(list_newest(trail, NIGHT + 1), home.events, now=NOW)
        alone, settings = settings_of(embedded), settings_of(home, activity_at=str(place))
        for now in nights:
            model, trained = train(embedded, alone, now), train_apart(home, settings, now)
            assert (trained.model_id, trained.day, trained.stepped_from) == (
                model.model_id, model.day, model.stepped_from
            )  # fmt: skip
        told, same = score(embedded, alone, NOW), score_apart(home, settings, NOW)
        assert (same.first_day, same.last_day, same.raised) == (told.first_day, told.last_day, told.raised)
        alerts = [alert.as_dict() for alert in home.alerts.revisions()]
        assert alerts == [alert.as_dict() for alert in embedded.alerts.revisions()]
        found = {one for alert in home.alerts.latest(raised=True) for one in alert.event_ids}
        assert stolen(trail)
        assert stolen(trail) <= found

        standing = {day_ for (_, day_), one in read_fetched(home.state).items() if one.stands}
        assert max(map(str, standing)) == day(OWN - 1), "of which the home has the last hour alone"
        note = Bundles.of(settings).note(Bundles.of(settings).every()[-1])
        assert note["fetched"][str(place)][victim(trail)] == [f"{day(0)}/{day(OWN - 1)}"]
        findings = {finding.check: finding for finding in diagnose(home, settings, NOW)}
        assert (findings["gaps"].level, findings["fetched activity"].level) == ("ok", "ok")
        assert findings["history"].found.startswith(f"{DAYS} days of {ACCOUNTS} accounts; ")
        shown = run("models", "show", "--home", home.home).stdout
        assert f"was fetched from {place}" in " ".join(shown.split())

"""Backtest: what would have been raised, walking through log files as they were delivered.

Reads log files, needs no home and leaves nothing but its output folder.
"""

import json
import tempfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from features.times.instant import micros
from models.priors import AttackPriors
from pipeline.connection import connect
from pipeline.datafiles import read_attack_priors
from pipeline.detect.activity import Activity
from pipeline.detect.replay import Replay, Stages
from pipeline.detect.walk import BURN_IN_DAYS
from pipeline.enrich.geo import Geo
from pipeline.enrich.networks import NO_NETWORKS, read_networks
from pipeline.errors import NoHistoryError
from pipeline.ingest.report import IngestReport
from pipeline.ingest.run import ingest
from pipeline.stores.home import open_store

DEPLOYMENT = "default"


def run_backtest(
    paths: Sequence[Path | str],
    train_until: datetime,
    out: Path,
    budget: float | None = 5.0,
    geoip: Path | None = None,
    timezone: str = "UTC",
    lateness: timedelta = timedelta(minutes=15),
    threads: int = 2,
    memory: int = 4_000_000_000,
    networks: Path | None = None,
    seed: int = 0,
    deployment: str = DEPLOYMENT,
    every_tick: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> dict[str, Any]:
    """Learn from what was delivered before a time, then walk forward, retraining nightly; return the summary.

    Parameters
    ----------
    paths
        CloudTrail files, folders and patterns.
    train_until
        The first alert is of a delivery after it, and of a day that has `BURN_IN_DAYS` before it.
    out
        Folder for `alerts.jsonl`, `scores.parquet` and `summary.json`; made when missing.
    budget
        Alerts a day; none turns the ceiling off and raises what scores 75 or more.
    networks
        File that names own networks; none when there is no such file.
    every_tick
        Step through every five minutes, not only those with deliveries; the output is the same.
    progress
        Called with a stage and how much of it is done.

    Raises
    ------
    NoHistoryError
        Nothing could be read, or nothing before or after `train_until`.
    """
    out.mkdir(parents=True, exist_ok=True)
    stages, priors = Stages(), AttackPriors.from_dict(read_attack_priors())
    with tempfile.TemporaryDirectory(prefix=".oddtrail-", dir=out) as folder, open_store(Path(folder)) as store:
        with stages.timed("ingest"):
            geo = Geo.open(geoip) if geoip else None
            named = read_networks(networks) if networks else NO_NETWORKS
            report = ingest(paths, store.events, geo=geo, networks=named, threads=threads)
        connection = connect(threads, memory, spill=str(Path(folder, "spill")))
        store.events.view(connection, corrected=False)
        with stages.timed("activity"):
            activity = Activity.of_events(
                connection,
                timezone=timezone,
                lateness_minutes=int(lateness.total_seconds() // 60),
                by_tick=True,
            )
        days = activity.days()
        first_alerting = train_until.astimezone(ZoneInfo(timezone)).date()
        _check(days, first_alerting, report)
        replay = Replay(activity, priors, out, budget, seed, deployment, stages, every_tick)
        replay.run(days, first_alerting, progress, alerts_from=micros(train_until))
        connection.close()
    summary = {
        **replay.summary(first_alerting, days),
        "events": report.stored,
        "ingest": report.as_dict(),
        "seconds": {name: round(seconds, 2) for name, seconds in stages.seconds.items()},
        "peak_bytes": stages.peak_bytes,
    }
    (out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    return summary


def _check(days: list[date], first_alerting: date, report: IngestReport) -> None:
    if not days:
        raise NoHistoryError(
            f"no event is in the {report.files:,} log files found there ({report.records:,} records, "
            f"{report.set_aside:,} of them unreadable): give the folder that holds CloudTrail's AWSLogs"
        )
    if days[0] >= first_alerting:
        raise NoHistoryError(f"the first event is of {days[0]}, not before {first_alerting}; give a later time")
    if days[-1] < first_alerting:
        raise NoHistoryError(f"the last event is of {days[-1]}, before {first_alerting}; give an earlier time")
    if (days[-1] - days[0]).days < BURN_IN_DAYS:
        raise NoHistoryError(
            f"there are {(days[-1] - days[0]).days} whole days before the last and at least {BURN_IN_DAYS} are needed "
            "to judge one; add older log files"
        )

"""Backtest: what would have been raised, walking through log files as they were delivered.

Reads log files, needs no home and leaves nothing but its output folder.
"""

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from features.call.verified import VerifiedNames
from pipeline.connection import connect
from pipeline.detect.activity import Activity
from pipeline.detect.declared import Declared
from pipeline.detect.replay import Progress, Replay, Replayed, ignore_progress
from pipeline.detect.stages import Stages
from pipeline.detect.trainer import note_history
from pipeline.detect.walk import BURN_IN_DAYS
from pipeline.enrich.geo import Geo
from pipeline.enrich.networks import NO_NETWORKS, read_networks
from pipeline.errors import NoHistoryError, StoreError
from pipeline.ingest.report import IngestReport
from pipeline.ingest.run import ingest
from pipeline.settings import Settings
from pipeline.stores.home import ALERTS_FILE, SPILL, Store, open_store
from pipeline.stores.jsonl.declared import DECLARED_FILE
from pipeline.stores.jsonl.drills import DRILLS_FILE, KEY_FILE
from pipeline.stores.jsonl.marks import MARKS_FILE
from pipeline.stores.jsonl.models import ModelNote
from pipeline.stores.parquet.hour_scores import FOLDER
from pipeline.stores.plain_file import UnfitFileError, read_plain, write_whole
from pipeline.text.plural import agree, plural

SCORES_FILE = "scores.parquet"
SUMMARY_FILE = "summary.json"
_MOST_SUMMARY = 16 << 20
"""Bytes of a summary, at most; ours have some thousand a month."""


_MOST_TOLD = 64 << 20
"""Bytes of what people told a home, a file."""


@dataclass(frozen=True, slots=True)
class Backtest:
    """What to replay, and where the result goes."""

    paths: Sequence[Path | str]
    """CloudTrail files, folders and patterns."""
    train_until: datetime
    """The first alert is of a delivery after it, and of a day that has `BURN_IN_DAYS` before it."""
    out: Path
    """Folder for `alerts.jsonl`, `scores.parquet` and `summary.json`; made when missing. What another backtest left
    there stays until this one is done, and is then replaced."""


def run_backtest(plan: Backtest, settings: Settings, progress: Progress = ignore_progress) -> dict[str, Any]:
    """Learn from what was delivered before a time, then walk forward, retraining nightly; return the summary.

    Parameters
    ----------
    plan
        What to replay.
    settings
        The deployment's; of its home only what was declared is read, and which records are drills'. Without a budget
        what scores 75 or more is raised.
    progress
        Called with a stage and how much of it is done.

    Raises
    ------
    NoHistoryError
        Nothing could be read, or nothing before or after `train_until`.
    """
    plan.out.mkdir(parents=True, exist_ok=True)
    stages = Stages()
    with tempfile.TemporaryDirectory(prefix=".oddtrail-", dir=plan.out) as folder, open_store(Path(folder)) as store:
        _bring_told(settings.home, store.home)
        with stages.timed("ingest"):
            report = _ingest(plan, settings, store)
        with connect(settings.threads, settings.memory, spill=str(store.home / SPILL)) as connection:
            with stages.timed("activity"):
                activity = _count_events(settings, store, connection)
            days, first_alerting = activity.days(), activity.day_of(plan.train_until)
            _check(days, first_alerting, report)
            declared = Declared(store.declared, settings.timezone, settings.lateness_minutes)
            replay = Replay(
                activity,
                settings,
                store.alerts,
                store.home / SCORES_FILE,
                stages,
                models=store.models,
                declared=declared,
                hours=store.hour_scores,
            )
            replayed = replay.run(days, plan.train_until, progress)
        summary = {
            **_summarise(replayed, days, first_alerting, settings.budget),
            "events": report.stored,
            "ingest": report.as_dict(),
            "seconds": {name: round(seconds, 2) for name, seconds in stages.seconds.items()},
            "peak_bytes": stages.peak_bytes,
            "models": [note.as_dict() for note in store.models.every()],
        }
        _publish(summary, store.home, plan.out)
    return summary


def _bring_told(home: Path, into: Path) -> None:
    """Copy what people told a home: a backtest of the same files decides as the home did."""
    for name in (DECLARED_FILE, MARKS_FILE, DRILLS_FILE, KEY_FILE):
        try:
            content = read_plain(home / name, _MOST_TOLD)
        except FileNotFoundError:
            continue
        except (OSError, UnfitFileError) as error:
            raise StoreError(f"{home / name} cannot be read ({error}): mend it, or move it away") from error
        write_whole(into / name, content, 0o600)


def _ingest(plan: Backtest, settings: Settings, store: Store) -> IngestReport:
    geo = Geo.open(settings.geoip) if settings.geoip else None
    networks = read_networks(settings.networks) if settings.networks else NO_NETWORKS
    verified = VerifiedNames(settings.verified_session_names)
    return ingest(plan.paths, store.events, geo=geo, networks=networks, verified=verified, threads=settings.threads)


def _count_events(settings: Settings, store: Store, connection: duckdb.DuckDBPyConnection) -> Activity:
    """Activity of the events as they were first delivered."""
    store.events.view(connection, corrected=False)
    return Activity.of_events(
        connection, timezone=settings.timezone, lateness_minutes=settings.lateness_minutes, by_tick=True
    )


def _publish(summary: dict[str, Any], made: Path, out: Path) -> None:
    """Put the result in place of the one that was there."""
    (made / SUMMARY_FILE).write_text(json.dumps(summary, indent=2) + "\n")
    for name in (ALERTS_FILE, SCORES_FILE, SUMMARY_FILE):
        (made / name).replace(out / name)
    shutil.rmtree(out / FOLDER, ignore_errors=True)
    if (made / FOLDER).exists():
        (made / FOLDER).replace(out / FOLDER)


def read_models(out: Path) -> list[ModelNote]:
    """What a backtest's summary says of the models that its alerts name; nothing where there is none."""
    try:
        content = read_plain(out / SUMMARY_FILE, _MOST_SUMMARY)
        return msgspec.json.decode(content, type=_Models).models
    except (OSError, UnfitFileError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []  # no backtest's folder


class _Models(msgspec.Struct):
    models: list[ModelNote]


def _summarise(replayed: Replayed, days: list[date], first_alerting: date, budget: float | None) -> dict[str, Any]:
    return {
        "principals": replayed.principals,
        "days": {"first": str(days[0]), "first_alerting": str(first_alerting), "last": str(days[-1])},
        "judged_days": replayed.judged_days,
        "raised": replayed.raised,
        "never_judged": replayed.never_judged,
        "adds": replayed.adds,
        "notes": write_notes(days[0], first_alerting, replayed.principals),
        "alerts_a_day": {"asked": budget, "realised": replayed.raised / replayed.judged_days},
    }


def write_notes(first: date, first_alerting: date, principals: int) -> list[str]:
    """What a backtest's history is too short for.

    >>> write_notes(date(2026, 1, 5), date(2026, 1, 6), 200)[0][:72]
    'deliveries before 2026-01-12 could not be judged: that takes 7 days of h'
    """
    judged = first + timedelta(days=BURN_IN_DAYS)
    early = (
        f"deliveries before {judged} could not be judged: that takes {BURN_IN_DAYS} days of history, and there "
        f"{agree((first_alerting - first).days)} {plural((first_alerting - first).days, 'day')} "
        f"before {first_alerting}"
    )
    return [*([early] if first_alerting < judged else []), *note_history((first_alerting - first).days, principals)]


def _check(days: list[date], first_alerting: date, report: IngestReport) -> None:
    if not days:
        raise NoHistoryError(
            f"no event is in the {plural(report.files, 'log file')} found there ({plural(report.records, 'record')}, "
            f"{report.set_aside:,} of them unreadable): give the folder that holds CloudTrail's AWSLogs"
        )
    if days[0] >= first_alerting:
        raise NoHistoryError(f"the first event is of {days[0]}, not before {first_alerting}; give a later time")
    if days[-1] < first_alerting:
        raise NoHistoryError(f"the last event is of {days[-1]}, before {first_alerting}; give an earlier time")
    if (whole := (days[-1] - days[0]).days) < BURN_IN_DAYS:
        raise NoHistoryError(
            f"there {agree(whole)} {plural(whole, 'whole day')} before the last and at least {BURN_IN_DAYS} are needed "
            "to judge one; add older log files"
        )

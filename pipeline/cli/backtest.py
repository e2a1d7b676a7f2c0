"""`oddtrail backtest`: what would have been raised, day by day, had we been running."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.command import command
from pipeline.cli.session import OK, RAISED, Answer, Session

if TYPE_CHECKING:
    from rich.console import Console

EXAMPLES = [
    "oddtrail backtest trail/ --train-until 2026-02-01T00:00:00Z --out result/",
    "oddtrail backtest trail/ --train-until 2026-02-01 --budget 3 --geoip geo/ --out result/",
]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    command(app, "backtest", short="Replay log files as they were delivered.", examples=EXAMPLES)(backtest)


def backtest(
    session: Session,
    paths: Annotated[list[str], typer.Argument(metavar="PATH", help="CloudTrail files, folders or globs.")],
    train_until: Annotated[
        str, typer.Option(metavar="TIME", help="Learn from what was delivered before; then walk forward from there.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for alerts.jsonl, scores.parquet, summary.json.")],
    budget: Annotated[
        str | None, typer.Option(metavar="N", help="Alerts a day, on average, or off. [ODDTRAIL_BUDGET; 5]")
    ] = None,
    geoip: Annotated[
        str | None, typer.Option(metavar="DIR", help="Geo databases: .mmdb, ASN as .csv. [ODDTRAIL_GEOIP]")
    ] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 3 when an alert was raised.")] = False,
) -> Answer:
    """Replay log files as they were delivered: learn from the first part, then score the rest as the worker would.

    Needs no home folder and leaves nothing but DIR. Models are trained again each night of the replay, and nothing is
    decided with what was delivered later. alerts.jsonl has a line for each revision of each alert.
    """
    from datetime import UTC, datetime

    from pipeline.cli.when import parse_when
    from pipeline.detect.backtest import Backtest, run_backtest
    from pipeline.render.backtest import render_summary
    from pipeline.render.console import print_prose
    from pipeline.render.progress import stages_bar
    from pipeline.settings import load_settings

    words = session.words
    settings = load_settings({**session.given, "budget": budget, "geoip": geoip})
    until = parse_when(train_until, now=datetime.now(UTC), timezone=settings.timezone, option="--train-until")
    with stages_bar(session.notes if session.shows_progress else None) as progress:
        summary = run_backtest(Backtest(paths, until, out), settings, progress)

    def text(console: Console) -> None:
        print_prose(console, render_summary(summary, out, words))

    return Answer({**summary, "out": out}, text, RAISED if exit_code and summary["raised"] else OK)

"""`oddtrail scores`: what models of vectors say of principals, hour by hour."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.command import command
from pipeline.cli.session import Answer, Session

if TYPE_CHECKING:
    from rich.console import Console

COLUMNS = (
    "record_score",
    "model",
    "principal",
    "principal_name",
    "principal_kind",
    "hour",
    "scored_at",
    "raw_score",
    "why",
)
"""Columns of `--csv`."""
EXAMPLES = [
    "oddtrail scores",
    "oddtrail scores --since 24h --model population --least 75",
    "oddtrail scores --principal jane --csv > jane.csv",
]
MOST_SHOWN = 50


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    command(app, "scores", short="Show what models say of principals by the hour.", examples=EXAMPLES)(scores)


def scores(
    session: Session,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Hours from then on: a time, a date, or 24h, 7d.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Hours before then.")] = None,
    principal: Annotated[str | None, typer.Option(metavar="TEXT", help="Part of the principal's key or name.")] = None,
    model: Annotated[str | None, typer.Option(metavar="NAME", help="forest, population or pyod:NAME.")] = None,
    least: Annotated[float, typer.Option(metavar="SCORE", min=0, max=100, help="Least record score.")] = 0,
    limit: Annotated[
        int | None, typer.Option(metavar="N", min=1, help=f"So many of the strongest at most. [{MOST_SHOWN}; all]")
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="CSV that is safe to open in a spreadsheet.")] = False,
) -> Answer:
    """Show record scores of hours, the strongest first, and which measures made them.

    A model scores an hour once, when it closes, 15 minutes after its end. A record score of 75 is reached by one
    principal's day a day. Hours of 25 and more are kept, and those of 50 and more explained.
    """
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from models.detectors.blame import Blamed, name_model, word_blamed
    from pipeline.alerts.reason_words import tell_measured
    from pipeline.cli.when import parse_when
    from pipeline.render.console import print_whole
    from pipeline.render.table import plain_table, to_csv
    from pipeline.stores.parquet.hour_scores import ParquetHourScores

    words = session.words
    if csv and session.json:
        raise typer.BadParameter("--csv and --json cannot both be printed: choose one")
    now, timezone = datetime.now(UTC), session.settings.timezone

    def when(text: str | None, option: str) -> datetime | None:
        return parse_when(text, now=now, timezone=timezone, option=option) if text else None

    found = ParquetHourScores(session.settings.home).read(
        since=when(since, "--since"), until=when(until, "--until"), principal=principal, model=model, least=least
    )
    rows = found.slice(0, limit).to_pylist() if limit else found.to_pylist()
    for row in rows:
        row["why"] = "; ".join(word_blamed(Blamed(**one)) for one in row["measures"])

    def text(console: Console) -> None:
        if csv:
            sys.stdout.write(to_csv(rows, COLUMNS))
            return
        if not rows:
            score = session.line("score")
            print_whole(console, words.say("No scores. `{command}` writes them as hours close.", command=score))
            return
        columns = {
            words.say("score"): "right",
            words.say("model"): "left",
            words.say("hour"): "left",
            words.say("principal"): "fold",
            words.say("why"): "fold",
        }
        shown, zone = rows[: limit or MOST_SHOWN], ZoneInfo(timezone)
        lines = [
            (
                f"{row['record_score']:.0f}",
                words.find(name_model(row["model"])),
                f"{row['hour'].astimezone(zone):%Y-%m-%d %H:%M}",
                row["principal_name"],
                "; ".join(tell_measured(word_blamed(Blamed(**one)), words) for one in row["measures"]),
            )
            for row in shown
        ]
        console.print(plain_table(columns, lines))
        if found.num_rows > len(shown):
            left = found.num_rows - len(shown)
            weaker = words.say_many(left, "{n} weaker score is not shown.", "{n} weaker scores are not shown.")
            print_whole(console, weaker)

    return Answer({"scores": rows, "count": found.num_rows}, text)

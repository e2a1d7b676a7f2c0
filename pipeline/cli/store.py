"""`oddtrail store`: what is kept, and the ways to make it smaller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.command import command, group
from pipeline.cli.session import Answer, Session
from pipeline.text.plural import plural

if TYPE_CHECKING:
    from rich.console import Console

INFO_EXAMPLES = ["oddtrail store info", "oddtrail store info --json | jq .bytes"]
COMPACT_EXAMPLES = ["oddtrail store compact"]
PRUNE_EXAMPLES = ["oddtrail store prune --before 2026-01-01", "oddtrail store prune --before 90d --dry-run"]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    store = group("What is kept, and the ways to make it smaller.")
    command(store, "info", short="Say what the store holds.", examples=INFO_EXAMPLES)(info)
    command(store, "compact", short="Merge small files.", examples=COMPACT_EXAMPLES)(compact)
    command(store, "prune", short="Forget what is old.", examples=PRUNE_EXAMPLES)(prune)
    app.add_typer(store, name="store")


def info(session: Session) -> Answer:
    """Say what the store holds: events by account, days, bytes."""
    from pipeline.render.console import print_whole
    from pipeline.render.table import plain_table
    from pipeline.reports.store_info import describe

    held = describe(session.store)

    def text(console: Console) -> None:
        size = f"{held['bytes'] / 1e6:,.1f} MB"
        events = f"{held['events']:,} events of {plural(held['files'], 'file')}, {size}"
        print_whole(console, f"{held['home']}: {events}")
        if not held["accounts"]:
            return
        rows = [
            (row["account"], f"{row['events']:,}", row["first"], row["last"], row["days"]) for row in held["accounts"]
        ]
        columns = {"account": "left", "events": "right", "first": "left", "last": "left", "days": "right"}
        console.print(plain_table(columns, rows))

    return Answer(held, text)


def compact(session: Session) -> Answer:
    """Merge small Parquet files; ingest does the same as it goes."""
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    with session.store.events.writing(now):
        saved = session.store.events.compact(now)

    def text(console: Console) -> None:
        console.print(f"{saved:,} files fewer." if saved else "Nothing to merge.")

    return Answer({"files_saved": saved}, text)


def prune(
    session: Session,
    before: Annotated[str, typer.Option(metavar="DATE", help="First day to keep: a date, or a span ago such as 90d.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would go.")] = False,
) -> Answer:
    """Forget the events of days before a day, evidence included.

    Alerts and models stay; `alerts show --events` no longer finds the records of what was forgotten.
    """
    from datetime import UTC, datetime

    from pipeline.cli.when import parse_when

    now = datetime.now(UTC)
    day = parse_when(before, now=now, timezone="UTC", option="--before").date()
    if dry_run:
        forgotten = session.store.events.count_before(day)
    else:
        with session.store.events.writing(now):
            forgotten = session.store.events.prune(day, now)

    def text(console: Console) -> None:
        console.print(f"{forgotten:,} events of days before {day} {'would be' if dry_run else 'were'} forgotten.")

    return Answer({"before": day, "events": forgotten, "dry_run": dry_run}, text)

"""`oddtrail store`: what is kept, and the ways to make it smaller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.command import command, group
from pipeline.cli.session import FAILED, OK, Answer, Session

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.stores.parquet.segment import Segment

INFO_EXAMPLES = ["oddtrail store info", "oddtrail store info --json | jq .bytes"]
COMPACT_EXAMPLES = ["oddtrail store compact"]
VERIFY_EXAMPLES = ["oddtrail store verify", "oddtrail store verify --json | jq .lost"]
PRUNE_EXAMPLES = ["oddtrail store prune --before 2026-01-01", "oddtrail store prune --before 90d --dry-run"]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    store = group("What is kept, and the ways to make it smaller.")
    command(store, "info", short="Say what the store holds.", examples=INFO_EXAMPLES)(info)
    command(store, "compact", short="Merge small files.", examples=COMPACT_EXAMPLES)(compact)
    command(store, "prune", short="Forget what is old.", examples=PRUNE_EXAMPLES)(prune)
    command(store, "verify", short="Read everything and find what is damaged.", examples=VERIFY_EXAMPLES)(verify)
    app.add_typer(store, name="store")


def info(session: Session) -> Answer:
    """Say what the store holds: events by account, days, bytes; and activity that was fetched without its events."""
    from pipeline.render.console import print_whole
    from pipeline.render.table import plain_table
    from pipeline.reports.store_info import describe

    held, words = describe(session.store), session.words

    def text(console: Console) -> None:
        said = words.say(
            "{home}: {events} of {files}, {size}",
            home=held["home"],
            events=words.say_many(held["events"], "{n} event", "{n} events"),
            files=words.say_many(held["files"], "{n} file", "{n} files"),
            size=f"{held['bytes'] / 1e6:,.1f} MB",
        )
        print_whole(console, said)
        for place, days in held["activity"]["fetched"].items():
            fetched = words.say_many(
                days,
                "Activity of {n} account-day was fetched from {place}.",
                "Activity of {n} account-days was fetched from {place}.",
                place=place,
            )
            print_whole(console, fetched)
        if not held["accounts"]:
            return
        rows = [
            (row["account"], f"{row['events']:,}", row["first"], row["last"], row["days"]) for row in held["accounts"]
        ]
        columns = {
            words.say("account"): "left",
            words.say("events"): "right",
            words.say("first"): "left",
            words.say("last"): "left",
            words.say("days"): "right",
        }
        console.print(plain_table(columns, rows))

    return Answer(held, text)


def compact(session: Session) -> Answer:
    """Merge small Parquet files; ingest does the same as it goes."""
    from datetime import UTC, datetime

    now, words = datetime.now(UTC), session.words
    with session.store.events.writing(now):
        saved = session.store.events.compact(now)

    def text(console: Console) -> None:
        fewer = words.say_many(saved, "{n} file fewer.", "{n} files fewer.")
        console.print(fewer if saved else words.say("Nothing to merge."))

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

    now, words = datetime.now(UTC), session.words
    day = parse_when(before, now=now, timezone="UTC", option="--before").date()
    if dry_run:
        forgotten = session.store.events.count_before(day)
    else:
        with session.store.events.writing(now):
            forgotten = session.store.events.prune(day, now)
            session.store.hour_scores.prune(day)

    def text(console: Console) -> None:
        if dry_run:
            said = words.say_many(
                forgotten,
                "{n} event of days before {day} would be forgotten.",
                "{n} events of days before {day} would be forgotten.",
                day=day,
            )
        else:
            said = words.say_many(
                forgotten,
                "{n} event of days before {day} was forgotten.",
                "{n} events of days before {day} were forgotten.",
                day=day,
            )
        console.print(said)

    return Answer({"before": day, "events": forgotten, "dry_run": dry_run}, text)


def verify(
    session: Session,
    give_up: Annotated[
        bool, typer.Option("--give-up", help="Give up what is lost: its log files are not there any more.")
    ] = False,
) -> Answer:
    """Read every file of the store and hold it against its hash. Exit code 1 says that something is damaged.

    What is damaged is set aside, so that everything else can be used, until it is put back from a copy, which the next
    run sees, or until `oddtrail ingest` reads the log files of its days again: they no longer count as known. What is
    still there is not stored twice. Activity is made again by the next training. What an earlier version wrote has no
    hash yet and gets one now.
    """
    from datetime import UTC, datetime

    from pipeline.render.progress import bytes_bar
    from pipeline.render.verified import show_verified
    from pipeline.stores.parquet.verify import verify as verify_store

    now, words = datetime.now(UTC), session.words
    with bytes_bar(session.notes if session.shows_progress else None) as moved:
        report = verify_store(session.store, now, moved)
    given_up = 0
    if give_up:
        with session.store.manifest.transaction():
            given_up = session.store.manifest.give_up(now)
    damaged = bool(report.activity or (report.lost and not give_up))

    document = {
        "segments": report.segments,
        "bytes": report.bytes,
        "hashed": report.hashed,
        "lost": [_damaged(segment, found) for segment, found in report.lost],
        "activity": [_damaged(segment, found) for segment, found in report.activity],
        "taken_back": report.taken_back,
        "unlisted": report.unlisted,
        "files_to_ingest_again": report.asked,
        "for_example": report.origins,
        "given_up": given_up,
    }

    def text(console: Console) -> None:
        show_verified(console, report, given_up if give_up else None, words)

    return Answer(document, text, FAILED if damaged else OK, tells_damage=True)


def _damaged(segment: Segment, found: str) -> dict[str, object]:
    return {
        "path": segment.path,
        "kind": segment.kind,
        "account": segment.account,
        "day": segment.day,
        "records": segment.rows,
        "found": found,
    }

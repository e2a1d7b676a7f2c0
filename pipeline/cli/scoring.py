"""`oddtrail train` and `oddtrail score`: learn what is normal, and look at what came since."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.command import command
from pipeline.cli.session import OK, RAISED, Answer, Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from rich.console import Console

TRAIN_EXAMPLES = ["oddtrail train", "oddtrail train --until 2026-03-01", "oddtrail train --from-scratch"]
SCORE_EXAMPLES = [
    "oddtrail score",
    "oddtrail score --json | jq .raised",
    "oddtrail score --exit-code; [ $? -eq 3 ] && notify-me",
]
Until = Annotated[
    str | None, typer.Option(metavar="TIME", help="As if it were this time: a time, a date, or a span ago as in 7d.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    command(app, "train", short="Learn what is normal.", examples=TRAIN_EXAMPLES)(train)
    command(app, "score", short="Look at what came since, and raise alerts.", examples=SCORE_EXAMPLES)(score)


def train(
    session: Session,
    until: Until = None,
    from_scratch: Annotated[
        bool, typer.Option("--from-scratch", help="Read the whole history, whatever model there is.")
    ] = False,
) -> Answer:
    """Learn what is normal for every principal and its peers, and calibrate the score. Run it each night.

    Learns from everything delivered before the day of the newest delivery. It goes on from the newest model by the days
    that are new, as long as all that the model had learnt is still the same: files that came of days before, alerts
    raised late, other settings or another version have it go on from an older model, or from scratch. What comes of it
    is the same either way, and the answer says which it was and why. The first training leaves the last seven
    days to `oddtrail score` where there is history enough, so that there is something to look at. Eight whole days of
    history are the least; with less than three weeks, rates lean on peer groups and on a shipped prior, and the answer
    says so. A principal without a history of its own borrows from its peers from its first minute. Where activity_at
    names a place into which `oddtrail spark-backfill` put activity of older days, that is fetched and learnt as well.

    The new model serves only if it is no worse than the one in service: by its calibration, the alerts that it
    predicts, the order in which it puts principals, and attacks that are planted into the newest day to try both. Else
    the one in service stays, and the answer and `operations.jsonl` say why.
    """
    from pipeline.render.console import print_whole
    from pipeline.render.inert_text import inert_text
    from pipeline.reports.training_words import tell_note, tell_start
    from pipeline.shared.rounds import train_apart

    words = session.words
    with _telling(session):
        report = train_apart(session.store, session.settings, _now(session, until), from_scratch=from_scratch)

    def text(console: Console) -> None:
        learned = words.say(
            "Learned {days} from {first} on, {principals}, in {seconds} s: model {model}.",
            days=words.say_many(report.days, "{n} day", "{n} days"),
            first=report.first_day,
            principals=words.say_many(report.principals, "{n} principal", "{n} principals"),
            seconds=f"{report.seconds:.1f}",
            model=report.model_id,
        )
        console.print(inert_text(learned))
        why = tell_start(report.why, words)
        if report.stepped_from is None:
            said = words.say("All of them from scratch: {why}.", why=why)
        else:
            said = words.say_many(
                report.stepped_days,
                "Went on from model {model} by {n} new day: {why}.",
                "Went on from model {model} by {n} new days: {why}.",
                model=report.stepped_from,
                why=why,
            )
        console.print(inert_text(said))
        for note in report.notes:
            console.print(inert_text(words.say("Note: {note}.", note=tell_note(note, words)), longest=1000))
        looks = words.say(
            "`{command}` looks at what was delivered from {first} to {last}.",
            command=session.line("score"),
            first=report.day,
            last=report.newest_day,
        )
        print_whole(console, looks)

    return Answer(report.as_dict(), text)


def score(
    session: Session,
    until: Until = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 3 when an alert was raised.")] = False,
) -> Answer:
    """Score what was delivered since the last time, and raise alerts within the budget. Run it every five minutes.

    Running it again is harmless. Exit code 0 says that everything could be scored, alerts or not; 1 says that it could
    not, and why.
    """
    from pipeline.render.console import print_whole
    from pipeline.render.inert_text import inert_text
    from pipeline.shared.rounds import score_apart

    words = session.words
    with _telling(session):
        report = score_apart(session.store, session.settings, _now(session, until))

    def text(console: Console) -> None:
        scored = words.say(
            "Scored {first} to {last} in {seconds} s with model {model}: {what}.",
            first=report.first_day,
            last=report.last_day,
            seconds=f"{report.seconds:.1f}",
            model=report.model_id,
            what=words.say_many(report.raised, "{n} new alert", "{n} new alerts")
            if report.raised
            else words.say("no new alert"),
        )
        console.print(inert_text(scored))
        if report.never_judged:
            late = words.say_many(
                report.never_judged,
                "{n} event came too late to be judged: `{command}` says why.",
                "{n} events came too late to be judged: `{command}` says why.",
                command=session.line("doctor"),
            )
            print_whole(console, late)
        if report.open_alerts:
            shows = words.say_many(
                report.open_alerts,
                "{n} alert raised on those days: `{command}` shows it.",
                "{n} alerts raised on those days: `{command}` shows them.",
                command=session.line("alerts list"),
            )
            print_whole(console, shows)

    return Answer(report.as_dict(), text, RAISED if exit_code and report.raised else OK)


@contextmanager
def _telling(session: Session) -> Iterator[None]:
    """Say on standard error what a block adds to the operations events, as errors are said."""
    from pipeline.reports.gate_words import tell_decision
    from pipeline.stores.jsonl.operations import OPERATIONS_FILE, OperationsJsonl
    from pipeline.text.inert import inert

    operations = OperationsJsonl(session.store.home / OPERATIONS_FILE)
    before = len(operations.every())
    try:
        yield
    finally:
        for event in operations.every()[before:]:
            said = tell_decision(str(event.get("text")), session.words)
            print(f"oddtrail: {inert(said, longest=2000)}", file=sys.stderr)


def _now(session: Session, until: str | None) -> datetime:
    from datetime import UTC, datetime

    from pipeline.cli.when import parse_when

    now = datetime.now(UTC)
    return parse_when(until, now=now, timezone=session.settings.timezone, option="--until") if until else now

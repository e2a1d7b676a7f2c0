"""`oddtrail alerts`: what was odd, and everything about one of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import marks, publish
from pipeline.cli.command import command, group
from pipeline.cli.session import OK, RAISED, Answer, Session
from pipeline.errors import NoHistoryError

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.alerts.story import Story
    from pipeline.stores.jsonl.marks import Standing

COLUMNS = (
    "alert_id",
    "revision",
    "record_score",
    "severity",
    "raised",
    "detected_at",
    "window_start",
    "window_end",
    "account",
    "principal",
    "principal_name",
    "principal_kind",
    "title",
    "tactics",
    "event_count",
    "model_id",
)
"""Columns of `--csv`."""

LIST_EXAMPLES = [
    "oddtrail alerts list",
    "oddtrail alerts list --since 24h --severity high",
    "oddtrail alerts list --principal jane --all",
    "oddtrail alerts list --csv > alerts.csv",
]
SHOW_EXAMPLES = [
    "oddtrail alerts show 3f9ac2",
    "oddtrail alerts show 3f9ac2 --markdown > ticket.md",
    "oddtrail alerts show 3f9ac2 --events",
    "oddtrail alerts show 3f9ac2 --lang ko --numbers",
]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    alerts = group("What was odd: list the alerts, show everything about one, and say what it was.")
    command(alerts, "list", short="List what was odd.", examples=LIST_EXAMPLES)(list_alerts)
    command(alerts, "show", short="Tell one alert, whole.", examples=SHOW_EXAMPLES)(show)
    command(alerts, "publish", short="Tell search engines what was odd.", examples=publish.EXAMPLES)(publish.publish)
    command(alerts, "mark", short="Say what an alert was, and what that costs.", examples=marks.MARK_EXAMPLES)(
        marks.mark
    )
    command(alerts, "marks", short="List what was said of alerts.", examples=marks.LIST_EXAMPLES)(marks.marks)
    command(alerts, "unmark", short="Take a mark back.", examples=marks.UNMARK_EXAMPLES)(marks.unmark)
    app.add_typer(alerts, name="alerts")


def list_alerts(
    session: Session,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Written at this time or later: a time, a date, or 24h, 7d.")
    ] = None,
    principal: Annotated[str | None, typer.Option(metavar="TEXT", help="Part of the principal's ARN or name.")] = None,
    min_score: Annotated[float, typer.Option(metavar="SCORE", help="Least record score, 0 to 100.")] = 0,
    severity: Annotated[
        str, typer.Option(metavar="LEVEL", help="Least severity: low, medium, high or critical.")
    ] = "low",
    every: Annotated[bool, typer.Option("--all", help="Those that were not raised as well, and why.")] = False,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="So many of the strongest at most.")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="CSV that is safe to open in a spreadsheet.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 3 when there are any.")] = False,
) -> Answer:
    """List the alerts that were raised, strongest first.

    The record score says how rare such a day is here: without any attack about one a day is to reach 75, and one in
    ten days 90 (measured: 1.2 to 1.4 a day, and 0.1 to 0.4). Severity asks for harm besides.
    """
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from pipeline.cli.when import parse_when
    from pipeline.render.alert import ID_SHOWN, render_list
    from pipeline.render.console import print_whole
    from pipeline.render.table import to_csv
    from pipeline.stores.gravity import LEVELS, reaches

    if csv and session.json:
        raise typer.BadParameter("--csv and --json cannot both be printed: choose one")
    if severity not in LEVELS:
        raise typer.BadParameter(f"--severity is {severity[:40]!r}: give {', '.join(LEVELS)}")
    timezone, words = session.settings.timezone, session.words
    found = session.alerts.latest(
        written_since=parse_when(since, now=datetime.now(UTC), timezone=timezone, option="--since") if since else None,
        principal=principal,
        min_score=min_score,
        raised=None if every else True,
    )
    if not found:
        _check_scored(session)
    found = [alert for alert in found if reaches(alert.severity, severity)]
    count, found = len(found), found[:limit]
    documents = [alert.as_dict() for alert in found]

    def text(console: Console) -> None:
        if csv:
            sys.stdout.write(to_csv(documents, COLUMNS))
        elif found:
            console.print(render_list(found, ZoneInfo(timezone), words))
            first = session.line(f"alerts show {found[0].alert_id[:ID_SHOWN]}")
            console.print()
            if count > len(found):
                left = count - len(found)
                weaker = words.say_many(left, "{n} weaker one is not shown.", "{n} weaker ones are not shown.")
                print_whole(console, weaker)
            print_whole(console, words.say("{command}    tells the whole of the first", command=first))
        else:
            doctor = session.line("doctor")
            print_whole(console, words.say("No alerts. `{command}` says what the data cannot show.", command=doctor))

    return Answer({"alerts": documents, "count": count}, text, RAISED if exit_code and found else OK)


def _check_scored(session: Session) -> None:
    """That nothing was found means something only where something was looked at."""
    from pipeline.detect.scoring import CHECKPOINT
    from pipeline.stores.home import ALERTS_FILE

    if (session.settings.home / ALERTS_FILE).exists():
        return
    if session.store.state.checkpoint(CHECKPOINT) is None:
        commands = f"`{session.line('train')}`, then `{session.line('score')}`"
        raise NoHistoryError(f"nothing has been scored in {session.settings.home} yet: run {commands}")


def show(
    session: Session,
    alert_id: Annotated[str, typer.Argument(metavar="ID", help="An alert's id, or how it starts.")],
    events: Annotated[bool, typer.Option("--events", help="Print the raw records, a line each, and no more.")] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Markdown for a ticket, in which no name is read as markup.")
    ] = False,
    numbers: Annotated[
        bool, typer.Option("--numbers", help="Evidence in numbers that add up, and the models' scores.")
    ] = False,
) -> Answer:
    """Tell one alert: what happened, why it is odd, who did it with what, what to do first, and where the evidence is.

    A medium reason makes an attacker ten times likelier than the principal, a strong one a hundred, a very strong one a
    thousand times. With --numbers each has its evidence: +2.3 is ten times, +4.6 a hundred, and they add up to the
    alert's. (It is the natural logarithm of a likelihood ratio: nats.)

    Severity says how soon to look: critical is what is both rare and harmful, high can wait an hour, medium a day.
    """
    from zoneinfo import ZoneInfo

    from pipeline.alerts.events import read_events, read_raw
    from pipeline.alerts.related import find_related
    from pipeline.alerts.story import recall_story, tell
    from pipeline.render.alert import ID_SHOWN, render_full
    from pipeline.render.alert_document import describe_alert
    from pipeline.render.alert_markdown import write_markdown
    from pipeline.render.console import print_prose, print_whole
    from pipeline.render.document import escaped
    from pipeline.render.marks import write_standing
    from pipeline.stores.home import STATE_FILE

    if markdown and (events or session.json):
        raise typer.BadParameter("--markdown goes with neither --events nor --json: choose one")
    alert = session.alerts.find(alert_id)
    zone, words = ZoneInfo(session.settings.timezone), session.words
    stored = events or (session.settings.home / STATE_FILE).exists()
    found = read_events(session.store.events, session.settings, alert) if stored else None
    evidence = found if found and found.rows else None
    if evidence:
        story: Story | None = tell(evidence.rows, evidence.total, reasons=evidence.reasons, zone=zone)
    else:
        story = recall_story(alert)
    related = find_related(alert, session.alerts.latest())
    revisions, query = session.alerts.revisions(alert.alert_id), evidence.query if evidence else None
    document = describe_alert(alert, revisions, story, related, query)
    said = _find_said(session, alert.alert_id) if stored else []
    document["marks"] = [one.as_dict() for one in said]
    records: list[str] = []
    if events and found:
        raw = read_raw(session.store.events, alert, found)
        records = [record.decode("utf-8", "backslashreplace") for record in raw]
        document["events"] = records

    def text(console: Console) -> None:
        if events:
            print("\n".join(map(escaped, records)))
        elif markdown:
            sys.stdout.write(write_markdown(alert, zone, story, related, words, numbers))
        else:
            again = session.line(f"alerts show {alert.alert_id[:ID_SHOWN]}")
            print_prose(console, render_full(alert, zone, story, query, again, related, words, numbers))
            for one in said:
                said_of = write_standing(one, zone, words)
                print_whole(console, words.say("Marked {id}: {said}", id=one.mark.id, said=said_of))

    return Answer(document, text)


def _find_said(session: Session, alert_id: str) -> list[Standing]:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    today = datetime.now(UTC).astimezone(ZoneInfo(session.settings.timezone)).date()
    return [one for one in session.store.marks.standing(today) if one.mark.alert_id == alert_id]

"""`oddtrail alerts`: what was odd, and everything about one of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.command import command, group
from pipeline.cli.session import OK, RAISED, Answer, Session
from pipeline.errors import NoHistoryError

if TYPE_CHECKING:
    from rich.console import Console

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
    "oddtrail alerts list --since 24h --min-score 75",
    "oddtrail alerts list --principal jane --all",
    "oddtrail alerts list --csv > alerts.csv",
]
SHOW_EXAMPLES = ["oddtrail alerts show 3f9ac2", "oddtrail alerts show 3f9ac2 --events"]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    alerts = group("What was odd: list the alerts, and show everything about one.")
    command(alerts, "list", short="List what was odd.", examples=LIST_EXAMPLES)(list_alerts)
    command(alerts, "show", short="Tell one alert, whole.", examples=SHOW_EXAMPLES)(show)
    app.add_typer(alerts, name="alerts")


def list_alerts(
    session: Session,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Detected at this time or later: a time, a date, or 24h, 7d.")
    ] = None,
    principal: Annotated[str | None, typer.Option(metavar="TEXT", help="Part of the principal's ARN or name.")] = None,
    min_score: Annotated[float, typer.Option(metavar="SCORE", help="Least record score, 0 to 100.")] = 0,
    every: Annotated[bool, typer.Option("--all", help="Those held back by the budget as well.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="CSV that is safe to open in a spreadsheet.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 3 when there are any.")] = False,
) -> Answer:
    """List the alerts that were raised, strongest first.

    A record score of 75 is reached about once a day without any attack, 90 once in ten days.
    """
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from pipeline.cli.when import parse_when
    from pipeline.render.alert import ID_SHOWN, render_list
    from pipeline.render.console import print_whole
    from pipeline.render.table import to_csv

    timezone = session.settings.timezone
    found = session.alerts.latest(
        since=parse_when(since, now=datetime.now(UTC), timezone=timezone, option="--since") if since else None,
        principal=principal,
        min_score=min_score,
        raised=None if every else True,
    )
    if not found:
        _check_scored(session)
    documents = [alert.as_dict() for alert in found]

    def text(console: Console) -> None:
        if csv:
            sys.stdout.write(to_csv(documents, COLUMNS))
        elif found:
            console.print(render_list(found, ZoneInfo(timezone)))
            first = session.line(f"alerts show {found[0].alert_id[:ID_SHOWN]}")
            console.print()
            print_whole(console, f"{first}    tells the whole of the first")
        else:
            print_whole(console, f"No alerts. `{session.line('doctor')}` says what the data cannot show.")

    return Answer({"alerts": documents, "count": len(found)}, text, RAISED if exit_code and found else OK)


def _check_scored(session: Session) -> None:
    """That nothing was found means something only where something was looked at."""
    from pipeline.detect.worker import CHECKPOINT
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
) -> Answer:
    """Tell one alert: what happened, why it is odd, what to do first, and where the evidence is.

    Each reason has its evidence in nats, the natural logarithm of how many times likelier it is that an attacker did
    this than the principal: +2.3 is ten times, +4.6 a hundred times. They add up to the alert's evidence.
    """
    from zoneinfo import ZoneInfo

    from pipeline.alerts.events import read_events, read_raw
    from pipeline.alerts.story import tell
    from pipeline.render.alert import ID_SHOWN, render_full
    from pipeline.render.console import print_prose
    from pipeline.render.document import escaped
    from pipeline.stores.home import STATE_FILE

    alert = session.alerts.find(alert_id)
    stored = events or (session.settings.home / STATE_FILE).exists()
    evidence = read_events(session.store.events, session.settings, alert) if stored else None
    document: dict[str, Any] = {
        "alert": alert.as_dict(),
        "revisions": [revision.as_dict() for revision in session.alerts.revisions(alert.alert_id)],
        "query": evidence.query if evidence else None,
    }
    if events and evidence:
        raw = read_raw(session.store.events, alert, evidence)
        records = [record.decode("utf-8", "backslashreplace") for record in raw]
        document["events"] = records

    def text(console: Console) -> None:
        if events:
            print("\n".join(map(escaped, records)))
            return
        zone, again = ZoneInfo(session.settings.timezone), session.line(f"alerts show {alert.alert_id[:ID_SHOWN]}")
        told = evidence is not None and bool(evidence.rows)
        story = tell(evidence.rows, evidence.total, reasons=evidence.reasons, zone=zone) if evidence and told else None
        print_prose(console, render_full(alert, zone, story, evidence.query if evidence and story else None, again))

    return Answer(document, text)

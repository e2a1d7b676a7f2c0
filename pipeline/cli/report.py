"""`oddtrail report`: what happened, as one file or as text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.command import command
from pipeline.cli.session import Answer, Session
from pipeline.errors import StoreError

if TYPE_CHECKING:
    from rich.console import Console

EXAMPLES = [
    "oddtrail report",
    "oddtrail report --since 30d --out april.html",
    "oddtrail report --since 24h --text | mail -s oddtrail soc@example.com",
    "oddtrail report --lang ko",
]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    command(app, "report", short="Write some days as one file, or as text.", examples=EXAMPLES)(report)


def report(
    session: Session,
    since: Annotated[str, typer.Option(metavar="TIME", help="From the day of this on: a time, a date, or 7d.")] = "7d",
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="To the day of this; else to the newest that is known.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where the HTML goes; else oddtrail-FROM-TO.html here.")
    ] = None,
    as_text: Annotated[bool, typer.Option("--text", help="Print text instead, as for a mail.")] = False,
) -> Answer:
    """Write what happened in some days as one HTML file under 3 MB that needs no network, or as text.

    It holds the incidents of each day, the strongest alerts whole, when it is busiest, from where it is used and what
    was covered. A span counts back from the end of the last day, so 7d is seven days.
    """
    from datetime import UTC, datetime, time, timedelta

    from pipeline.cli.when import parse_when
    from pipeline.page.home import Home
    from pipeline.page.period import find_last_day, read_period
    from pipeline.page.report import write_report
    from pipeline.page.report_text import write_text

    if as_text and (out or session.json):
        raise typer.BadParameter("--text is printed: it goes with neither --out nor --json")
    home, now = Home(session.settings), datetime.now(UTC)
    home.alerts.refresh()
    zone, timezone = home.zone, home.settings.timezone
    if until:
        last = parse_when(until, now=now, timezone=timezone, option="--until").astimezone(zone).date()
    else:
        last = find_last_day(home, now.astimezone(zone).date())
    end = datetime.combine(last + timedelta(days=1), time(), zone)
    first = parse_when(since, now=end, timezone=timezone, option="--since").astimezone(zone).date()
    if first > last:
        raise typer.BadParameter(f"--since is {first}, which is after {last}: give an earlier one")
    period = read_period(home, first, last)
    document = {"first": period.first, "last": period.last, "incidents": period.incidents, "events": period.events}
    if as_text:
        text = write_text(home, period)
        return Answer(document, lambda _: print(text, end=""))
    path = out or Path(f"oddtrail-{period.first}-{period.last}.html")
    html = write_report(home, period)
    try:
        path.write_text(html, encoding="utf-8")
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror}): name another file with --out") from error

    def tell(console: Console) -> None:
        from pipeline.render.console import print_whole

        words, size = session.words, f"{len(html.encode()):,}"
        said = words.say("{first} to {last}, {size} bytes", first=period.first, last=period.last, size=size)
        print_whole(console, f"{path}: {said}")

    return Answer({**document, "file": path, "bytes": len(html.encode())}, tell)

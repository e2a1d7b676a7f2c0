"""`oddtrail events` and `oddtrail sql`: what else came from there, who touched this."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.command import command
from pipeline.cli.session import Answer, Session

if TYPE_CHECKING:
    from rich.console import Console

EVENTS_EXAMPLES = [
    "oddtrail events --address 198.51.100.7",
    "oddtrail events --resource bucket:ledger --since 7d",
    "oddtrail events --principal jane --action 's3:Delete*' --json | jq -r '.events[].event_id'",
]
SQL_EXAMPLES = [
    'oddtrail sql "SELECT action, count(*) FROM events GROUP BY ALL ORDER BY 2 DESC LIMIT 10"',
    "oddtrail sql --csv \"SELECT * FROM events WHERE list_contains(facts, 'root')\" > root.csv",
    'oddtrail sql "DESCRIBE events"',
]
Limit = Annotated[int, typer.Option("--limit", metavar="N", min=1, max=1_000_000, help="Rows to print, at most.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    command(app, "events", short="Find events in the store.", examples=EVENTS_EXAMPLES)(events)
    command(app, "sql", short="Ask the store in SQL.", examples=SQL_EXAMPLES)(sql)


def events(
    session: Session,
    principal: Annotated[str, typer.Option(metavar="TEXT", help="Part of the principal's key or name.")] = "",
    account: Annotated[str, typer.Option(metavar="ID", help="The account that received the call.")] = "",
    address: Annotated[str, typer.Option(metavar="IP", help="An address, or a network as in 198.51.100.0/24.")] = "",
    resource: Annotated[
        str, typer.Option(metavar="NAME", help="What was touched: bucket:ledger, ledger, or with * as in ledger-*.")
    ] = "",
    action: Annotated[
        str, typer.Option(metavar="NAME", help="The call: s3:GetObject, GetObject, or with * as in s3:Delete*.")
    ] = "",
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Happened at this time or later: a time, a date, or 24h, 7d.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Happened before this time.")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="CSV that is safe to open in a spreadsheet.")] = False,
    limit: Limit = 100,
) -> Answer:
    """Find events in the store, the newest first: what else came from there, who touched this.

    What is given must all hold.
    """
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from pipeline.cli.when import parse_when
    from pipeline.connection import connect
    from pipeline.reports.find_events import COLUMNS, Wanted, find_events

    _refuse_both(session, csv)
    settings, words = session.settings, session.words
    now, zone = datetime.now(UTC), settings.timezone
    with connect(settings.threads, settings.memory) as connection:
        session.store.events.view(
            connection,
            since=parse_when(since, now=now, timezone=zone, option="--since") if since else None,
            until=parse_when(until, now=now, timezone=zone, option="--until") if until else None,
        )
        found = find_events(connection, Wanted(principal, account, address, resource, action), limit)

    def text(console: Console) -> None:
        from pipeline.render.events import render_events
        from pipeline.render.table import to_csv

        if csv:
            sys.stdout.write(to_csv(found.rows, COLUMNS))
            return
        if found.rows:
            console.print(render_events(found.rows, ZoneInfo(zone), words))
        if not found.total:
            said = words.say("No event matches.")
        elif found.total > len(found.rows):
            said = words.say_many(
                found.total,
                "{n} event matches; these are the newest {shown}.",
                "{n} events match; these are the newest {shown}.",
                shown=f"{len(found.rows):,}",
            )
        else:
            said = words.say_many(found.total, "{n} event matches.", "{n} events match.")
        console.print(said)

    return Answer({"events": found.rows, "count": len(found.rows), "total": found.total}, text)


def sql(
    session: Session,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="One SELECT, in DuckDB's SQL.")],
    csv: Annotated[bool, typer.Option("--csv", help="CSV that is safe to open in a spreadsheet.")] = False,
    limit: Limit = 1000,
) -> Answer:
    """Ask the store in SQL. Reading only: nothing in the store or elsewhere can be changed, or read, by it.

    The tables are events (an event a row), set_aside and other (records that are no events), joint and touched
    (hourly activity). `DESCRIBE events` names the columns.
    """
    from pipeline.reports.query import open_tables, run_query

    _refuse_both(session, csv)
    words = session.words
    with open_tables(session.store, session.settings) as connection:
        result = run_query(connection, query, limit)

    def text(console: Console) -> None:
        from pipeline.render.table import plain_table, to_csv

        if csv:
            rows = (dict(zip(result.columns, row, strict=True)) for row in result.rows)
            sys.stdout.write(to_csv(rows, result.columns))
            return
        headings = {f"{name}{' ' * result.columns[:at].count(name)}": "fold" for at, name in enumerate(result.columns)}
        console.print(plain_table(headings, result.rows))
        if result.more:
            console.print(words.say("More rows than {n}: give --limit, or a narrower query.", n=f"{limit:,}"))

    document = {"columns": result.columns, "rows": result.rows, "more": result.more}
    return Answer(document, text)


def _refuse_both(session: Session, csv: bool) -> None:
    if csv and session.json:
        raise typer.BadParameter("give --csv or --json, not both")

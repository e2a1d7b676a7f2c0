"""`oddtrail spark-backfill`: years of many accounts into activity, on Spark."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.command import command
from pipeline.cli.enrichment import Geoip, Networks
from pipeline.cli.ingest import Since, check_sources, day_of
from pipeline.cli.session import Answer, Session

if TYPE_CHECKING:
    from rich.console import Console

EXAMPLES = [
    "oddtrail spark-backfill trail/ --out activity/",
    "oddtrail spark-backfill trail/ --out activity/ --master 'local[8]' --conf spark.driver.memory=8g",
    "oddtrail spark-backfill s3://org-trail/AWSLogs/ --out s3://oddtrail-shared/prod --since 365d",
]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    command(app, "spark-backfill", short="Make activity of years of many accounts, on Spark.", examples=EXAMPLES)(
        spark_backfill
    )


def spark_backfill(
    session: Session,
    sources: Annotated[
        list[str],
        typer.Argument(metavar="SOURCE", callback=check_sources, help="Files, folders or globs; s3://bucket/prefix."),
    ],
    out: Annotated[str, typer.Option("--out", metavar="PLACE", help="A folder, or s3://bucket/prefix.")],
    master: Annotated[
        str | None,
        typer.Option(
            "--master", metavar="URL", help="Spark's master. [what spark-submit says; local[*], this machine's cores]"
        ),
    ] = None,
    conf: Annotated[
        list[str] | None, typer.Option("--conf", metavar="NAME=VALUE", help="A setting of Spark; may be given again.")
    ] = None,
    since: Since = None,
    geoip: Geoip = None,
    networks: Networks = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Write an account-day again though it would lose calls.")
    ] = False,
    rows: Annotated[
        int | None, typer.Option("--rows", metavar="N", min=1, help="Records that are counted at once.")
    ] = None,
) -> Answer:
    """Make the activity of any number of account-days, on Spark, where `oddtrail train` reads it.

    The files are decoded as `oddtrail ingest` decodes them, on whatever machines Spark has, and no event is stored.
    The activity is the same, row for row. It is written into the place by account-day; name the place as activity_at
    in the settings of whoever trains, a home that holds the events of newer days or one that holds none.

    Interrupted and run again, it goes on where it stood; run again with more files, it does what is new or changed.
    What lies in backfill/work there meanwhile takes about as much room as the packed logs, and is removed at the end.
    Records of which no event can be made are kept in backfill/set_aside there, with the reason.
    """
    from features.call.verified import VerifiedNames
    from pipeline.cli.enrichment import INSTALLED, open_enrichment
    from pipeline.render.backfill import show_report
    from pipeline.render.note_words import tell_note
    from pipeline.render.progress import stages_bar
    from pipeline.spark.backfill import backfill
    from pipeline.spark.plan import Plan
    from pipeline.spark.session import spark_session, told_as_ours
    from pipeline.spark.tasks import check_sources as check_readable

    started, words = time.monotonic(), session.words
    check_readable(sources)
    enrichment = open_enrichment(session, geoip, networks)
    settings = enrichment.settings
    plan = Plan(
        sources=sources,
        out=out,
        timezone=settings.timezone,
        lateness_minutes=settings.lateness_minutes,
        now=datetime.now(UTC),
        since=day_of(since, settings.timezone),
        geo=None if enrichment.geo is None else settings.geoip or settings.home / INSTALLED,
        networks=enrichment.networks,
        verified=VerifiedNames(settings.verified_session_names),
        replace=replace,
        rows_at_once=rows,
    )
    with (
        spark_session(master, parse_conf(conf or [])) as spark,
        stages_bar(session.notes if session.shows_progress else None) as moved,
        told_as_ours(),
    ):
        report = backfill(spark, plan, moved)
    report.seconds = time.monotonic() - started
    for line in report.remarks():
        session.remark(tell_note(line, words))
    document = {**report.as_dict(), "out": out, "notes": enrichment.notes, "attribution": enrichment.attribution}

    def show(console: Console) -> None:
        show_report(console, report, out, enrichment.attribution, words)

    return Answer(document, show)


def parse_conf(given: list[str]) -> dict[str, str]:
    """Settings of Spark as a mapping.

    >>> parse_conf(["spark.driver.memory=8g"])
    {'spark.driver.memory': '8g'}
    """
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.startswith("spark."):
            raise typer.BadParameter(f"'{text[:200]}' is no setting of Spark: give it as spark.driver.memory=8g")
        found[name] = value
    return found

"""`oddtrail ingest`: CloudTrail files into the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.command import command
from pipeline.cli.session import Answer, Session
from pipeline.errors import NothingToReadError
from pipeline.text.plural import plural

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.ingest.report import IngestReport

EXAMPLES = [
    "oddtrail ingest trail/",
    "oddtrail ingest 'trail/AWSLogs/*/CloudTrail/*/2026/03/**/*.json.gz'",
    "oddtrail ingest trail/ --geoip geo/ --json",
]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    command(app, "ingest", short="Read CloudTrail files into the store.", examples=EXAMPLES)(ingest)


def ingest(
    session: Session,
    paths: Annotated[list[str], typer.Argument(metavar="PATH", help="CloudTrail files, folders or globs.")],
    geoip: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Geo databases. [ODDTRAIL_GEOIP; what `oddtrail geoip install` fetched]"),
    ] = None,
    networks: Annotated[
        str | None, typer.Option(metavar="FILE", help="Names your own networks, as TOML or CSV. [ODDTRAIL_NETWORKS]")
    ] = None,
) -> Answer:
    """Read CloudTrail files into the store, enrich them, and keep the raw records.

    Takes what CloudTrail writes to S3, {"Records": [...]}, a bare array, a record a line, CloudWatch Logs payloads and
    exports, EventBridge events, answers of LookupEvents, and documents of Elastic, Splunk or Datadog around records,
    gzip or plain. A file that was read before is known by its content and skipped, so the same command
    again takes in what is new; interrupted and run again, the store is the same. Records that cannot be read are set
    aside with the reason, and counted: records = stored + duplicates + set aside + other.
    """
    from pipeline.cli.geo import find_geo
    from pipeline.enrich.networks import NO_NETWORKS, read_networks
    from pipeline.ingest.run import ingest as ingest_files
    from pipeline.render.progress import bytes_bar
    from pipeline.settings import load_settings
    from pipeline.stores.home import open_store

    settings = load_settings({**session.given, "geoip": geoip, "networks": networks})
    geo, notes = find_geo(settings)
    for note in notes:
        session.remark(note)
    with open_store(settings.home) as store, bytes_bar(session.notes if session.shows_progress else None) as moved:
        report = ingest_files(
            paths,
            store.events,
            geo=geo,
            networks=read_networks(settings.networks) if settings.networks else NO_NETWORKS,
            threads=settings.threads,
            progress=lambda done, total, _: moved(done, total),
        )
    if not report.files and not report.skipped_files:
        raise NothingToReadError(_nothing(paths, report))
    attribution = geo.attribution if geo else []
    document = {**report.as_dict(), "home": settings.home, "notes": notes, "attribution": attribution}
    return Answer(document, lambda console: _show(console, report, attribution))


def _nothing(paths: list[str], report: IngestReport) -> str:
    """What was found where no log file was.

    >>> from pipeline.ingest.report import IngestReport
    >>> _nothing(["trail/"], IngestReport(not_logs=3))
    "no CloudTrail log file is in 'trail/', only 3 other files: give the folder that holds AWSLogs"
    """
    where = ", ".join(f"'{path}'" for path in paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
    others = f", only {plural(report.not_logs, 'other file')}" if report.not_logs else ""
    return f"no CloudTrail log file is in {where}{others}: give the folder that holds AWSLogs"


def _show(console: Console, report: IngestReport, attribution: list[str]) -> None:
    rate = report.records / report.seconds if report.seconds else 0
    read = f"{plural(report.records, 'record')} of {plural(report.files, 'file')}"
    console.print(f"{read} in {report.seconds:.1f} s ({rate:,.0f} a second)")
    counts = {
        "stored": report.stored,
        "duplicates": report.duplicates,
        "set aside: `oddtrail doctor` says whose": report.set_aside,
        **{f"not events: {name}": count for name, count in report.other.items()},
    }
    for what, count in counts.items():
        if count or what == "stored":
            console.print(f"  {count:>12,}  {what}")
    if report.repaired:
        console.print(f"Of these, {report.repaired:,} were malformed and could be read all the same; they are scored.")
    if report.skipped_files:
        console.print(f"Known already and skipped: {plural(report.skipped_files, 'file')}.")
    if report.not_logs:
        console.print(f"No CloudTrail log and passed over: {plural(report.not_logs, 'file')}.")
    if report.files and not report.stored + report.duplicates:
        console.print("None of it is an event. CloudTrail's log files lie below AWSLogs/ in the trail's bucket.")
    for line in attribution:
        console.print(line, style="dim")

"""`oddtrail ingest`: CloudTrail files into the store."""

from __future__ import annotations

import shlex
from typing import Annotated, Final

import typer

from pipeline.cli.command import command
from pipeline.cli.session import Answer, Session
from pipeline.errors import NothingToReadError

EXAMPLES = [
    "oddtrail ingest trail/",
    "oddtrail ingest 'trail/AWSLogs/*/CloudTrail/*/2026/03/**/*.json.gz'",
    "oddtrail ingest trail/ --geoip geo/ --json",
    "aws cloudtrail lookup-events | oddtrail ingest -",
]
_BUCKET_ARN: Final = "arn:aws:s3:::"
_COPY: Final = "trail"
"""Folder to which a bucket is copied."""


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    command(app, "ingest", short="Read CloudTrail files into the store.", examples=EXAMPLES)(ingest)


def ingest(
    session: Session,
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH",
            callback=check_paths,
            help="CloudTrail files, folders or globs; - is standard input.",
        ),
    ],
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
    exports, EventBridge events, answers of LookupEvents, documents of Elastic, Splunk or Datadog around records, and
    tables of Athena and CloudTrail Lake as CSV or Parquet; plain, packed by gzip, zstd, bzip2 or xz, or in a zip or
    tar. What else lies in a bucket (Config, flow logs, load balancers, GuardDuty …) is passed over and counted by name.
    A file that was read before is known by its content and skipped, so the same command again takes in what is new;
    interrupted and run again, the store is the same. Records that cannot be read are set aside with the reason, and
    counted: records = stored + duplicates + set aside + other.
    """
    from features.call.verified import VerifiedNames
    from pipeline.cli.geo import find_geo
    from pipeline.enrich.networks import NO_NETWORKS, read_networks
    from pipeline.ingest.run import ingest as ingest_files
    from pipeline.ingest.stdin import stdin_as_file
    from pipeline.render.ingest import say_nothing_found, show_report
    from pipeline.render.progress import bytes_bar
    from pipeline.reports.damage import lost_lines
    from pipeline.settings import load_settings
    from pipeline.stores.home import open_store

    settings = load_settings({**session.given, "geoip": geoip, "networks": networks})
    geo, notes = find_geo(settings)
    for note in notes:
        session.remark(note)
    told = len(notes)
    named = read_networks(settings.networks) if settings.networks else NO_NETWORKS
    with (
        stdin_as_file(paths) as files,
        open_store(settings.home) as store,
        bytes_bar(session.notes if session.shows_progress else None) as moved,
    ):
        report = ingest_files(
            files,
            store.events,
            geo=geo,
            networks=named,
            verified=VerifiedNames(settings.verified_session_names),
            threads=settings.threads,
            progress=lambda done, total, _: moved(done, total),
        )
        notes += lost_lines(store)
    for note in notes[told:]:
        session.remark(note)
    attribution = geo.attribution if geo else []
    document = {**report.as_dict(), "home": settings.home, "notes": notes, "attribution": attribution}
    if report.found_nothing:
        raise NothingToReadError(say_nothing_found(paths, report), document)
    return Answer(document, lambda console: show_report(console, report, attribution))


def check_paths(paths: list[str]) -> list[str]:
    """Say what to do with a path that is no file's.

    Raises
    ------
    typer.BadParameter
        One of them is the address of a bucket, or of something else that is nowhere on this machine.
    """
    for path in paths:
        scheme, separator, rest = path.partition("://")
        if path.startswith(_BUCKET_ARN):
            scheme, separator, rest = "s3", "://", path.removeprefix(_BUCKET_ARN)
        if not separator or not scheme.isalnum():
            continue
        if scheme not in ("s3", "s3a", "s3n"):
            raise typer.BadParameter(f"'{path}' is no path on this machine: fetch it and give the file or folder")
        raise typer.BadParameter(
            f"'{path}' is a bucket, which oddtrail does not read itself yet: run `{_copy_command(rest)}`, "
            f"then `oddtrail ingest {_COPY}/`"
        )
    return paths


def _copy_command(rest: str) -> str:
    """The command that copies a part of a bucket.

    >>> _copy_command("my-trail/AWSLogs/111122223333/CloudTrail/")
    'aws s3 sync s3://my-trail/AWSLogs/111122223333/CloudTrail/ trail/AWSLogs/111122223333/CloudTrail/'
    >>> _copy_command("my-trail")
    "aws s3 sync s3://my-trail/ trail/ --exclude '*' --include '*/CloudTrail/*'"
    """
    bucket, _, key = rest.partition("/")
    fixed, pattern, _ = key.partition("*")
    if pattern:
        fixed = fixed[: fixed.rfind("/") + 1]
    single = not pattern and fixed.endswith((".gz", ".json"))
    folder = fixed if single or not fixed or fixed.endswith("/") else f"{fixed}/"
    where = f"{shlex.quote(f's3://{bucket}/{folder}')} {shlex.quote(f'{_COPY}/{folder}')}"
    if single:
        return f"aws s3 cp {where}"
    chosen = "" if "/CloudTrail/" in f"/{folder}" else " --exclude '*' --include '*/CloudTrail/*'"
    return f"aws s3 sync {where}{chosen}"

"""`oddtrail ingest`: CloudTrail files into the store."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.command import command
from pipeline.cli.enrichment import Geoip, Networks
from pipeline.cli.session import Answer, Session
from pipeline.errors import NothingToReadError, PartlyReadError

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.stores.home import Store
    from pipeline.watch.tell import Integrity
    from pipeline.words.words import Words

EXAMPLES = [
    "oddtrail ingest trail/",
    "oddtrail ingest 'trail/AWSLogs/*/CloudTrail/*/2026/03/**/*.json.gz'",
    "oddtrail ingest trail/ --geoip geo/ --json",
    "oddtrail ingest s3://my-trail/AWSLogs/ --since 3d",
    "oddtrail ingest 'opensearch+https://ana@search:9200/cloudtrail-*?password=env:SEARCH_PASSWORD'",
    "oddtrail ingest 'sqs://eu-west-1/111122223333/new-objects?bucket=my-trail/AWSLogs/'",
    "aws cloudtrail lookup-events | oddtrail ingest -",
]


def check_sources(sources: list[str]) -> list[str]:
    """Say how to write an address that cannot be understood.

    Raises
    ------
    typer.BadParameter
        One of them is an address, and of nothing that can be read.
    """
    from pipeline.sources.address import AddressError, parse_address

    for source in sources:
        try:
            parse_address(source)
        except AddressError as error:
            raise typer.BadParameter(str(error)) from error
    return sources


Given = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE",
        callback=check_sources,
        help="CloudTrail files, folders or globs; - is standard input; s3://bucket/prefix; sqs://region/account/queue; "
        "opensearch+https://host/indices-*, or elasticsearch+…",
    ),
]
Since = Annotated[
    str | None,
    typer.Option(
        "--since", metavar="WHEN", help="Neither list nor read what was delivered before that day: 2026-03-01, or 3d."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    command(app, "ingest", short="Read CloudTrail files into the store.", examples=EXAMPLES)(ingest)


def ingest(
    session: Session,
    sources: Given,
    since: Since = None,
    again: Annotated[bool, typer.Option("--again", help="Read indices from their beginning again.")] = False,
    geoip: Geoip = None,
    networks: Networks = None,
) -> Answer:
    """Read CloudTrail files into the store, enrich them, and keep the raw records.

    A bucket is listed by account, region and day, and an object fetched once; a queue is told of new objects, and its
    messages are deleted once what they name is in the store. Credentials are those that boto3 finds, or of a role:
    s3://bucket/prefix?role=ARN&external_id=ID&region=REGION. A queue's address says what its messages may name:
    sqs://region/account/queue?bucket=NAME/PREFIX, or its https URL, or its ARN.

    Indices of OpenSearch and Elasticsearch are read by what their documents hold: those of `oddtrail index` and of its
    function, of AWS's stock function, of Elastic Agent and Filebeat, or records as they are. Each is read from where
    the last run ended.

    Takes what CloudTrail writes to S3, {"Records": [...]}, a bare array, a record a line, CloudWatch Logs payloads and
    exports, EventBridge events, answers of LookupEvents, documents of Elastic, Splunk or Datadog around records, and
    tables of Athena and CloudTrail Lake as CSV or Parquet; plain, packed by gzip, zstd, bzip2 or xz, or in a zip or
    tar. What else lies in a bucket (Config, flow logs, load balancers, GuardDuty …) is passed over and counted by name.
    A file that was read before is known by its content and skipped, so the same command again takes in what is new;
    interrupted and run again, the store is the same. Records that cannot be read are set aside with the reason, and
    counted: records = stored + duplicates + set aside + other.

    Where a trail's digest files are there, what came is held against them: log files that never came, that were changed
    after delivery, and digests that are missing are told.
    """
    from features.call.verified import VerifiedNames
    from pipeline.cli.enrichment import open_enrichment
    from pipeline.ingest.run import ingest as ingest_files
    from pipeline.render.ingest import say_nothing_found, show_indices, show_integrity, show_queues, show_report
    from pipeline.render.progress import bytes_bar
    from pipeline.sources.public_keys import find_keys
    from pipeline.sources.several import open_sources
    from pipeline.stores.home import open_store
    from pipeline.stores.waits import Waits
    from pipeline.watch.integrity import hold_to_digests
    from pipeline.words.words import ENGLISH

    words = session.words
    enrichment = open_enrichment(session, geoip, networks)
    settings, attribution = enrichment.settings, enrichment.attribution
    with (
        open_sources(sources, day_of(since, settings.timezone), digests=True) as opened,
        open_store(settings.home) as store,
        bytes_bar(session.notes if session.shows_progress else None) as moved,
    ):
        opened.remember_in(store.state, again=again)
        report = ingest_files(
            opened.listing,
            store.events,
            geo=enrichment.geo,
            networks=enrichment.networks,
            verified=VerifiedNames(settings.verified_session_names),
            threads=settings.threads,
            progress=lambda done, total, _: moved(done, total),
        )
        problems = [problem for index in opened.indices.values() for problem in index.problems]
        full = [address for address, queue in opened.queues.items() if queue.full]
        if (keys := find_keys(sources)) is not None:
            keys.remember_in(store.state)
        now = datetime.now(UTC)
        waits = Waits(f"more waits in {', '.join(full)} than one run takes", None) if full else None
        integrity = hold_to_digests(store, now, keys, waits=waits)
        store.digest_files.prune(now)
        unverified = keys.problem if keys is not None else ""
        notes, remarks = (_note(store, integrity, unverified, each) for each in (ENGLISH, words))
    for line in remarks:
        session.remark(line)
    queues = {address: tally.as_dict() for address, tally in opened.queues.items()}
    indices = {address: index.as_dict() for address, index in opened.indices.items()}
    document = {
        **report.as_dict(), "queues": queues, "indices": indices, "integrity": integrity.as_dict(),
        "home": settings.home, "notes": [*enrichment.notes, *notes], "attribution": attribution,
    }  # fmt: skip
    if problems:
        told, said = (f"{'; '.join(problems)} ({_say_rest(report.stored, each)})" for each in (ENGLISH, words))
        raise PartlyReadError(told, document, said)
    if report.found_nothing and not opened.may_be_empty:
        told, said = (say_nothing_found(sources, report, each) for each in (ENGLISH, words))
        raise NothingToReadError(told, document, said)

    def show(console: Console) -> None:
        show_report(console, report, attribution, words)
        show_queues(console, opened.queues, words)
        show_indices(console, opened.indices, words)
        show_integrity(console, integrity, words)

    return Answer(document, show)


def _note(store: Store, integrity: Integrity, unverified: str, words: Words) -> list[str]:
    """What there is to say besides the answer: what is lost, what is missing of logs, what could not be verified."""
    from pipeline.render.note_words import tell_note
    from pipeline.reports.damage import lost_lines
    from pipeline.reports.integrity_words import tell_integrity

    notes = [*lost_lines(store, words), *(tell_integrity(finding.text, words) for finding in integrity.found)]
    if integrity.waits:
        why = tell_note(integrity.waits, words)
        notes.append(words.say("what is missing of CloudTrail's log files is told once all was read: {why}", why=why))
    if unverified and integrity.digests:
        why = tell_note(unverified, words)
        notes.append(words.say("signatures of CloudTrail's digests were not verified: {why}", why=why))
    return notes


def _say_rest(stored: int, words: Words) -> str:
    return words.say_many(stored, "{n} event of the rest stored", "{n} events of the rest stored")


def day_of(since: str | None, timezone: str) -> date | None:
    """The day of UTC that `--since` means; None for all.

    >>> day_of("2026-03-02T01:00+09:00", "UTC")
    datetime.date(2026, 3, 1)
    """
    from pipeline.cli.when import parse_when

    if not since:
        return None
    return parse_when(since, now=datetime.now(UTC), timezone=timezone, option="--since").astimezone(UTC).date()

"""`oddtrail index`: CloudTrail files into daily indices of OpenSearch or Elasticsearch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.command import command
from pipeline.cli.enrichment import Geoip, Networks
from pipeline.cli.ingest import Given, Since, day_of
from pipeline.cli.session import Answer, Session
from pipeline.errors import NothingToReadError, SettingsError
from pipeline.search.url import is_engine_url

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.ingest.report import IngestReport

EXAMPLES = [
    "oddtrail index trail/ --to opensearch+http://localhost:9200",
    "oddtrail index trail/ --to 'opensearch+https://ana@search:9200?password=env:SEARCH_PASSWORD'",
    "oddtrail index trail/ --to 'opensearch+sigv4://DOMAIN?region=eu-west-1' --json",
]
KNOWN_FILES = "indexed.sqlite"
"""File of the home that says what is indexed already."""
DEAD_LETTERS = "dead_letters"
"""Folder of the home for what cannot be indexed."""

To = Annotated[
    str, typer.Option("--to", metavar="URL", help="As in opensearch+https://user@host:9200, or elasticsearch+…")
]
Prefix = Annotated[str, typer.Option("--prefix", metavar="NAME", help="Of the indices, as in NAME-2026.03.01.")]
Retention = Annotated[
    str, typer.Option("--retention", metavar="SPAN", help="Events older than this go to NAME-quarantine.")
]
Letters = Annotated[
    str | None,
    typer.Option(
        "--dead-letters",
        metavar="PLACE",
        help="Keeps what cannot be indexed: a folder, s3://bucket/prefix, or a queue's URL. [in the home]",
    ),
]
Patience = Annotated[
    str, typer.Option("--patience", metavar="SPAN", help="How long to try while the server takes nothing.")
]
Texts = Annotated[
    bool,
    typer.Option("--texts", help="Also write requests and responses as one text each, for older rules of Elastic's."),
]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    command(app, "index", short="Index CloudTrail files in OpenSearch or Elasticsearch.", examples=EXAMPLES)(index)


def index(
    session: Session,
    sources: Given,
    to: To,
    since: Since = None,
    prefix: Prefix = "cloudtrail",
    retention: Retention = "400d",
    geoip: Geoip = None,
    networks: Networks = None,
    dead_letters: Letters = None,
    patience: Patience = "10m",
    texts: Texts = False,
    again: Annotated[
        bool, typer.Option("--again", help="Send files that are indexed already, as when an index was deleted.")
    ] = False,
) -> Answer:
    """Index CloudTrail files, a document an event, in the index of its day.

    Takes what `oddtrail ingest` takes. A document is created once, under its event's id, so that nothing is there
    twice, however often it is sent. What the engine refuses is repaired, and kept as a dead letter where that does not
    help. Interrupted and run again, it goes on with the files that are not wholly indexed. Each record ends in one of
    six ways: records = indexed + duplicates + quarantined + dead letters + only counted + other. Only counted are bad
    records beyond the first hundreds of their file: a dead letter names the file, and their bytes are in it alone.
    """
    from pipeline.cli.destination import open_destination
    from pipeline.cli.enrichment import open_enrichment
    from pipeline.cli.stopping import stopping
    from pipeline.delivery.known_files import KnownFiles
    from pipeline.delivery.target import IndexTarget
    from pipeline.ingest.run import ingest
    from pipeline.render.index import show_indexed
    from pipeline.render.ingest import say_nothing_found, show_queues
    from pipeline.render.progress import bytes_bar
    from pipeline.sources.several import open_sources
    from pipeline.words.words import ENGLISH

    words = session.words
    _check(sources)
    enrichment = open_enrichment(session, geoip, networks)
    there = open_destination(enrichment, to, prefix, retention, patience, dead_letters, texts)
    known = KnownFiles(enrichment.settings.home / KNOWN_FILES, f"{there.cluster} {prefix}")
    target = IndexTarget(there.sink, there.letters, known, again=again)
    with (
        stopping(),
        open_sources(sources, day_of(since, enrichment.settings.timezone)) as opened,
        bytes_bar(session.notes if session.shows_progress else None) as moved,
    ):
        report = ingest(
            opened.listing,
            target,
            geo=enrichment.geo,
            networks=enrichment.networks,
            threads=enrichment.settings.threads,
            progress=lambda done, total, _: moved(done, total),
        )
    known.close()
    document = _document(report, target) | {
        "queues": {address: tally.as_dict() for address, tally in opened.queues.items()},
        "to": there.sink.url.origin, "prefix": prefix, "dead_letters_in": there.letters.where,
        "notes": enrichment.notes, "attribution": enrichment.attribution,
    }  # fmt: skip
    if report.found_nothing and not opened.may_be_empty:
        said, told = (say_nothing_found(sources, report, each) for each in (ENGLISH, words))
        raise NothingToReadError(said, document, told)

    def show(console: Console) -> None:
        show_indexed(console, document, report, words)
        show_queues(console, opened.queues, words)

    return Answer(document, show)


def _check(sources: list[str]) -> None:
    """Refuse what is read into a home only."""
    for source in sources:
        if is_engine_url(source):
            raise SettingsError(
                "indices are read into a home, by `oddtrail ingest`: to copy one to another, use the engine's _reindex"
            )


def _document(report: IngestReport, target: Any) -> dict[str, Any]:
    """The report in an index's words, with the equation that it keeps."""
    tally = target.tally
    return {
        "files": report.files,
        "skipped_files": report.skipped_files,
        "not_logs": report.not_logs,
        "records": report.records,
        "indexed": tally.indexed,
        "duplicates": tally.duplicates,
        "quarantined": tally.quarantined,
        "dead_letters": tally.dead_letters,
        "only_counted": tally.only_counted,
        "other": report.other,
        "equation": "records = indexed + duplicates + quarantined + dead_letters + only_counted + the sum of other",
        "repaired": tally.repaired,
        "malformed": report.repaired,
        "bytes": tally.bytes,
        "by_index": dict(sorted(tally.by_index.items())),
        "seconds": round(report.seconds, 3),
    }

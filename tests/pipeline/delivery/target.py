"""A target whose documents go to a sham engine, for tests of what becomes of them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.delivery.dead_letter import FolderDeadLetters
from pipeline.delivery.known_files import KnownFiles
from pipeline.delivery.target import IndexSink, IndexTarget
from pipeline.documents.document import Naming
from pipeline.ingest.report import IngestReport
from pipeline.ingest.run import ingest
from pipeline.search.url import parse_url

NAMING = Naming(retention=timedelta(days=36_500))
NOW = datetime(2026, 3, 20, tzinfo=UTC)


def a_target(folder: Path, url: str, naming: Naming = NAMING, **given: Any) -> IndexTarget:
    """A target that keeps what it has to keep below a folder."""
    sink = IndexSink(parse_url(url), naming, **given)
    return IndexTarget(sink, FolderDeadLetters(folder / "letters"), KnownFiles(folder / "known.sqlite", "c cloudtrail"))


def index(target: IndexTarget, *paths: Path, threads: int = 1) -> IngestReport:
    """Index files, and see that the numbers add up."""
    report = ingest(paths, target, now=NOW, threads=threads)
    tally = target.tally
    parts = tally.indexed + tally.quarantined + tally.duplicates + tally.dead_letters + tally.only_counted
    assert report.records == parts + sum(report.other.values())
    return report


def buried(folder: Path) -> list[str]:
    """Ids of the dead letters below a folder; empty ones are of what could not be read."""
    return sorted(letter.event_id for _, letter in FolderDeadLetters(folder / "letters").read())

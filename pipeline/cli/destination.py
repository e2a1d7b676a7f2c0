"""Where `oddtrail index` and a replay of dead letters send documents: checked before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import SettingsError

if TYPE_CHECKING:
    from pipeline.cli.enrichment import Enrichment
    from pipeline.delivery.dead_letter import DeadLetterStore
    from pipeline.delivery.target import IndexSink
    from pipeline.settings import Settings


@dataclass(frozen=True)
class Destination:
    """A search engine that is ready."""

    sink: IndexSink
    letters: DeadLetterStore
    cluster: str
    """See `pipeline.search.cluster.name_cluster`."""


def open_destination(
    enrichment: Enrichment,
    to: str,
    prefix: str,
    retention: str,
    patience: str,
    dead_letters: str | None,
    texts: bool,
) -> Destination:
    """Check what was given, and that the engine answers and has its template.

    Parameters
    ----------
    texts
        Whether requests are also written as texts, though the engine does not need it.

    Raises
    ------
    OddtrailError
        Something is wrong; says what to do.
    """
    from pipeline.cli.enrichment import INSTALLED
    from pipeline.cli.when import read_span
    from pipeline.delivery.target import IndexSink
    from pipeline.documents.document import Naming
    from pipeline.documents.setup import check_prefix, require_template
    from pipeline.enrich.city import GeoInfos
    from pipeline.search.cluster import name_cluster
    from pipeline.search.engine import Engine
    from pipeline.search.url import parse_url

    settings, geo = enrichment.settings, enrichment.geo
    naming = Naming(check_prefix(prefix), read_span(retention, "--retention", timedelta(days=1)))
    url = parse_url(to)
    engine = Engine(url, connections=1)
    try:
        texts = require_template(engine, naming) or texts
        cluster = name_cluster(engine)
    finally:
        engine.close()
    seconds = read_span(patience, "--patience", timedelta(0)).total_seconds()
    geo_info = GeoInfos.open(settings.geoip or settings.home / INSTALLED, geo) if geo else None
    sink = IndexSink(url, naming, geo_info, patience=seconds, writes_texts=texts)
    return Destination(sink, open_letters(settings, dead_letters), cluster)


def open_letters(settings: Settings, place: str | None) -> DeadLetterStore:
    """The folder, bucket or queue that is named, else the home's folder.

    Raises
    ------
    SettingsError
        It is a URL of something else.
    """
    from pipeline.cli.index import DEAD_LETTERS
    from pipeline.delivery.dead_letter import FolderDeadLetters

    if place and "://" in place:
        from pipeline.delivery.aws_dead_letters import open_dead_letters
        from pipeline.delivery.box import read_place

        try:
            return open_dead_letters(read_place(place))
        except ValueError as error:
            raise SettingsError(f"--dead-letters: {error}") from error
    return FolderDeadLetters(Path(place).expanduser() if place else settings.home / DEAD_LETTERS)

"""Make the door of its settings, once for as long as the function is warm."""

from pathlib import Path
from typing import Final

from pipeline.delivery.aws_dead_letters import open_dead_letters
from pipeline.delivery.box import open_box
from pipeline.delivery.door_sink import DoorSink
from pipeline.delivery.handle import Door, Journal
from pipeline.delivery.lambda_settings import LambdaSettings
from pipeline.documents.caller import GeoInfo
from pipeline.documents.document import Naming
from pipeline.enrich.geo import Geo, GeoError
from pipeline.enrich.intel import Intel
from pipeline.enrich.networks import NO_NETWORKS, read_networks
from pipeline.ingest.work import make_engine
from pipeline.search.secret import read_secret

PACKAGED: Final = Path(__file__).parents[2] / "geoip"
"""Where the package has its geo databases."""
HELD_ROWS, HELD_BYTES = 8_192, 12 << 20
"""Records and bytes that a function works on at a time: it has less memory than a machine that ingests."""


def make_door(settings: LambdaSettings, journal: Journal) -> Door:
    """Connect, open the databases, and make an engine.

    A geo database that cannot be read is told and done without: a place is worth less than an event.

    Raises
    ------
    SettingsError
        A setting cannot be used; says which.
    """
    geo, geo_info = _open_geo(settings.geoip or (PACKAGED if PACKAGED.is_dir() else None), journal)
    networks = read_networks(settings.networks) if settings.networks else NO_NETWORKS
    spill = open_box(settings.spill) if settings.spill else None
    naming = Naming(settings.prefix, settings.retention)
    letters = open_dead_letters(settings.dead_letters)
    sink = DoorSink(
        settings.url, naming, letters, spill, geo_info, settings.requests, _open_intel(settings),
        writes_texts=settings.texts == "on",
    )  # fmt: skip
    engine = make_engine(sink, geo, networks)
    engine.held_rows, engine.held_bytes = HELD_ROWS, HELD_BYTES
    return Door(engine, sink, settings.allowed, journal, settings.boxes)


def _open_geo(folder: Path | None, journal: Journal) -> tuple[Geo | None, GeoInfo | None]:
    if folder is None:
        return None, None
    from pipeline.enrich.city import GeoInfos

    try:
        geo = Geo.open(folder)
        return geo, GeoInfos.open(folder, geo)
    except (GeoError, OSError, ValueError) as error:
        journal.trouble("geo databases cannot be read: places stay unknown", reason=str(error))
        return None, None


def _open_intel(settings: LambdaSettings) -> Intel | None:
    """Whom to ask about addresses; nobody, unless a setting says so."""
    if settings.intel == "off":
        return None
    from pipeline.enrich.intel_shodan import Shodan

    intel = Intel(Shodan(read_secret(settings.intel_key)), settings.intel_budget)
    intel.start()
    return intel

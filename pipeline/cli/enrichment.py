"""What a command knows of addresses: geo databases that are named, else those that were installed; own networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.words.words import to_say

if TYPE_CHECKING:
    from pipeline.cli.session import Session
    from pipeline.enrich.geo import Geo
    from pipeline.enrich.networks import Networks as OwnNetworks
    from pipeline.settings import Settings

INSTALLED = "geoip"
"""Folder in the home that `oddtrail geoip install` fills."""
WITHOUT = to_say(
    "no geo database: countries and network operators stay unknown, and places are judged by address only; "
    "`oddtrail geoip install` fetches free ones"
)

Geoip = Annotated[
    str | None,
    typer.Option(
        "--geoip", metavar="DIR", help="Geo databases. [ODDTRAIL_GEOIP; what `oddtrail geoip install` fetched]"
    ),
]
Networks = Annotated[
    str | None,
    typer.Option("--networks", metavar="FILE", help="Names your own networks, as TOML or CSV. [ODDTRAIL_NETWORKS]"),
]


@dataclass(frozen=True)
class Enrichment:
    """What events are enriched with, and the settings that say so."""

    settings: Settings
    geo: Geo | None
    networks: OwnNetworks
    notes: list[str]
    """What is worth saying once about it."""

    @property
    def attribution(self) -> list[str]:
        """What the geo databases' licences ask to be shown."""
        return self.geo.attribution if self.geo else []


def open_enrichment(session: Session, geoip: str | None, networks: str | None) -> Enrichment:
    """Read what the command line or the settings name, and remark what there is to say of it.

    Raises
    ------
    OddtrailError
        Something cannot be read.
    """
    from pipeline.enrich.networks import NO_NETWORKS, read_networks
    from pipeline.render.note_words import tell_note
    from pipeline.settings import load_settings

    settings = load_settings({**session.given, "geoip": geoip, "networks": networks})
    geo, notes = find_geo(settings)
    for note in notes:
        session.remark(tell_note(note, session.words))
    own = read_networks(settings.networks) if settings.networks else NO_NETWORKS
    return Enrichment(settings, geo, own, notes)


def find_geo(settings: Settings) -> tuple[Geo | None, list[str]]:
    """The databases, and what is worth saying once about them."""
    from pipeline.enrich.geo import Geo

    folder = settings.geoip or settings.home / INSTALLED
    if settings.geoip is None and not folder.is_dir():
        return None, [WITHOUT]
    geo = Geo.open(folder)
    return geo, list(geo.notes)

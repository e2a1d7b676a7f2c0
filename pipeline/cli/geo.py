"""Which geo databases a command uses: those that are named, else those that were installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.enrich.geo import Geo
    from pipeline.settings import Settings

INSTALLED = "geoip"
"""Folder in the home that `oddtrail geoip install` fills."""
WITHOUT = (
    "no geo database: countries and network operators stay unknown, and places are judged by address only; "
    "`oddtrail geoip install` fetches free ones"
)


def find_geo(settings: Settings) -> tuple[Geo | None, list[str]]:
    """The databases, and what is worth saying once about them."""
    from pipeline.enrich.geo import Geo

    folder = settings.geoip or settings.home / INSTALLED
    if settings.geoip is None and not folder.is_dir():
        return None, [WITHOUT]
    geo = Geo.open(folder)
    return geo, list(geo.notes)

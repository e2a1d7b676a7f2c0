"""Where an address lies, as far as a database says."""

from typing import NamedTuple


class Place(NamedTuple):
    """Country, city, coordinates and network operator; empty, None and 0 where unknown."""

    country: str = ""
    """ISO 3166 alpha-2."""
    city: str = ""
    latitude: float | None = None
    """Degrees."""
    longitude: float | None = None
    """Degrees."""
    asn: int = 0
    """Autonomous system number."""
    organisation: str = ""
    """Who runs the autonomous system."""


NOWHERE = Place()

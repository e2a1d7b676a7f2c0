"""What is known of an address: where it lies, and the name of its own network. Each is looked up once."""

from typing import Final, Protocol

from features.call.address import parse_address
from pipeline.enrich.place import NOWHERE, Place

OF_PLACE: Final = Place._fields
"""Columns of an event that are looked up by address; `network` is one more."""
_REMEMBERED: Final = 100_000
"""Addresses that are kept in memory."""


class PlaceOf(Protocol):
    """Answers for public addresses."""

    def place(self, address: str) -> Place:
        """Where an address lies."""


class NameOf(Protocol):
    """Names own networks."""

    def name(self, address: str) -> str:
        """Name of an address's network."""


class Places:
    """What is known of an address: only public ones are asked for a place; an answer is remembered.

    Examples
    --------
    >>> from pipeline.enrich.networks import Networks
    >>> Places(None, Networks.of([("10.0.0.0/8", "office")])).find("10.1.2.3", "private")[1]
    'office'
    """

    def __init__(self, geo: PlaceOf | None, networks: NameOf) -> None:
        self._geo = geo
        self._networks = networks
        self._known: dict[tuple[str, str], tuple[Place, str]] = {}

    def find(self, text: str, kind: str) -> tuple[Place, str]:
        """Place of an address of some kind, as events tell both, and the name of its own network."""
        known = self._known.get((text, kind))
        if known is None:
            ip = parse_address(text).ip
            place = self._geo.place(ip) if self._geo is not None and ip and kind == "public" else NOWHERE
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[text, kind] = place, self._networks.name(ip) if ip else ""
        return known

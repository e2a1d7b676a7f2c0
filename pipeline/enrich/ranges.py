"""Networks in CSV, as ranges: who runs an address's network, or its country, by bisection.

Read are ip-location-db's `start,end,asn,organisation` and `start,end,country` (addresses or numbers) and GeoLite2's
`network,autonomous_system_number,autonomous_system_organization`, IPv4 and IPv6, with or without a header.
"""

import csv
import ipaddress
import socket
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pipeline.enrich.place import NOWHERE, Place

_IPV4_END = 1 << 32
_PEEK_ROWS = 2_000

Range = tuple[int, int, str]


class RangesError(ValueError):
    """A file does not hold ranges."""


class Ranges:
    """Ranges of a CSV file, read when the first question comes.

    Examples
    --------
    >>> rows = [["1.0.0.0", "1.0.0.255", "13335", "Cloudflare, Inc."], ["2001:200::", "2001:200::ff", "7", ""]]
    >>> ranges = Ranges.of(rows)
    >>> ranges.place("1.0.0.9").organisation, ranges.place("2001:200::1").asn, ranges.place("1.0.1.0").asn
    ('Cloudflare, Inc.', 7, 0)
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.has_country = False
        """The ranges tell countries; known once they are read or checked."""
        self._tables: dict[int, tuple[Sequence[int], Sequence[int], Sequence[int]]] | None = None
        self._places: list[Place] = []

    @classmethod
    def of(cls, rows: Iterable[Sequence[str]]) -> "Ranges":
        """Ranges of rows that are in memory already."""
        ranges = cls(None)
        ranges._load(rows)
        return ranges

    def check(self) -> None:
        """Read the first rows; raises RangesError when they are not ranges."""
        if self.path is None:
            return
        with self.path.open(encoding="utf-8", errors="replace", newline="") as file:
            rows = [row for _, row in zip(range(_PEEK_ROWS), csv.reader(file), strict=False)]
        probe = Ranges.of(rows)
        if not probe._places:
            raise RangesError("no row reads `start,end,asn,organisation` or `start,end,country`")
        self.has_country = probe.has_country

    def place(self, address: str) -> Place:
        """What the range that holds the address says."""
        tables = self._ready()
        version = 6 if ":" in address else 4
        if version not in tables:
            return NOWHERE
        starts, ends, places = tables[version]
        number = _number(address)
        at = bisect_right(starts, number) - 1
        return self._places[places[at]] if at >= 0 and number <= ends[at] else NOWHERE

    def _ready(self) -> dict[int, tuple[Sequence[int], Sequence[int], Sequence[int]]]:
        if self._tables is None:
            assert self.path is not None
            with self.path.open(encoding="utf-8", errors="replace", newline="") as file:
                self._load(csv.reader(file))
        assert self._tables is not None
        return self._tables

    def _load(self, rows: Iterable[Sequence[str]]) -> None:
        codes: dict[Place, int] = {}
        found: list[tuple[int, int, int, int]] = []
        for version, start, end, place in _parsed(rows):
            found.append((version, start, end, codes.setdefault(place, len(codes))))
        found.sort()
        if found and all(version == 4 for version, *_ in found) and found[-1][2] >= _IPV4_END:
            found = [(6, start, end, code) for _, start, end, code in found]  # numbers beyond IPv4: the file is of IPv6
        self._places = list(codes)
        self.has_country = any(place.country for place in self._places)
        self._tables = {}
        for version in (4, 6):
            of = [row for row in found if row[0] == version]
            if of:
                starts, ends, places = (
                    [row[1] for row in of],
                    [row[2] for row in of],
                    array("I", (row[3] for row in of)),
                )
                small = version == 4
                self._tables[version] = (
                    (array("Q", starts), array("Q", ends), places) if small else (starts, ends, places)
                )


def _parsed(rows: Iterable[Sequence[str]]) -> Iterator[tuple[int, int, int, Place]]:
    for row in rows:
        try:
            if len(row) >= 2 and "/" in row[0]:
                network = ipaddress.ip_network(row[0])
                first, last = int(network.network_address), int(network.broadcast_address)
                version, rest = network.version, row[1:]
            elif len(row) >= 3:
                first, last, rest = _number(row[0]), _number(row[1]), row[2:]
                version = 6 if ":" in row[0] else 4
            else:
                continue
            place = _place(rest)
        except (ValueError, OSError):
            continue  # a header, or a line that is no range
        if place is not None and first <= last:
            yield version, first, last, place


def _place(rest: Sequence[str]) -> Place | None:
    value = rest[0].strip()
    if len(value) == 2 and value.isalpha():
        return Place(country=value.upper())
    number = int(value.upper().removeprefix("AS"))
    return Place(asn=number, organisation=rest[1].strip() if len(rest) > 1 else "") if number > 0 else None


def _number(text: str) -> int:
    """Number of an address, or of a number written as one; raises ValueError or OSError."""
    if ":" in text:
        return int.from_bytes(socket.inet_pton(socket.AF_INET6, text.strip()), "big")
    if "." in text:
        return int.from_bytes(socket.inet_pton(socket.AF_INET, text.strip()), "big")
    return int(text)

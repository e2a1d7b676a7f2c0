"""The record of a public address in the shape of a GeoLite2 City record, which dashboards read as `geoInfo`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import geoip2.database
import maxminddb
from geoip2.errors import AddressNotFoundError

from pipeline.enrich.geo import Geo

_REMEMBERED: Final = 50_000
_LOCATION: Final = ("latitude", "longitude", "accuracy_radius", "time_zone", "metro_code")


class GeoInfos:
    """Answers with such a record, or None where nothing is known.

    A database of MaxMind's City schema is asked first; what others know is put into the same shape.

    Examples
    --------
    >>> from pipeline.enrich.ranges import Ranges
    >>> GeoInfos(Geo([Ranges.of([["192.0.2.0", "192.0.2.255", "64500", "Example"]])]))("192.0.2.1") is None
    True
    """

    def __init__(self, geo: Geo, city: Path | None = None) -> None:
        self._geo = geo
        self._city_path = city
        self._city = geoip2.database.Reader(city) if city else None
        self._known: dict[str, Mapping[str, Any] | None] = {}

    @classmethod
    def open(cls, folder: Path, geo: Geo) -> "GeoInfos":
        """With the City database of a folder, where one is there."""
        for path in sorted(folder.rglob("*.mmdb")):
            with maxminddb.open_database(path) as reader:
                if "City" in reader.metadata().database_type:
                    return cls(geo, path)
        return cls(geo)

    def __call__(self, address: str) -> Mapping[str, Any] | None:
        """The record of an address."""
        if address not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[address] = self._of_city(address) or self._of_place(address)
        return self._known[address]

    def __reduce__(self) -> tuple[Any, ...]:
        """A worker process opens the same files for itself."""
        return GeoInfos, (self._geo, self._city_path)

    def _of_city(self, address: str) -> Mapping[str, Any] | None:
        if self._city is None:
            return None
        try:
            found = self._city.city(address)
        except (AddressNotFoundError, ValueError, TypeError, maxminddb.InvalidDatabaseError):
            return None
        location = {name: getattr(found.location, name) for name in _LOCATION}
        return _kept(
            {
                "continent": _named(found.continent, "code"),
                "country": _named(found.country, "iso_code"),
                "registered_country": _named(found.registered_country, "iso_code"),
                "subdivisions": [_named(each, "iso_code") for each in found.subdivisions],
                "city": _named(found.city),
                "postal": _kept({"code": found.postal.code}),
                "location": _kept(location),
            }
        )

    def _of_place(self, address: str) -> Mapping[str, Any] | None:
        place = self._geo.place(address)
        names = {"names": {"en": place.city}} if place.city else {}
        spot = {"latitude": place.latitude, "longitude": place.longitude}
        return _kept({"country": _kept({"iso_code": place.country}), "city": names, "location": _kept(spot)}) or None


def _named(part: Any, code: str = "") -> dict[str, Any]:
    fields: dict[str, Any] = {"geoname_id": part.geoname_id}
    if part.names.get("en"):
        fields["names"] = {"en": part.names["en"]}
    if code:
        fields[code] = getattr(part, code)
    return _kept(fields)


def _kept(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", {}, [])}

"""The record of a public address in the shape of a GeoLite2 City record, which dashboards read as `geoInfo`.

A database of MaxMind's City schema is read by `geoip2`; what other databases know is put into the same shape. Names are
English. No state of the file stops an event: where it is missing, damaged or swapped, records are absent and counted.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import geoip2.database
import maxminddb
from geoip2.errors import AddressNotFoundError
from geoip2.models import City

from pipeline.enrich.place import NOWHERE
from pipeline.enrich.places import PlaceOf

_REMEMBERED: Final = 50_000
"""Addresses whose records are kept in memory."""
_LOOK_AGAIN: Final = 10.0
"""Seconds after which the file is looked at again."""
_LONGEST: Final = 120
"""Characters of a name that are kept."""
_MOST_SUBDIVISIONS: Final = 4
_LOCATION: Final = ("latitude", "longitude", "accuracy_radius", "time_zone")
_UNREADABLE: Final = (maxminddb.InvalidDatabaseError, OSError, ValueError, TypeError)


class GeoInfos:
    """Answers with such a record, or None where nothing is known.

    Parameters
    ----------
    geo
        Answers for addresses that the database does not know.
    where
        The database, or the folder that it may lie in; None for none.
    clock
        Seconds, ever growing.

    Examples
    --------
    >>> GeoInfos(None)("203.0.113.7") is None
    True
    """

    def __init__(
        self, geo: PlaceOf | None, where: Path | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.generation = 0
        """Grows when answers may have changed."""
        self.failed = 0
        """Addresses of which a damaged database told nothing."""
        self.problem = ""
        """Why the database is not read, or not the newest; empty where all is well."""
        self._geo, self._where, self._clock = geo, where, clock
        self._reader: geoip2.database.Reader | None = None
        self._mark: tuple[Any, ...] = ()
        """What tells the file that is read from its successor."""
        self._next_look = 0.0
        self._known: dict[str, Mapping[str, Any] | None] = {}
        self._look()

    @classmethod
    def open(cls, folder: Path, geo: PlaceOf | None) -> "GeoInfos":
        """With the City database of a folder, whenever one is there."""
        return cls(geo, folder)

    def __call__(self, address: str) -> Mapping[str, Any] | None:
        """The record of an address."""
        self.refresh()
        if address not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[address] = self._of_city(address) or self._of_place(address)
        return self._known[address]

    def __reduce__(self) -> tuple[Any, ...]:
        """A worker process opens the same file for itself."""
        return GeoInfos, (self._geo, self._where)

    def refresh(self) -> None:
        """Read the file anew where it has changed; looked at every ten seconds at most."""
        if self._where is not None and self._clock() >= self._next_look:
            self._look()

    def _look(self) -> None:
        self._next_look = self._clock() + _LOOK_AGAIN
        if self._where is None:
            return
        try:
            path = find_city(self._where)
            mark = _mark(path)
            if mark != self._mark:
                self._mark = mark
                self._reader = _open(path)
                self._known.clear()
                self.generation += 1
            self.problem = ""
        except _UNREADABLE as error:  # what was read before still holds
            self.problem = f"the city database in '{self._where}' cannot be read: {error}"

    def _of_city(self, address: str) -> Mapping[str, Any] | None:
        if self._reader is None:
            return None
        try:
            return _describe(self._reader.city(address))
        except AddressNotFoundError:
            return None
        except (*_UNREADABLE, AttributeError, KeyError, IndexError, UnicodeError):
            self.failed += 1
            return None

    def _of_place(self, address: str) -> Mapping[str, Any] | None:
        place = NOWHERE if self._geo is None else self._geo.place(address)
        names = {"names": {"en": place.city}} if place.city else {}
        spot = {"latitude": place.latitude, "longitude": place.longitude}
        return _kept({"country": _kept({"iso_code": place.country}), "city": names, "location": _kept(spot)}) or None


def find_city(where: Path) -> Path:
    """The City database at a path, or in a folder and the folders in it.

    Raises
    ------
    OSError
        There is none.
    """
    if not where.is_dir():
        return where
    for path in sorted(where.rglob("*.mmdb")):
        try:
            with maxminddb.open_database(path, maxminddb.MODE_FILE) as reader:
                if "City" in reader.metadata().database_type:
                    return path
        except _UNREADABLE:
            continue
    raise FileNotFoundError(f"no database of cities is in '{where}'")


def _mark(path: Path) -> tuple[Any, ...]:
    """What tells a file from one that takes its place."""
    state = path.stat()
    return path, state.st_ino, state.st_size, state.st_mtime_ns


def _open(path: Path) -> geoip2.database.Reader:
    """Open a database: a copy of it, for whoever writes into a file that is read by its pages ends its readers."""
    if os.statvfs(path).f_flag & os.ST_RDONLY:
        return geoip2.database.Reader(path)
    with tempfile.NamedTemporaryFile(suffix=".mmdb") as copy:
        with path.open("rb") as source:
            shutil.copyfileobj(source, copy)
        copy.flush()
        return geoip2.database.Reader(copy.name)


def _describe(found: City) -> dict[str, Any]:
    """The record as GeoLite2's databases have it, in English."""
    return _kept(
        {
            "continent": _named(found.continent, "code"),
            "country": _named(found.country, "iso_code"),
            "registered_country": _named(found.registered_country, "iso_code"),
            "subdivisions": [_named(each, "iso_code") for each in found.subdivisions[:_MOST_SUBDIVISIONS]],
            "city": _named(found.city),
            "postal": _kept({"code": _short(found.postal.code)}),
            "location": _kept({name: _short(getattr(found.location, name)) for name in _LOCATION}),
        }
    )


def _named(part: Any, code: str = "") -> dict[str, Any]:
    fields = {"geoname_id": _short(part.geoname_id)}
    if code:
        fields[code] = _short(getattr(part, code))
    name = part.names.get("en")
    return _kept(fields | {"names": _kept({"en": _short(name)})})


def _short(value: Any) -> Any:
    """A number as it is, a text bounded, and nothing of anything else."""
    if isinstance(value, str):
        return value[:_LONGEST]
    return value if isinstance(value, int | float) else None


def _kept(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None and value not in ("", {}, [])}

"""Where public addresses lie, from the geo databases of a folder: whichever are there, combined.

Read are `.mmdb` files of the GeoLite2 schema and of the flat `country_code` schema (City, Country, ASN, recognised by
their records and not by their names), and CSV ranges. Databases stay on disk; nothing is asked over a network.
"""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import maxminddb

from pipeline.enrich.place import NOWHERE, Place
from pipeline.enrich.ranges import Ranges, RangesError
from pipeline.errors import OddtrailError

SOURCES_FILE = "sources.json"
"""Beside installed databases: where each came from and what its licence asks to be shown."""
OLD = timedelta(days=180)
"""A database built longer ago gets a note: addresses change hands."""
_REMEMBERED = 200_000
"""Addresses whose places are kept in memory."""
_LONGEST = 120
_ASN = ("autonomous_system_number", "asn")
_ORGANISATION = (
    "autonomous_system_organization", "as_organization", "as_name", "asn_name", "organization", "org", "isp", "name",
)  # fmt: skip
_LATITUDE, _LONGITUDE = ("latitude", "lat"), ("longitude", "lng", "lon")
"""What databases call these."""
_ATTRIBUTION = {
    "geolite2": "This product includes GeoLite Data created by MaxMind, available from https://www.maxmind.com",
    "dbip": "IP Geolocation by DB-IP, https://db-ip.com",
}


class GeoError(OddtrailError):
    """A geo database is missing or damaged."""


class DatabaseFile(NamedTuple):
    """A file of a folder of databases."""

    name: str
    type: str
    """What it calls itself; empty where it does not."""
    built: datetime | None
    """None where the file does not say."""


class Database(Protocol):
    """One database."""

    def place(self, address: str) -> Place:
        """What it says of an address; NOWHERE when it says nothing."""


class Mmdb:
    """A MaxMind database file, of either schema."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reader = maxminddb.open_database(path)
        self.version = self.reader.metadata().ip_version
        self.failed = 0
        """Addresses for which the file turned out to be damaged."""

    def place(self, address: str) -> Place:
        """What the file says of an address."""
        if self.version == 4 and ":" in address:
            return NOWHERE
        try:
            record = self.reader.get(address)
        except ValueError:
            return NOWHERE
        except maxminddb.InvalidDatabaseError:
            self.failed += 1
            return NOWHERE
        return read_place(record) if isinstance(record, Mapping) else NOWHERE


def read_place(record: Mapping[str, Any]) -> Place:
    """Place of a database record, of the GeoLite2 schema or a flat one, as IPinfo and DB-IP have it.

    >>> read_place({"country_code": "KR", "city": "Seoul", "latitude": 37.5, "longitude": 127.0}).city
    'Seoul'
    >>> read_place({"country": {"iso_code": "KR"}, "city": {"names": {"en": "Seoul"}}}).country
    'KR'
    >>> read_place({"country": "Norway", "country_code": "NO", "asn": "AS64500", "as_name": "Fjord Net"})[-2:]
    (64500, 'Fjord Net')
    """
    country = record.get("country_code") or _inner(record, "country", "iso_code") or _code(record.get("country"))
    country = country or _inner(record, "registered_country", "iso_code")
    city = record.get("city")
    if isinstance(city, Mapping):
        names = city.get("names")
        city = names.get("en") if isinstance(names, Mapping) else None
    location = record.get("location")
    spot = location if isinstance(location, Mapping) else record
    return Place(
        _text(country).upper()[:2],
        _text(city),
        _degrees(_first(spot, _LATITUDE), 90),
        _degrees(_first(spot, _LONGITUDE), 180),
        _number(_first(record, _ASN)),
        _text(_first(record, _ORGANISATION)),
    )


class Geo:
    """Databases combined: the first that knows the country gives the place, the first that knows the ASN the network.

    Examples
    --------
    >>> geo = Geo([Ranges.of([["192.0.2.0", "192.0.2.255", "64500", "Example"]])])
    >>> geo.place("192.0.2.1").organisation
    'Example'
    """

    def __init__(
        self, databases: Sequence[Database], *, notes: Sequence[str] = (), attribution: Sequence[str] = ()
    ) -> None:
        self.databases = list(databases)
        self.notes = list(notes)
        """What is worth saying once: an old database, or what cannot be known without another."""
        self.attribution = list(attribution)
        """What the databases' licences ask to be shown."""
        self._where: Path | None = None
        self._places: dict[str, Place] = {}

    @classmethod
    def open(cls, path: Path | str, now: datetime | None = None) -> "Geo":
        """Open a database file, or every database of a folder and the folders in it.

        Raises
        ------
        GeoError
            Nothing is there, or a file is damaged.
        """
        where = Path(path).expanduser()
        now = now or datetime.now(UTC)
        databases, notes, attribution = [], [], _installed_attribution(where)
        for file in _files(where):
            database = _open(file)
            databases.append(database)
            if isinstance(database, Mmdb):
                metadata = database.reader.metadata()
                built = datetime.fromtimestamp(metadata.build_epoch, UTC)
                if now - built > OLD:
                    notes.append(f"{file.name} is of {built:%Y-%m-%d}: `oddtrail geoip install` fetches a newer one")
                shown = _attribution(f"{file.name} {metadata.database_type} {metadata.description}".lower())
                attribution += [shown] if shown not in " ".join(attribution) else []
        databases.sort(key=_rank)
        kinds = {kind for database in databases for kind in _kinds(database)}
        if "country" not in kinds:
            notes.append("no geo database tells countries: places are known by their network only")
        if "asn" not in kinds:
            notes.append("no geo database tells autonomous systems: network operators stay unknown")
        geo = cls(databases, notes=notes, attribution=attribution)
        geo._where = where
        return geo

    def place(self, address: str) -> Place:
        """Where a public address lies; asked again, it is remembered."""
        known = self._places.get(address)
        if known is None:
            if len(self._places) >= _REMEMBERED:
                self._places.clear()
            known = self._places[address] = self._look_up(address)
        return known

    def files(self) -> list[DatabaseFile]:
        """The files, in the order in which they are asked."""
        return [file for database in self.databases if (file := _describe(database))]

    def _look_up(self, address: str) -> Place:
        found = NOWHERE
        for database in self.databases:
            place = database.place(address)
            if place.country and not found.country:
                network = found if found.asn else place
                found = place._replace(asn=network.asn, organisation=network.organisation)
            elif place.asn and not found.asn:
                found = found._replace(asn=place.asn, organisation=place.organisation)
            if found.country and found.asn:
                break
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        """A worker process opens the same files for itself."""
        if self._where is None:
            return (Geo, (self.databases,))
        return (Geo.open, (self._where,))


def _describe(database: Database) -> DatabaseFile | None:
    """The file behind a database; None where it was made in memory."""
    if isinstance(database, Mmdb):
        metadata = database.reader.metadata()
        return DatabaseFile(
            database.path.name, metadata.database_type, datetime.fromtimestamp(metadata.build_epoch, UTC)
        )
    if isinstance(database, Ranges) and database.path is not None:
        return DatabaseFile(database.path.name, "", None)
    return None


def _files(where: Path) -> list[Path]:
    if where.is_file():
        return [where]
    if not where.is_dir():
        raise GeoError(f"'{where}' is not there: give a folder of geo databases, or run `oddtrail geoip install`")
    found = sorted(path for path in where.rglob("*") if path.is_file() and path.suffix.lower() in (".mmdb", ".csv"))
    found = [path for path in found if path.with_name(path.name.replace("-num.csv", ".csv")) not in set(found) - {path}]
    if not found:
        raise GeoError(f"no .mmdb or .csv file is in '{where}': run `oddtrail geoip install`, or give another folder")
    return found


def _open(path: Path) -> Database:
    try:
        if path.suffix.lower() == ".csv":
            ranges = Ranges(path)
            ranges.check()
            return ranges
        return Mmdb(path)
    except RangesError as error:
        raise GeoError(f"'{path}' holds no ranges of addresses ({error}): move it out of the folder") from error
    except (maxminddb.InvalidDatabaseError, OSError, ValueError) as error:
        raise GeoError(
            f"'{path}' is no geo database that can be read ({error}): fetch it again, or run `oddtrail geoip install`"
        ) from error


def _kinds(database: Database) -> set[str]:
    """What a database tells, by its first records."""
    if isinstance(database, Ranges):
        return {"country"} if database.has_country else {"asn"}
    kinds: set[str] = set()
    if isinstance(database, Mmdb):
        try:
            for _, (_, record) in zip(range(50), database.reader, strict=False):
                place = read_place(record) if isinstance(record, Mapping) else NOWHERE
                values = {"country": place.country, "city": place.city, "asn": place.asn}
                kinds |= {kind for kind, value in values.items() if value}
        except (maxminddb.InvalidDatabaseError, ValueError) as error:
            raise GeoError(f"'{database.path}' is damaged ({error}): fetch it again") from error
    return kinds


def _rank(database: Database) -> int:
    kinds = _kinds(database)
    return 0 if "city" in kinds else 1 if "country" in kinds else 2


def _installed_attribution(where: Path) -> list[str]:
    try:
        content = json.loads((where / SOURCES_FILE).read_text("utf-8"))
        return sorted({str(source["attribution"]) for source in content["sources"]})
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _attribution(about: str) -> str:
    return next((text for word, text in _ATTRIBUTION.items() if word in about), "")


def _first(record: Mapping[str, Any], names: Sequence[str]) -> Any:
    """The value under the first of some names that has one."""
    return next((record[name] for name in names if record.get(name) not in (None, "")), None)


def _code(value: Any) -> str:
    """A country that is given as its code; names are not codes."""
    return value if isinstance(value, str) and len(value) == 2 else ""


def _inner(record: Mapping[str, Any], key: str, inner: str) -> Any:
    value = record.get(key)
    return value.get(inner) if isinstance(value, Mapping) else None


def _text(value: Any) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""


def _number(value: Any) -> int:
    if isinstance(value, str):
        value = value.upper().removeprefix("AS")
        return int(value) if value.isdecimal() else 0
    return value if isinstance(value, int) and value > 0 else 0


def _degrees(value: Any, most: int) -> float | None:
    try:
        degrees = float(value) if isinstance(value, int | float | str) else math.nan
    except ValueError:
        return None
    return degrees if -most <= degrees <= most else None

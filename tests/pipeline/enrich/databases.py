"""Small geo databases for tests, in the schemas that exist."""

from pathlib import Path
from typing import Any

from mmdb_writer import MMDBWriter
from netaddr import IPSet

NESTED_CITY: dict[str, Any] = {
    "country": {"iso_code": "KR", "names": {"en": "South Korea"}},
    "city": {"names": {"en": "Seoul", "ko": "서울"}},
    "location": {"latitude": 37.5, "longitude": 127.0},
}
FLAT_CITY: dict[str, Any] = {
    "country_code": "DE",
    "city": "Berlin",
    "latitude": 52.5,
    "longitude": 13.4,
    "state1": "BE",
}
ASN: dict[str, Any] = {"autonomous_system_number": 64500, "autonomous_system_organization": "Example Net"}


def write_mmdb(path: Path, records: dict[str, dict[str, Any]], *, version: int = 6, kind: str = "Test") -> Path:
    """Write a database of networks and what it says of each."""
    writer = MMDBWriter(ip_version=version, ipv4_compatible=version == 6, database_type=kind, float_type="f64")
    for network, record in records.items():
        writer.insert_network(IPSet([network]), record)
    path.parent.mkdir(parents=True, exist_ok=True)
    writer.to_db_file(str(path))
    return path

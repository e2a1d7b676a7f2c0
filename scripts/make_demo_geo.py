"""Write the geo database of the simulated world: `python scripts/make_demo_geo.py`.

Two files of the GeoLite2 schema, City and ASN, from the table in `pipeline.simulate.networks`. Everything in them is
made up; they say nothing about real addresses.
"""

import sys
from pathlib import Path
from typing import Any, Final

from mmdb_writer import MMDBWriter
from netaddr import IPSet  # type: ignore[import-untyped]

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from pipeline.simulate.networks import CITIES, NETWORKS

FOLDER: Final = Path(__file__).resolve().parent.parent / "pipeline" / "data" / "demo_geo"
BUILT: Final = 1735689600
"""2025-01-01, so that the same table gives the same bytes."""


def write(folder: Path) -> None:
    """Write both databases into a folder."""
    about = "Synthetic networks of oddtrail's simulated company"
    cities = MMDBWriter(ip_version=4, database_type="Demo-GeoLite2-City", languages=["en"], description=about)
    numbers = MMDBWriter(ip_version=4, database_type="Demo-GeoLite2-ASN", languages=["en"], description=about)
    for network in NETWORKS:
        city, latitude, longitude, _ = CITIES[network.country]
        place: dict[str, Any] = {
            "country": {"iso_code": network.country, "names": {"en": network.country}},
            "city": {"names": {"en": city}},
            "location": {"latitude": latitude, "longitude": longitude},
        }
        block = IPSet([network.block])
        cities.insert_network(block, place)
        numbers.insert_network(
            block,
            {"autonomous_system_number": network.asn, "autonomous_system_organization": network.organisation},
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name, writer in (("demo-city.mmdb", cities), ("demo-asn.mmdb", numbers)):
        path = folder / name
        writer.to_db_file(str(path))
        path.write_bytes(_dated(path.read_bytes()))


def _dated(data: bytes) -> bytes:
    """Replace the time of writing with a fixed one."""
    key = b"Kbuild_epoch"
    at = data.rindex(key) + len(key)
    size = data[at] & 0x1F
    extended = 1 if data[at] >> 5 == 0 else 0
    begin = at + 1 + extended
    return data[:begin] + BUILT.to_bytes(size, "big") + data[begin + size :]


if __name__ == "__main__":
    write(FOLDER)

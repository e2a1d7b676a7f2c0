"""The demo geo database: what is committed is what the script writes, and it knows every network of the simulation."""

from pathlib import Path
from random import Random

from pipeline.enrich.geo import Geo
from pipeline.simulate.networks import CITIES, FAR, LIVED, NETWORKS, VISITED, of
from scripts.make_demo_geo import FOLDER, write


def test_the_committed_files_are_what_the_script_writes(tmp_path: Path) -> None:
    write(tmp_path)
    written = sorted(tmp_path.iterdir())
    assert [path.name for path in written] == ["demo-asn.mmdb", "demo-city.mmdb"]
    for path in written:
        assert path.read_bytes() == (FOLDER / path.name).read_bytes()


def test_every_network_is_known_with_country_city_and_organisation() -> None:
    geo = Geo.open(FOLDER)
    for network in NETWORKS:
        place = geo.place(network.address(Random(network.block)))
        assert (place.country, place.asn, place.organisation) == (network.country, network.asn, network.organisation)
        assert place.city == CITIES[network.country][0]


def test_nobody_of_a_company_lives_or_travels_where_loud_attackers_call_from() -> None:
    assert not set(FAR) & {*LIVED, *VISITED}
    assert {network.country for network in of("hosting")} >= {*FAR, *LIVED}

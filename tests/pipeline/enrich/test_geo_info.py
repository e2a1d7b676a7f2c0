"""What is known of an address has one shape, whichever database says it."""

import pickle

import pytest

from pipeline.enrich.geo import Geo
from pipeline.enrich.geo_info import GeoInfos
from tests.pipeline.enrich.databases import ASN, FLAT_CITY, NESTED_CITY, write_mmdb

FULL = NESTED_CITY | {
    "continent": {"code": "AS", "geoname_id": 6255147, "names": {"en": "Asia", "ko": "아시아"}},
    "subdivisions": [{"iso_code": "11", "geoname_id": 1835847, "names": {"en": "Seoul"}}],
    "postal": {"code": "03141"},
    "location": NESTED_CITY["location"] | {"time_zone": "Asia/Seoul", "accuracy_radius": 20},
}


def infos(folder):
    return GeoInfos.open(folder, Geo.open(folder))


@pytest.mark.parametrize("kind", ["GeoLite2-City", "GeoIP2-City", "Test"])
def test_a_city_database_gives_its_record_in_english(tmp_path, kind):
    write_mmdb(tmp_path / "city.mmdb", {"1.2.3.0/24": FULL}, kind=kind)
    found = infos(tmp_path)("1.2.3.4")
    assert found["country"]["iso_code"] == "KR"
    assert found["city"]["names"] == {"en": "Seoul"}
    assert (found["location"]["latitude"], found["location"]["longitude"]) == (37.5, 127.0)
    if "City" in kind:
        assert found["continent"] == {"code": "AS", "geoname_id": 6255147, "names": {"en": "Asia"}}
        assert found["subdivisions"][0]["iso_code"] == "11"
        assert (found["postal"], found["location"]["time_zone"]) == ({"code": "03141"}, "Asia/Seoul")


def test_a_flat_database_gives_the_same_shape(tmp_path):
    write_mmdb(tmp_path / "flat.mmdb", {"1.2.3.0/24": FLAT_CITY}, kind="DBIP-Flat")
    assert infos(tmp_path)("1.2.3.4") == {
        "country": {"iso_code": "DE"}, "city": {"names": {"en": "Berlin"}},
        "location": {"latitude": 52.5, "longitude": 13.4},
    }  # fmt: skip


@pytest.mark.parametrize("address", ["9.9.9.9", "2001:db8::1", "not an address", "", "1.2.3.4\n"])
def test_of_an_unknown_address_nothing_is_said(tmp_path, address):
    write_mmdb(tmp_path / "city.mmdb", {"1.2.3.0/24": FULL}, kind="GeoLite2-City")
    write_mmdb(tmp_path / "asn.mmdb", {"1.2.3.0/24": ASN}, kind="ASN")
    assert infos(tmp_path)(address) is None


def test_another_process_opens_the_same_files(tmp_path):
    write_mmdb(tmp_path / "city.mmdb", {"1.2.3.0/24": FULL}, kind="GeoLite2-City")
    geo = infos(tmp_path)
    assert pickle.loads(pickle.dumps(geo))("1.2.3.4") == geo("1.2.3.4")

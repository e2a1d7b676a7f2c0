"""Records in the shape of GeoLite2 City's, whatever becomes of the file while it is read."""

import os
import pickle

import geoip2.database
import pytest

from pipeline.documents.document import DocumentMaker
from pipeline.enrich.city import GeoInfos, find_city
from pipeline.enrich.geo import Geo
from pipeline.enrich.place import Place
from tests.pipeline.documents.making import body
from tests.pipeline.enrich.databases import ASN, FLAT_CITY, write_mmdb
from tests.pipeline.ingest.records import a_record

ADDRESS = "203.0.113.7"
NETWORK = "203.0.113.0/24"
SEOUL = {
    "continent": {"code": "AS", "geoname_id": 6255147, "names": {"en": "Asia", "ja": "アジア"}},
    "country": {"iso_code": "KR", "geoname_id": 1835841, "names": {"en": "South Korea", "ko": "대한민국"}},
    "registered_country": {"iso_code": "KR", "geoname_id": 1835841, "names": {"en": "South Korea"}},
    "subdivisions": [{"iso_code": "11", "geoname_id": 1835847, "names": {"en": "Seoul"}}],
    "city": {"geoname_id": 1835848, "names": {"en": "Seoul", "ko": "서울"}},
    "postal": {"code": "03141"},
    "location": {"accuracy_radius": 20, "latitude": 37.5, "longitude": 127.0, "time_zone": "Asia/Seoul"},
}
WANTED = {
    "continent": {"geoname_id": 6255147, "code": "AS", "names": {"en": "Asia"}},
    "country": {"geoname_id": 1835841, "iso_code": "KR", "names": {"en": "South Korea"}},
    "registered_country": {"geoname_id": 1835841, "iso_code": "KR", "names": {"en": "South Korea"}},
    "subdivisions": [{"geoname_id": 1835847, "iso_code": "11", "names": {"en": "Seoul"}}],
    "city": {"geoname_id": 1835848, "names": {"en": "Seoul"}},
    "postal": {"code": "03141"},
    "location": {"latitude": 37.5, "longitude": 127.0, "accuracy_radius": 20, "time_zone": "Asia/Seoul"},
}


class Clock:
    time = 0.0

    def __call__(self):
        return self.time


class Somewhere:
    def place(self, address):
        return Place("DE", "Berlin", 52.5, 13.4)


def write(path, record, network=NETWORK):
    return write_mmdb(path, {network: record}, kind="GeoLite2-City")


def test_a_record_is_in_the_shape_of_the_database_in_english(tmp_path):
    infos = GeoInfos(None, write(tmp_path / "city.mmdb", SEOUL))
    assert infos(ADDRESS) == WANTED
    assert infos("198.51.100.1") is None
    assert (infos.problem, infos.failed) == ("", 0)
    with geoip2.database.Reader(tmp_path / "city.mmdb") as reader:
        raw = reader.city(ADDRESS).to_dict()
    for part in ("continent", "country", "registered_country", "city", "postal", "location"):
        assert {name: value for name, value in raw[part].items() if name != "names"} == {
            name: value for name, value in WANTED[part].items() if name != "names"
        }


def test_it_is_the_document_that_an_analyst_sees(tmp_path):
    write(tmp_path / "a/city.mmdb", SEOUL)
    write_mmdb(tmp_path / "asn.mmdb", {NETWORK: ASN}, kind="GeoLite2-ASN")
    geo = Geo.open(tmp_path)
    document = body(a_record(), geo=geo, maker=DocumentMaker(geo_info=GeoInfos.open(tmp_path, geo)))
    assert document["geoInfo"] == WANTED
    assert document["source"]["geo"] == {
        "continent_name": "Asia", "country_iso_code": "KR", "country_name": "South Korea", "region_iso_code": "KR-11",
        "region_name": "Seoul", "city_name": "Seoul", "location": {"lat": 37.5, "lon": 127.0},
    }  # fmt: skip


def test_what_other_databases_know_is_put_in_the_same_shape(tmp_path):
    write_mmdb(tmp_path / "flat.mmdb", {NETWORK: FLAT_CITY}, kind="dbip-flat")
    infos = GeoInfos.open(tmp_path, Geo.open(tmp_path))
    assert infos(ADDRESS) == {
        "country": {"iso_code": "DE"}, "city": {"names": {"en": "Berlin"}},
        "location": {"latitude": 52.5, "longitude": 13.4},
    }  # fmt: skip
    assert "no database of cities" in infos.problem


@pytest.mark.parametrize("content", [b"", b"garbage", b"\xab\xcd\xefMaxMind.com" + b"\xff" * 50, None])
def test_a_database_that_is_missing_or_damaged_stops_nothing(tmp_path, content):
    path = tmp_path / "city.mmdb"
    if content is not None:
        path.write_bytes(content)
    infos = GeoInfos(Somewhere(), path)
    assert infos(ADDRESS)["country"] == {"iso_code": "DE"}
    assert "cannot be read" in infos.problem
    assert body(a_record(), maker=DocumentMaker(geo_info=GeoInfos(None, path))).get("geoInfo") is None


def test_a_database_damaged_within_is_counted(tmp_path):
    path = write(tmp_path / "city.mmdb", SEOUL)
    whole = path.read_bytes()
    at = whole.index(b"South Korea") - 30
    path.write_bytes(whole[:at] + b"\xff" * 20 + whole[at + 20 :])
    infos = GeoInfos(None, path)
    assert infos(ADDRESS) is None
    assert infos.failed == 1


@pytest.mark.parametrize("replace", ["renamed over", "written into"])
def test_a_database_that_is_swapped_is_read_anew(tmp_path, replace):
    path, clock = write(tmp_path / "city.mmdb", SEOUL), Clock()
    infos = GeoInfos(None, path, clock)
    assert infos(ADDRESS)["city"]["names"]["en"] == "Seoul"
    new = write(tmp_path / "new", SEOUL | {"city": {"names": {"en": "Busan"}}})
    os.utime(new, ns=(1, 1))
    if replace == "renamed over":
        new.replace(path)
    else:
        path.write_bytes(new.read_bytes())
    assert infos(ADDRESS)["city"]["names"]["en"] == "Seoul"
    before, clock.time = infos.generation, 60.0
    assert infos(ADDRESS)["city"]["names"]["en"] == "Busan"
    assert infos.generation == before + 1


@pytest.mark.parametrize("content", [b"", b"garbage", None])
def test_while_its_successor_is_damaged_or_missing_the_last_good_one_answers(tmp_path, content):
    path, clock = write(tmp_path / "city.mmdb", SEOUL), Clock()
    infos = GeoInfos(None, path, clock)
    path.unlink() if content is None else path.write_bytes(content)
    clock.time = 60.0
    assert infos("203.0.113.8") == WANTED
    assert "cannot be read" in infos.problem
    write(path, SEOUL | {"city": {"names": {"en": "Busan"}}})
    clock.time = 120.0
    assert infos(ADDRESS)["city"]["names"]["en"] == "Busan"
    assert infos.problem == ""


def test_a_database_that_comes_later_is_found(tmp_path):
    clock = Clock()
    infos = GeoInfos(None, tmp_path, clock)
    assert infos(ADDRESS) is None
    write(tmp_path / "city.mmdb", SEOUL)
    clock.time = 60.0
    assert infos(ADDRESS) == WANTED


def test_the_database_of_a_folder_is_known_by_its_kind(tmp_path):
    write_mmdb(tmp_path / "a.mmdb", {NETWORK: ASN}, kind="GeoLite2-ASN")
    (tmp_path / "b.mmdb").write_bytes(b"garbage")
    path = write(tmp_path / "c.mmdb", SEOUL)
    assert find_city(tmp_path) == path


def test_a_worker_opens_the_same_file(tmp_path):
    infos = GeoInfos(None, write(tmp_path / "city.mmdb", SEOUL))
    assert pickle.loads(pickle.dumps(infos))(ADDRESS) == WANTED


def test_odd_values_of_a_database_are_left_out_or_bounded(tmp_path):
    odd = {"city": {"names": {"en": "x" * 10_000}}, "location": {"latitude": "north"}, "country": {"iso_code": 5}}
    found = GeoInfos(None, write(tmp_path / "city.mmdb", odd))(ADDRESS)
    assert len(found["city"]["names"]["en"]) == 120

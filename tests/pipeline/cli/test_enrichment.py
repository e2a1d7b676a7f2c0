"""What a command knows of addresses: what is named, what is installed, and what is said where there is nothing."""

from pathlib import Path

import pytest

from pipeline.cli.enrichment import INSTALLED, WITHOUT, open_enrichment
from pipeline.cli.session import Session
from pipeline.errors import SettingsError
from tests.pipeline.cli.commands import run


class Listener(Session):
    """A session that keeps its remarks."""

    def __init__(self, home: Path) -> None:
        super().__init__({"home": home})
        self.remarks: list[str] = []

    def remark(self, text: str) -> None:
        self.remarks.append(text)


@pytest.fixture
def session(tmp_path: Path) -> Listener:
    return Listener(tmp_path / "home")


def _write_databases(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "asn.csv").write_text("198.51.100.0,198.51.100.255,64500,Example Networks\n")


def test_without_a_database_places_stay_unknown_and_it_is_said_once(session):
    enrichment = open_enrichment(session, None, None)
    assert (enrichment.geo, enrichment.attribution) == (None, [])
    assert session.remarks == enrichment.notes == [WITHOUT]


def test_what_is_installed_is_used_unless_another_is_named(session, tmp_path):
    for folder in (session.given["home"] / INSTALLED, tmp_path / "named"):
        _write_databases(folder)
    for given, folder in ((None, session.given["home"] / INSTALLED), (str(tmp_path / "named"), tmp_path / "named")):
        geo = open_enrichment(session, given, None).geo
        assert [file.name for file in geo.files()] == ["asn.csv"]
        assert open_enrichment(session, given, None).settings.geoip == (folder if given else None)
    assert WITHOUT not in session.remarks


def test_own_networks_are_those_that_are_named(session, tmp_path):
    (tmp_path / "own.csv").write_text("198.51.100.0/24,office\n")
    assert open_enrichment(session, None, str(tmp_path / "own.csv")).networks.name("198.51.100.7") == "office"
    assert open_enrichment(session, None, None).networks.name("198.51.100.7") == ""
    with pytest.raises(SettingsError, match="cannot be read"):
        open_enrichment(session, None, str(tmp_path / "none.csv"))


@pytest.mark.parametrize("command", [["ingest"], ["index"], ["watch"], ["dead-letters", "replay"]])
def test_all_commands_name_them_alike(command):
    told = " ".join(run(*command, "--help").stdout.split())
    assert "--geoip DIR Geo databases. [ODDTRAIL_GEOIP; what `oddtrail geoip install` fetched]" in told
    assert "--networks FILE Names your own networks, as TOML or CSV. [ODDTRAIL_NETWORKS]" in told

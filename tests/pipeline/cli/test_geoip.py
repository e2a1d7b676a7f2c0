"""`oddtrail geoip`: which databases are used, and what to do without."""

from importlib.resources import files
from pathlib import Path

import pytest

from tests.pipeline.cli.commands import answer, run


def test_without_databases_it_says_what_cannot_be_known(tmp_path: Path) -> None:
    told = answer("geoip", "status", "--home", tmp_path)
    assert told["databases"] == []
    assert "oddtrail geoip install" in told["notes"][0]


def test_databases_in_the_home_are_found_and_their_licence_is_shown(tmp_path: Path) -> None:
    (tmp_path / "geoip").symlink_to(str(files("pipeline") / "data" / "demo_geo"))
    told = answer("geoip", "status", "--home", tmp_path)
    assert len(told["databases"]) == 2
    assert all(file["name"].endswith(".mmdb") for file in told["databases"])
    assert all(file["built"].endswith("Z") and file["age_days"] >= 0 for file in told["databases"])
    text = run("geoip", "status", "--home", tmp_path).stdout
    assert told["databases"][0]["name"] in text
    assert "days ago" in text
    assert told["attribution"]
    korean = run("geoip", "status", "--home", tmp_path, "--lang", "ko").stdout
    assert "의 데이터베이스 2개" in korean
    assert "일 전" in korean


def test_a_folder_that_is_named_and_is_not_there_is_an_error(tmp_path: Path) -> None:
    result = run("geoip", "status", "--home", tmp_path, ODDTRAIL_GEOIP=str(tmp_path / "nowhere"))
    assert result.exit_code == 1
    assert "nowhere" in result.stderr


def test_without_npm_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = run("geoip", "install", "--home", tmp_path)
    assert result.exit_code == 1
    assert "npm" in result.stderr

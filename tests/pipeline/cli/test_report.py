"""`oddtrail report`: which days, where it goes, and what it says when it cannot."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.pipeline.cli.commands import answer, run
from tests.pipeline.cli.homes import NINE, a_home, a_record, an_alert, with_alerts


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return with_alerts(a_home(tmp_path, [a_record(), a_record(NINE + timedelta(days=3))]), an_alert())


def test_it_counts_back_from_the_newest_day_that_is_known(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.html"
    told = answer("report", "--home", home, "--out", out)
    assert (told["first"], told["last"], told["incidents"], told["events"]) == ("2026-02-27", "2026-03-05", 1, 2)
    assert told["bytes"] == out.stat().st_size
    told = answer("report", "--home", home, "--since", "24h", "--out", out)
    assert (told["first"], told["last"], told["incidents"]) == ("2026-03-05", "2026-03-05", 0)
    told = answer("report", "--home", home, "--since", "2026-03-01", "--until", "2026-03-02", "--out", out)
    assert (told["first"], told["last"], told["incidents"]) == ("2026-03-01", "2026-03-02", 1)


def test_it_names_its_file_by_its_days(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("report", "--home", home, "--since", "2d")
    assert "oddtrail-2026-03-04-2026-03-05.html: 2026-03-04 to 2026-03-05" in result.stdout
    assert (tmp_path / "oddtrail-2026-03-04-2026-03-05.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_text_is_printed_and_nothing_is_written(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())
    result = run("report", "--home", home, "--text")
    assert result.stdout.startswith("oddtrail, 2026-02-27 to 2026-03-05\n1 incident in 7 days")
    assert set(tmp_path.iterdir()) == before


def test_both_are_told_in_a_language_that_is_asked_for(home: Path, tmp_path: Path) -> None:
    assert "인시던트 1건" in run("report", "--home", home, "--text", "--lang", "ko").stdout
    out = tmp_path / "ko.html"
    answer("report", "--home", home, "--out", out, "--lang", "ko")
    html = out.read_text(encoding="utf-8")
    assert '<html lang="ko">' in html
    assert "왜 이상한가" in html
    assert "give en or ko" in run("report", "--home", home, "--text", "--lang", "fr").stderr


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--text", "--json"], "--text is printed"),
        (["--since", "2026-03-09"], "--since is 2026-03-09, which is after 2026-03-05"),
        (["--since", "soon"], "--since is 'soon'"),
        (["--until", "later"], "--until is 'later'"),
        (["--out", "/nowhere/at/all.html"], "/nowhere/at/all.html cannot be written"),
    ],
)
def test_what_cannot_be_is_told(home: Path, given: list[str], told: str) -> None:
    result = run("report", "--home", home, *given, COLUMNS="200")
    assert result.exit_code in (1, 2)
    assert told in result.stderr


def test_where_there_is_no_home_it_says_so(tmp_path: Path) -> None:
    result = run("report", "--home", tmp_path / "none", "--text")
    assert result.exit_code == 1
    assert "oddtrail" in result.stderr

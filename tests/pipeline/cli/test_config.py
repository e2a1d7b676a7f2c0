"""`oddtrail config show` says what is in force, and why."""

from pathlib import Path

from pipeline.settings import Settings
from tests.pipeline.cli.commands import answer, run


def test_every_setting_is_shown_with_its_value_and_where_it_comes_from(tmp_path: Path) -> None:
    (tmp_path / "oddtrail.toml").write_text('timezone = "Asia/Seoul"\n')
    shown = run("config", "show", "--home", tmp_path, "--memory", "2GB", ODDTRAIL_BUDGET="off", COLUMNS="200").stdout
    lines = {line.split()[0]: line.split()[1:3] for line in shown.splitlines() if line.strip()}
    assert set(Settings.model_fields) < set(lines)
    assert lines["memory"] == ["2GB", "--memory"]
    assert lines["budget"] == ["off", "ODDTRAIL_BUDGET"]
    assert lines["timezone"] == ["Asia/Seoul", "timezone"]


def test_settings_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    result = run("config", "show", "--home", tmp_path, "--threads", "many")
    assert result.exit_code == 1
    assert result.stderr == "oddtrail: --threads is 'many': give a whole number of cores from 1\n"


def test_settings_are_one_object_in_json(tmp_path: Path) -> None:
    assert answer("config", "show", "--home", tmp_path)["settings"]["lateness"]["value"] == "15m"

"""`oddtrail drill` on a home that nobody watches: played, found, told, taken away."""

import json
import shutil
from pathlib import Path

import pytest

from pipeline.cli.session import MISSED, OK
from pipeline.simulate.techniques import TECHNIQUES
from pipeline.stores.home import open_store
from tests.deliveries import World, a_world
from tests.pipeline.cli.commands import answer, run


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A company whose newest files are months old."""
    return a_world(tmp_path_factory.mktemp("cli_drilled"))


@pytest.fixture
def home(world: World, tmp_path: Path) -> Path:
    return Path(shutil.copytree(world.home, tmp_path / "home"))


def test_it_is_played_found_and_taken_away(home: Path, tmp_path: Path) -> None:
    (logs := tmp_path / "trail").mkdir()
    attack = ("drill", "--home", home, "--attack", "trail-stopped", "--stealth", "loud", "--into", logs)
    result = run(*attack, "--once", "--json")
    assert result.exit_code == OK, result.output
    [told] = json.loads(result.stdout)["drills"]
    assert (told["found"], told["attack"], told["stealth"], told["fared"]["raised"]) == (
        True, "trail-stopped", "loud", True,
    )  # fmt: skip
    assert list(told["seconds"]) == ["written", "taken_in", "judged", "alerted"]
    [alert] = answer("alerts", "list", "--home", home)["alerts"]
    assert (alert["drill"], alert["title"][:7]) == (told["id"], "[drill]")
    assert len(list(logs.rglob("*.json.gz"))) == len(told["files"])
    assert answer("drill", "--clean", "--home", home)["cleaned"] == [
        {"id": told["id"], "attack": "trail-stopped", "stealth": "loud"}
    ]
    assert list(logs.rglob("*.json.gz")) == []
    assert answer("alerts", "list", "--home", home)["alerts"] == []


def test_what_nobody_takes_in_is_missed(home: Path, tmp_path: Path) -> None:
    (logs := tmp_path / "trail").mkdir()
    result = run("drill", "--home", home, "--into", logs, "--wait", "1s")
    assert result.exit_code == MISSED
    assert result.stdout.count("NOT RAISED") == 3
    korean = run("drill", "--home", home, "--into", logs, "--wait", "1s", "--lang", "ko")
    assert korean.stdout.count("발령되지 않음") == 3
    assert korean.stdout.count("아무것도 수집되지 않았습니다.") == 3
    assert "nothing of it was taken in" in result.stdout
    with open_store(home) as store:
        assert len(store.drills.begun()) == 6


def test_attacks_are_listed_and_what_is_none_is_refused(home: Path) -> None:
    assert {one["name"] for one in answer("drill", "--list")["attacks"]} == {one.name for one in TECHNIQUES}
    assert run("drill", "--stealth", "silent").exit_code == 2
    result = run("drill", "--home", home, "--attack", "tea")
    assert (result.exit_code, "oddtrail drill --list" in result.stderr) == (1, True)

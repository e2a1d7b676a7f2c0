"""`oddtrail shards`: who counts which principals, and one machine that does."""

import signal
import subprocess
import sys
from pathlib import Path

from pipeline.stores.home import open_store
from tests.pipeline.cli.commands import answer, run


def test_what_is_assigned_is_told_and_taken_back(tmp_path: Path) -> None:
    with open_store(tmp_path / "home"):
        pass
    told = answer("shards", "assign", "here", "node-b", "--home", tmp_path / "home")
    assert told == {"owners": ["here", "node-b"]}
    assert "shard 2 of 2: node-b" in run("shards", "assign", "here", "node-b", "--home", tmp_path / "home").stdout
    assert "on its machine alone" in run("shards", "assign", "--home", tmp_path / "home").stdout


def test_what_is_no_name_is_refused(tmp_path: Path) -> None:
    with open_store(tmp_path / "home"):
        pass
    refused = run("shards", "assign", "../elsewhere", "--home", tmp_path / "home")
    assert refused.exit_code == 1
    assert "no name of a machine" in refused.stderr


def test_who_serves_waits_for_a_watch_and_ends_when_told(tmp_path: Path) -> None:
    code = "from pipeline.cli.app import main; main()"
    command = [sys.executable, "-c", code, "shards", "serve", "node-b", "--home", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "waits for a watch" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert list(tmp_path.iterdir()) == [], "nothing is written where no watch is"

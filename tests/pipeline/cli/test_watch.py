"""`oddtrail watch`: one tick, what it says of what failed, being stopped, and a second one on the same home."""

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.stores.home import open_store
from tests.deliveries import World, a_world
from tests.pipeline.cli.commands import answer, run


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return a_world(tmp_path_factory.mktemp("world"))


@pytest.fixture
def home(world: World, tmp_path: Path) -> Path:
    return shutil.copytree(world.home, tmp_path / "home")


def land(world: World, folder: Path) -> Path:
    folder.mkdir()
    for path in world.later:
        shutil.copy(path, folder)
    return folder


def test_one_tick_takes_in_scores_and_tells(world, home, tmp_path):
    bucket = land(world, tmp_path / "bucket")
    told = answer("watch", bucket, "--once", "--no-train", "--home", home)
    assert told["events"] > 1_000
    assert told["revisions"] > 0
    assert told["raised"] > 0
    assert told["problems"] == []
    again = answer("watch", bucket, "--once", "--no-train", "--home", home)
    assert (again["events"], again["revisions"]) == (0, 0)
    shown = run("watch", bucket, "--once", "--no-train", "--home", home)
    assert shown.exit_code == 0
    assert "0 new events, 0 revisions of alerts, 0 raised" in shown.stdout
    korean = run("watch", bucket, "--once", "--no-train", "--home", home, "--lang", "ko")
    assert "새 이벤트 0건, 경보 갱신 0회, 발령 0건" in korean.stdout


def test_what_failed_is_told_and_the_exit_code_says_so(world, home, tmp_path):
    bucket, nowhere = land(world, tmp_path / "bucket"), tmp_path / "nowhere"
    result = run(
        "watch", nowhere, bucket, "--once", "--no-train", "--home", home, "--json",
        "--alerts", "opensearch+http://127.0.0.1:9",
    )  # fmt: skip
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["revisions"] > 0
    [source, engine] = told["problems"]
    assert source.startswith(f"{nowhere}: ")
    assert engine.startswith("http://127.0.0.1:9 default: ")
    assert told["published"]["http://127.0.0.1:9 default"]["left"] >= told["revisions"]
    said = run("watch", nowhere, bucket, "--once", "--no-train", "--home", home)
    assert (said.exit_code, str(nowhere) in said.stderr) == (1, True)


@pytest.mark.parametrize(
    ("option", "value"), [("--every", "0s"), ("--keep", "1h"), ("--alerts", "http://x"), ("--since", "soon")]
)
def test_an_option_that_makes_no_sense_is_one_line(home, tmp_path, option, value):
    result = run("watch", tmp_path, "--once", "--home", home, option, value)
    assert result.exit_code in (1, 2)
    assert value in result.stderr
    assert "Traceback" not in result.stderr


def start(bucket: Path, home: Path, *more: str) -> "subprocess.Popen[str]":
    arguments = ["watch", str(bucket), "--no-train", "--home", str(home), "--every", "1s", "--threads", "1", *more]
    return subprocess.Popen(
        [sys.executable, "-c", "from pipeline.cli.app import main; main()", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def events_of(home: Path) -> int:
    with open_store(home) as store:
        return sum(held.events for held in store.events.accounts())


def wait_for(home: Path, events: int) -> None:
    end = time.monotonic() + 120
    while events_of(home) < events and time.monotonic() < end:
        time.sleep(0.2)
    assert events_of(home) >= events


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_watches_until_it_is_stopped_and_a_second_one_ends_at_once(world, home, tmp_path, number):
    bucket, before = tmp_path / "bucket", events_of(home)
    bucket.mkdir()
    process = start(bucket, home)
    try:
        for path in world.later[:5]:
            shutil.copy(path, bucket)
        wait_for(home, before + 1)
        second = run("watch", bucket, "--once", "--home", home)
        assert second.exit_code == 1
        assert "another `oddtrail watch` watches this home" in second.stderr
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, err
    assert out.count("\n") == 1
    assert "Traceback" not in err
    assert run("watch", bucket, "--once", "--no-train", "--home", home).exit_code == 0  # the lease was given back


def children_of(process: "subprocess.Popen[str]") -> list[str]:
    found = [
        path.parent.name
        for path in Path("/proc").glob("[0-9]*/stat")
        if (told := read(path)) and told.rpartition(")")[2].split()[1] == str(process.pid)
    ]
    return [number for number in found if "spawn_main" in read(Path("/proc") / number / "cmdline")]


def read(path: Path) -> str:
    """A file of /proc; empty where its process is gone."""
    try:
        return path.read_text()
    except OSError:
        return ""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_shards_end_with_the_watch_that_was_killed(world, home, tmp_path):
    bucket = land(world, tmp_path / "bucket")
    process = start(bucket, home, "--shards", "2")
    assert process.stderr is not None
    try:
        line = json.loads(next(text for text in process.stderr if text.startswith("{")))
        assert (line["event"], line["problems"], line["recounted"]) == ("tick", [], "")
        assert line["revisions"] > 0
        shards = children_of(process)
        assert len(shards) == 2
    finally:
        process.kill()
        process.communicate()
    end = time.monotonic() + 20
    while any(read(Path("/proc") / number / "cmdline") for number in shards) and time.monotonic() < end:
        time.sleep(0.1)
    assert [number for number in shards if read(Path("/proc") / number / "cmdline")] == []

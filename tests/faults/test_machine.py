"""A machine that fails us: no room, a clock that jumps, a burst with a slow server (rows 28, 39 and 52)."""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.pipeline.cli.commands import answer
from tests.pipeline.delivery.target import a_target, index
from tests.pipeline.ingest.records import a_name, a_record, envelope, write, write_bucket

LAST = "ffffffff-0000-4000-8000-000000000000"
PROGRAM = """
import signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from pipeline.ingest import tasks
tasks._TASK_FILES = 1
from pipeline.cli.app import main
main()
"""


def index_within(size: int, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run `oddtrail index` where no file may grow past a size: the errors are those of a full disk."""
    bound = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))  # noqa: E731
    command = [sys.executable, "-c", PROGRAM, "index", *map(str, arguments)]
    return subprocess.run(command, preexec_fn=bound, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("size", [0, 5_000, 40_000])
def test_a_full_disk_is_one_line_and_with_room_again_it_goes_on(tmp_path: Path, engine, size: int) -> None:
    ids = write_bucket(tmp_path / "in", files=30, each=20)
    odd = [b'{"eventName":' + b"x" * 300] * 9
    write(tmp_path / "in" / a_name("20260304T2355Z", mark="z" * 16), envelope(a_record(eventID=LAST), *odd))
    line = (tmp_path / "in", "--to", engine.url, "--home", tmp_path / "home", "--retention", "5000d")
    failed = index_within(size, *line)
    assert failed.returncode == 1, failed.stdout
    assert failed.stdout == ""
    [said] = [text for text in failed.stderr.splitlines() if "no geo database" not in text and text.startswith("odd")]
    assert "make room" in said
    assert "Traceback" not in failed.stderr
    told = answer("index", *line)
    assert told["records"] == told["indexed"] + told["duplicates"] + told["dead_letters"] + told["quarantined"]
    assert engine.ids == sorted([*ids, LAST])
    letters = answer("dead-letters", "list", "--home", tmp_path / "home")
    assert letters["total"] >= 9


def test_letters_that_find_no_room_leave_their_file_to_the_next_run(tmp_path: Path, engine) -> None:
    broken = os.urandom(30_000).hex().encode()
    write(tmp_path / "in" / a_name(), envelope(a_record(), b'{"eventName":"' + broken))
    line = (tmp_path / "in", "--to", engine.url, "--home", tmp_path / "home", "--retention", "5000d")
    failed = index_within(50_000, *line)
    assert failed.returncode == 1
    assert "dead letters cannot be written" in failed.stderr
    told = answer("index", *line)
    assert (told["skipped_files"], told["dead_letters"]) == (0, 1)
    assert len(engine.held) == 1


@pytest.mark.parametrize("hours", [-1, 24])
def test_a_clock_that_jumps_delays_and_loses_nothing(tmp_path: Path, engine, monkeypatch, hours: int) -> None:
    ids = write_bucket(tmp_path / "in", files=3, each=50)
    tell = time.time

    def jump(asked: list[str]) -> tuple[int, bytes]:
        monkeypatch.setattr(time, "time", lambda: tell() + hours * 3_600)
        return 429, b""

    engine.scripts = [jump]
    begun = time.monotonic()
    index(a_target(tmp_path, engine.url), tmp_path / "in")
    assert time.monotonic() - begun < 20
    assert engine.ids == sorted(ids)


PEAK = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from tests.pipeline.delivery.target import a_target, index
target = a_target(Path(sys.argv[1]), sys.argv[2])
index(target, Path(sys.argv[3]))
[peak] = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(json.dumps({"indexed": target.tally.indexed, "megabytes": int(peak.split()[1]) >> 10}))
"""


def test_a_burst_before_a_slow_server_takes_no_more_memory_than_a_trickle(tmp_path: Path, engine) -> None:
    engine.always = lambda ids: time.sleep(0.1)  # type: ignore[func-returns-value]
    padding = {"padding": "x" * 1_500}
    used = {}
    for name, files in (("trickle", 2), ("burst", 10)):
        for n in range(files):
            made = [a_record(requestParameters=padding, eventTime="2026-03-02T12:00:00Z") for _ in range(3_000)]
            write(tmp_path / name / a_name(f"20260302T12{n:02}Z", mark=f"{n:016}"), envelope(*made))
        command = [sys.executable, "-c", PEAK, tmp_path / f"{name}-kept", engine.url, tmp_path / name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        used[name] = json.loads(done.stdout)
        assert used[name]["indexed"] == 3_000 * files
    assert used["burst"]["megabytes"] < used["trickle"]["megabytes"] + 100, used

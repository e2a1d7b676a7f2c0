"""The parts of the sweeps are all of them, each is in one, and what is no sweep is in each."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import PART, PARTS, deal

FILES = ("tests/pipeline/detect/test_stepping.py", "tests/faults/test_clock.py", "tests/pipeline/notify/test_change.py")


def collect(part: str) -> set[str]:
    """Tests that would run."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTEST_ADDOPTS", PART)}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-o",
        "addopts=",
        "-p",
        "no:cacheprovider",
        "--collect-only",
        "-q",
        *FILES,
    ]
    done = subprocess.run(
        command,
        env=environment | {PART: part},
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    return {line for line in done.stdout.splitlines() if "::" in line}


def test_the_parts_are_the_whole():
    parts = [deal(range(100), part) for part in range(4711, 4711 + PARTS)]
    assert sorted(each for part in parts for each in part) == [*range(100)]
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_a_run_takes_its_part_of_the_sweeps_and_all_else():
    whole, part = collect(""), collect("4711")
    always = {name for name in whole if "test_clock" in name}
    assert always
    assert always < part < whole
    assert len(part - always) == len(deal(sorted(whole - always), 4711))

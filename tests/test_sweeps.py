"""The parts of the sweeps are all of them, each is in one, and what is no sweep is in each."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import PART, PARTS

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
    whole, *parts = map(collect, ("", *map(str, range(4711, 4711 + PARTS))))
    always = {name for name in whole if "test_clock" in name}
    assert always
    swept = [part - always for part in parts]
    assert set().union(*swept) | always == whole
    assert sum(map(len, swept)) == len(whole - always)
    assert all(always < part for part in parts)
    assert max(map(len, swept)) - min(map(len, swept)) <= 1

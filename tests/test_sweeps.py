"""Two halves of the sweeps are all of them, and what is no sweep is in both."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import HALF

FILES = ("tests/faults/test_points.py", "tests/faults/test_clock.py")


def collect(half: str) -> set[str]:
    """Tests that would run."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTEST_ADDOPTS", HALF)}
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
        env=environment | {HALF: half},
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    return {line for line in done.stdout.splitlines() if "::" in line}


def test_two_halves_are_the_whole():
    whole, even, odd = map(collect, ("", "4", "7"))
    assert even | odd == whole
    assert even & odd == {name for name in whole if "test_clock" in name}
    assert even & odd
    assert abs(len(even) - len(odd)) <= 1

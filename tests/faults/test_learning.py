"""A disk that is full while a model is written, and a worker whose clock jumps (rows 28 and 39)."""

import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.detect.worker import CHECKPOINT, score
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.home import open_store
from tests.pipeline.cli.commands import answer
from tests.pipeline.detect.conftest import (  # noqa: F401
    DAYS,
    NOW,
    ingested,
    refreshed,
    settings_of,
    trail,
    trained,
)
from tests.worlds import START

PROGRAM = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from pipeline.stores.bundles.folder import Bundles
publish, room = Bundles.publish, int(sys.argv.pop(1))
def publish_without_room(*given, **named):
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    return publish(*given, **named)
Bundles.publish = publish_without_room
from pipeline.cli.app import main
main()
"""
"""Where the disk is full by the time that a model is written: the state of the home was opened long ago."""


@pytest.mark.parametrize("room", [0, 1_000, 5_000])
def test_a_model_that_finds_no_room_is_said_and_none_is_left_half_written(
    tmp_path: Path, refreshed: Path, trained: Path, room: int  # noqa: F811
) -> None:  # fmt: skip
    home = shutil.copytree(refreshed, tmp_path / "home")
    command = [sys.executable, "-c", PROGRAM, str(room), "train", "--home", str(home)]
    failed = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (failed.returncode, failed.stdout) == (1, ""), failed.stderr
    assert "make room" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert list(Bundles(home).every()) == []
    [expected] = Bundles(trained).every()
    answer("train", "--home", home)
    assert next(iter(Bundles(home).every())).model_id == expected.model_id


def test_a_worker_whose_clock_jumps_skips_no_hour_and_doubles_none(tmp_path: Path, trained: Path) -> None:  # noqa: F811
    """An hour back, a day ahead, a day back again: alerts and checkpoint are those of a clock that goes straight."""
    middle = START + timedelta(days=DAYS - 4, hours=9)
    ends = []
    for name, times in {
        "straight": [NOW],
        "jumping": [middle, middle - timedelta(hours=1), middle + timedelta(days=1), middle, NOW],
    }.items():
        with open_store(shutil.copytree(trained, tmp_path / name)) as store:
            for now in times:
                score(store, settings_of(store.home), now)
            ends.append((store.alerts.revisions(), store.state.checkpoint(CHECKPOINT)))
    assert ends[0] == ends[1]
    assert ends[0][0]

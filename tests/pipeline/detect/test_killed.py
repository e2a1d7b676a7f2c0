"""Killed between any two steps that reach the disk, a training leaves nothing half there, and the next one goes on."""

import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from models.priors import AttackPriors
from pipeline.datafiles import read_attack_priors
from pipeline.detect.trainer import train
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.home import open_store
from pipeline.stores.parquet.verify import verify
from tests.pipeline.detect.conftest import NOW, settings_of

TRAINING = """
import os, signal, sys
from pathlib import Path
from pipeline.detect.trainer import train
from pipeline.stores.home import open_store
from tests.pipeline.detect.conftest import NOW, settings_of

home, left = Path(sys.argv[1]), int(sys.argv[2])

def counted(step):
    def take(*args, **named):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(*args, **named)
    return take

for name in ("fsync", "replace", "rename", "link"):
    setattr(os, name, counted(getattr(os, name)))
with open_store(home) as store:
    train(store, settings_of(home), NOW)
print(left)
"""
MOST = 10_000
"""Steps that no training takes."""
BUNDLE = 26
"""Steps at its end that bring the key, the bundle and what is in service to the disk; those before make activity."""


def run(home: Path, left: int) -> subprocess.CompletedProcess[str]:
    """Train in a process that is killed before its step number `left`."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, "-c", TRAINING, str(home), str(left)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a signal that nobody catches")
def test_a_killed_training_leaves_nothing_half_there(tmp_path: Path, ingested: Path) -> None:
    whole = run(shutil.copytree(ingested, tmp_path / "undisturbed"), MOST)
    assert whole.returncode == 0, whole.stderr
    steps = MOST - int(whole.stdout)
    [expected] = Bundles(tmp_path / "undisturbed").every()
    draw = random.Random(20_260_302)
    for left in (draw.randrange(1, steps - BUNDLE), steps - draw.randrange(1, BUNDLE), steps):
        home = shutil.copytree(ingested, tmp_path / f"killed at {left}")
        assert run(home, left).returncode == -signal.SIGKILL
        check_nothing_is_half_there(home)
        with open_store(home) as store:
            train(store, settings_of(home), NOW)
            first, *_ = Bundles(home).every()
            assert first.model_id == expected.model_id, f"killed at {left} of {steps}"
            assert verify(store, NOW).lost == []
        assert [path.name for path in (home / "models").glob(".*")] == [".lock"]
        assert not list(home.glob(".models.key.*"))


def check_nothing_is_half_there(home: Path) -> None:
    """What readers see is whole."""
    key, bundles = home / "models.key", Bundles(home)
    assert not key.exists() or len(key.read_bytes()) == 32
    for info in bundles.every():
        bundles.load(info, AttackPriors.from_dict(read_attack_priors()))

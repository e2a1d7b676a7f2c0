"""Memory is told apart from outside: what only the process has, and what it maps."""

import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from time import sleep

import numpy as np
import pytest

from benchmarks.own_memory import Held, Watched, find_maps
from pipeline.detect.mapped import make_room

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
SIZE = 50_000_000
LONG_ENOUGH = 0.5
"""Seconds in which who looks from outside gets its turn, on busy cores too."""


def test_memory_of_its_own_and_mapped_files_are_told_apart(tmp_path: Path) -> None:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:  # memory of this process comes and goes with other tests
        nothing, files, most = pool.submit(_hold, tmp_path).result()
    assert files.files >= SIZE > files.own - nothing.own
    assert most.own >= nothing.own + 0.9 * SIZE, "what there was for a moment counts"
    assert most.files == 0


def _hold(folder: Path) -> tuple[Held, Held, Held]:
    """What is held with nothing, with an array in a file, and with one of its own that went before it was asked."""
    with Watched(folder) as watched:
        watched.begin()
        nothing = watched.end()
        mapped = make_room(folder, 1).zeros(SIZE, np.int8)
        files = watched.end()
        [(begin, end)] = find_maps(str(folder))
        assert begin <= mapped.__array_interface__["data"][0] < end
        del mapped
        watched.begin()
        own = np.ones(SIZE, dtype=np.int8)
        sleep(LONG_ENOUGH)
        del own
        return nothing, files, watched.end()

"""Memory is told apart from outside: what only the process has, and what it maps."""

import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.own_memory import Watched, find_maps
from pipeline.detect.mapped import make_room

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
SIZE = 50_000_000


def test_memory_of_its_own_and_mapped_files_are_told_apart(tmp_path: Path) -> None:
    with Watched(tmp_path) as watched:
        watched.begin()
        nothing = watched.end()
        mapped = make_room(tmp_path, 1).zeros(SIZE, np.int8)
        files = watched.end()
        assert files.files >= SIZE > files.own - nothing.own
        [(begin, end)] = find_maps(str(tmp_path))
        assert begin <= mapped.__array_interface__["data"][0] < end
        del mapped
        watched.begin()
        own = np.ones(SIZE, dtype=np.int8)
        del own
        most = watched.end()
        assert most.own >= nothing.own + 0.9 * SIZE, "what there was for a moment counts"
        assert most.files == 0

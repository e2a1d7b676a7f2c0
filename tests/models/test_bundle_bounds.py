"""A bundle is written and opened a part at a time: with room elsewhere it fits where in memory it does not.

Memory that only a process has is limited (`RLIMIT_DATA`, on Linux), as in `test_room_bounds`. The model is published
and opened as a training does it, with parts that are smaller, as it is.
"""

import subprocess
import sys
from pathlib import Path

import pytest

PAIRS, TOKENS, PRINCIPALS = 2_500_000, 1_000_000, 2_000
PUBLISHES, OPENS = 60_000_000, 110_000_000
"""Bytes that it may take beside what is there before: to write takes less than 40 million, to open between 40 and 80
million with room elsewhere and more than 160 million in memory, measured."""

PROGRAM = f"""
import resource, sys
from pathlib import Path
import numpy as np, pyarrow as pa
from models import tables, words
from models.baseline import pair_key
from models.groups import Member
from models.model import Model
from models.room import Room
from pipeline.detect.mapped import make_room
from pipeline.stores.bundles.folder import Bundles
from tests.models.baselines import PRIORS

tables.MOST_ROWS, tables.GROUP, words.SORTED = 1 << 18, 1 << 16, 1 << 18
pa.set_memory_pool(pa.system_memory_pool())
pa.set_cpu_count(1)
pa.set_io_thread_count(1)
bundles, what, folder, limit = Bundles(Path(sys.argv[1])), sys.argv[2], sys.argv[3], int(sys.argv[4])
room = make_room(Path(folder), 1 << 20) if folder else Room()

def tokens():
    for at in range(0, {TOKENS}, 50_000):
        kinds = ("read", "write", "prefix")
        words = [f"{{kinds[number % 3]}}\\x1f{{number:040d}}" for number in range(at, at + 50_000)]
        yield pa.array(words, pa.large_string()), pa.array([""] * len(words), pa.large_string())

def make():
    model, draw, each = Model(20_500, PRIORS, room=room), np.random.default_rng(1), {PAIRS // PRINCIPALS}
    baseline, names = model.baseline, [f"p{{code}}" for code in range({PRINCIPALS})]
    model.members = {{name: Member(name, "workload", "AssumedRole", name, "", "1") for name in names}}
    baseline.enrol_all(names, ["role"] * len(names), ["g"] * len(names), ["1"] * len(names))
    baseline.restore_tokens(tokens())
    keys, hours = room.column(np.int64), room.column(np.float64)
    for code in range({PRINCIPALS}):
        token = draw.integers(0, {TOKENS} // each, each) + np.arange(each) * ({TOKENS} // each)
        keys.append(pair_key(np.full(each, code), token))
        hours.append(draw.random(each))
    pairs = baseline.pairs
    pairs.key, pairs.hours, pairs.total = keys.close(), hours.close(), room.zeros({PAIRS}, np.int32)
    baseline.recent_key, baseline.recent = room.keep(pairs.key[: {PAIRS} // 4]), room.zeros({PAIRS} // 4, np.float64)
    return model

model = make() if what == "publish" else None
bundles.load(bundles.publish(Model(20_400, PRIORS)), PRIORS)  # so that libraries are there
has = int(Path("/proc/self/status").read_text().partition("VmData:")[2].split()[0]) * 1024
resource.setrlimit(resource.RLIMIT_DATA, (has + limit, -1))
if what == "publish":
    print(bundles.publish(model).model_id)
else:
    model = bundles.load(bundles.every()[-1], PRIORS, room)
    print(model.id(), len(model.baseline.tokens), len(model.baseline.pairs.key), len(model.baseline.recent))
"""


def run(*told: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", PROGRAM, *map(str, told)], capture_output=True, text=True)


@pytest.mark.skipif(sys.platform != "linux", reason="what counts as a process's own memory is Linux's")
def test_a_bundle_is_written_and_opened_where_a_model_in_memory_does_not_fit(tmp_path: Path) -> None:
    home, spill = tmp_path / "home", tmp_path / "spill"
    written = run(home, "publish", spill, PUBLISHES)
    assert written.returncode == 0, written.stderr
    opened = run(home, "open", spill, OPENS)
    assert opened.returncode == 0, opened.stderr
    assert opened.stdout.split() == [written.stdout.strip(), str(TOKENS), str(PAIRS), str(PAIRS // 4)]
    failed = run(home, "open", "", OPENS)
    assert failed.returncode != 0
    assert any(told in failed.stderr for told in ("MemoryError", "Unable to allocate")), failed.stderr

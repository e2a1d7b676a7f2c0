"""A step with room elsewhere fits where one in memory does not: the system refuses more than so much memory.

Memory that only a process has is limited (`RLIMIT_DATA`, on Linux); maps of files, which the system may write out and
drop, are not. Both steps judge and learn the same day by the same millions of pairs.
"""

import subprocess
import sys
from pathlib import Path

import pytest

PAIRS, TOKENS, PRINCIPALS = 4_000_000, 500_000, 2_000
MORE = 80_000_000
"""Bytes that a step may take beside what is there before it: in memory it takes between 120 and 150 million, and with
room elsewhere less than 30, measured."""

PROGRAM = f"""
import resource, sys
from pathlib import Path
import numpy as np, pyarrow as pa
from models.baseline import ActiveRows, Baseline, TokenRows, pair_key
from models.circles import Circles
from models.rates import FirstRates
from models.room import Room
from models.surprise import score_tokens
from pipeline.detect.mapped import make_room
from tests.models.baselines import PRIORS, traits_of

folder = sys.argv[1]
baseline = Baseline(100, make_room(Path(folder), 1 << 20) if folder else Room())
names = [f"p{{code}}" for code in range({PRINCIPALS})]
baseline.enrol_all(names, ["role"] * len(names), [f"g{{code % 40}}" for code in range(len(names))], ["1"] * len(names))
kinds = np.array(["read", "write", "resource:bucket", "prefix"])
words = [f"{{kinds[number % 4]}}\\x1f{{number}}" for number in range({TOKENS})]
baseline.restore_tokens([(pa.array(words, pa.large_string()), pa.array([""] * len(words), pa.large_string()))])
del words
draw = np.random.default_rng(1)
every = {PAIRS} // {PRINCIPALS}
for code in range(0, {PRINCIPALS}, 100):  # a few principals at a time, in the order of keys
    token = np.sort(draw.integers(0, {TOKENS} // every, (100, every)) + np.arange(every) * ({TOKENS} // every))
    key = pair_key(np.repeat(np.arange(code, code + 100), every), token.ravel())
    baseline.pairs.add(key, np.ones(len(key), dtype=np.int64), baseline.room)
zero = np.zeros(20_000, dtype=np.int64)
principal = np.sort(draw.integers(0, {PRINCIPALS}, 20_000))
day = TokenRows(principal, draw.integers(0, {TOKENS}, 20_000), zero + 100, zero + 1, zero, zero + 2400, zero)
active = ActiveRows(np.arange({PRINCIPALS}), zero[:{PRINCIPALS}], zero[:{PRINCIPALS}] + 100, zero[:{PRINCIPALS}] + 1)
traits = traits_of(baseline)
has = int(Path("/proc/self/status").read_text().partition("VmData:")[2].split()[0]) * 1024
if len(sys.argv) > 2:
    resource.setrlimit(resource.RLIMIT_DATA, (has + int(sys.argv[2]), -1))
circles = Circles(baseline)
items = score_tokens(baseline, circles, FirstRates(baseline), traits, day)
baseline.learn(101, day, active, circles.of(day.principal, day.token))
print(len(items), repr(float(items.nats.sum())), repr(float(baseline.pairs.hours.sum())), len(baseline.pairs.key))
"""


def step(folder: Path | str, *limit: int) -> subprocess.CompletedProcess[str]:
    told = [str(folder), *map(str, limit)]
    return subprocess.run([sys.executable, "-c", PROGRAM, *told], capture_output=True, text=True)


@pytest.mark.skipif(sys.platform != "linux", reason="what counts as a process's own memory is Linux's")
def test_a_step_with_room_elsewhere_fits_where_one_in_memory_does_not(tmp_path: Path) -> None:
    bounded, free = step(tmp_path, MORE), step("")
    assert bounded.returncode == 0, bounded.stderr
    assert int(bounded.stdout.split()[0]) > 1000
    assert bounded.stdout == free.stdout
    failed = step("", MORE)
    assert failed.returncode != 0
    assert "MemoryError" in failed.stderr or "Unable to allocate" in failed.stderr, failed.stderr

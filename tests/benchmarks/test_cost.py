"""A cost is what a block took: its seconds, its CPU, its memory and that of its children."""

import subprocess
import sys
from time import sleep

from benchmarks.cost import measured


def test_waiting_costs_seconds_and_no_cpu() -> None:
    with measured() as cost:
        sleep(0.3)
    assert cost.seconds >= 0.3
    assert cost.cpu_seconds < 0.2


def test_memory_is_the_peak_beyond_what_was_held() -> None:
    held = bytearray(80_000_000)
    with measured() as little:
        sleep(0.1)
    with measured() as much:
        more = bytearray(120_000_000)
        sleep(0.1)
        del more
    assert little.bytes < 40_000_000 < 100_000_000 < much.bytes
    assert len(held) == 80_000_000


def test_a_childs_memory_counts() -> None:
    program = """
import subprocess, sys
from benchmarks.cost import measured
with measured() as cost:
    subprocess.run([sys.executable, "-c", "held = bytearray(400_000_000)"], check=True)
print(cost.bytes)
"""  # in a process that had no larger child before
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert int(told.stdout) > 350_000_000

"""What a watch freed goes back to the system."""

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

_FREES = """
import ctypes, sys
from pathlib import Path
from pipeline.watch.memory import give_back

def held():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
blocks = [libc.malloc(100_000) for _ in range(1_000)]
for block in blocks:
    ctypes.memset(block, 1, 100_000)
for block in blocks[:-1]:  # the last lies at the top, so nothing below it goes back by itself
    libc.free(block)
before = held()
give_back()
print(before - held())
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="the C library gives back by itself")
@pytest.mark.skipif(not Path("/proc/self/statm").is_file(), reason="nobody tells what a process holds")
def test_what_was_freed_below_what_is_held_goes_back() -> None:
    done = subprocess.run([sys.executable, "-c", _FREES], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 80_000_000

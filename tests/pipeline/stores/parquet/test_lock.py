"""One writer at a time, whoever dies."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import StoreError
from pipeline.stores.parquet.lock import writer_lock

HOLD = """
import sys, time
from pathlib import Path
from pipeline.stores.parquet.lock import writer_lock
with writer_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_second_is_told_who_writes_and_may_when_that_one_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "home" / "writer.lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreError, match=rf"another process \({holder.pid}\) is writing to .*home: wait"):
            writer_lock(path).__enter__()
    finally:
        holder.kill()  # no chance to let go of it
        holder.wait()
    with writer_lock(path):
        pass


def test_it_is_let_go_of_when_the_block_fails(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), writer_lock(tmp_path / "writer.lock"):
            raise ZeroDivisionError

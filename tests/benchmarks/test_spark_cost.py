"""The CPU of a family of processes is that of all that descend from one, ended ones included."""

import subprocess
import sys
from pathlib import Path

from benchmarks.spark_cost import Family, read_family

_SPIN = "import time\nwhile time.process_time() < 0.2: pass"


def write_stat(proc: Path, number: int, parent: int, ticks: int, name: str = "python") -> None:
    (proc / str(number)).mkdir(parents=True)
    fields = ["S", str(parent), *["0"] * 9, str(ticks), str(ticks), *["0"] * 30]
    (proc / str(number) / "stat").write_text(f"{number} ({name}) {' '.join(fields)}\n")


def test_children_of_children_are_of_the_family_and_others_are_not(tmp_path: Path) -> None:
    for number, parent, ticks in ((10, 1, 100), (11, 10, 50), (12, 11, 25), (13, 1, 999)):
        write_stat(tmp_path, number, parent, ticks, name="a (b) c")
    found = read_family(tmp_path, root=10)
    assert set(found) == {10, 11, 12}
    assert found[11] == found[10] / 2


def test_what_a_child_did_counts_once_it_has_ended() -> None:
    family = Family()
    before = family.seconds()
    child = subprocess.Popen([sys.executable, "-c", f"{_SPIN}\ninput()"], stdin=subprocess.PIPE)
    try:
        while family.seconds() - before < 0.2:  # it spins and then waits
            assert child.poll() is None
    finally:
        child.communicate(b"\n")
    assert family.seconds() - before >= 0.2
    family.close()

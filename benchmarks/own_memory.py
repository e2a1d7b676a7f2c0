"""A process's memory from outside, told apart: what only it has, and files that it maps (Linux).

What only a process has (anonymous memory) the system cannot take away from it. Pages of mapped files it can: it writes
them out and reads them again. The most that there was is found by another process that looks every few milliseconds,
for a thread here would look only when NumPy lets it.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final, NamedTuple, Self

SECONDS: Final = 0.003
"""Between two looks."""
Range = tuple[int, int]
"""Addresses of a map: where it begins, and where it has ended."""


class Held(NamedTuple):
    """Bytes of a process."""

    own: int
    """That only it has."""
    files: int
    """Of files below a folder that it maps, whether they are in memory or not."""


def look(pid: int | str, folder: str) -> Held:
    """What a process holds now."""
    status = Path(f"/proc/{pid}/status").read_text()
    maps = find_maps(folder, pid)
    return Held(int(status.partition("RssAnon:")[2].split()[0]) * 1024, sum(end - begin for begin, end in maps))


def find_maps(folder: str, pid: int | str = "self") -> list[Range]:
    """Addresses of the files below a folder that a process maps."""
    lines = [line.split(maxsplit=5) for line in Path(f"/proc/{pid}/maps").read_text().splitlines()]
    told = (line[0].partition("-") for line in lines if len(line) > 5 and line[5].startswith(folder))
    return [(int(begin, 16), int(end, 16)) for begin, _, end in told]


class Watched:
    """The most that this process holds between two moments, each kind by itself."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "benchmarks.own_memory", str(os.getpid()), str(folder)]
        self._watcher = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._ask()

    def _ask(self) -> Held:
        assert self._watcher.stdin
        assert self._watcher.stdout
        print(file=self._watcher.stdin, flush=True)
        return Held(*map(int, self._watcher.stdout.readline().split()))

    def begin(self) -> None:
        """Forget what was."""
        self._ask()

    def end(self) -> Held:
        """The most since then."""
        return self._ask()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._watcher.communicate()


def watch(pid: str, folder: str) -> None:
    """Look at a process, and tell the most there was since the last time whenever a line comes; end with its lines."""
    import select

    most = look(pid, folder)
    while True:
        found = look(pid, folder)
        most = Held(max(most.own, found.own), max(most.files, found.files))
        if select.select([sys.stdin], [], [], SECONDS)[0]:
            if not sys.stdin.readline():
                return
            most = Held(*map(max, most, look(pid, folder)))
            print(*most, flush=True)
            most = look(pid, folder)


if __name__ == "__main__":
    watch(*sys.argv[1:])

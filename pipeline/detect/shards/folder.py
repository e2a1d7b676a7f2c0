"""Lines between machines: files in a folder of the home that both have, each written whole and named by its number.

    shards/run.json                  who counts what just now; a coordinator that begins again has another run
    shards/RUN/SHARD/claimed         by whom a shard is served, once
    shards/RUN/SHARD/alive           changes every few seconds while it is
    shards/RUN/SHARD/lost            why it is not any more
    shards/RUN/SHARD/asked-000001    the first thing that is asked; `told-000001` answers it, and so on in turn

No clock of one machine is held against another's: who waits sees by its own whether anything changes. Nothing of these
files is run, and a home's database is opened by one machine alone.
"""

import json
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from pipeline.detect.shards.assignment import MOST_SHARDS
from pipeline.detect.shards.line import SECONDS, ShardLostError
from pipeline.detect.shards.message import Message, decode, encode
from pipeline.errors import StoreError
from pipeline.stores.plain_file import UnfitFileError, read_plain, write_whole

FOLDER: Final = "shards"
RUN: Final = "run.json"
CLAIMED, ALIVE, LOST = "claimed", "alive", "lost"
PATIENCE: Final = 60.0
"""Seconds without a sign of life after which a shard is lost."""
_SHORTEST, _LONGEST = 0.005, 0.25
"""Seconds between two looks for a file: at first, and after a while."""
_MOST: Final = 1 << 36
"""Bytes of a message at most."""
_MOST_NOTE: Final = 1 << 20
_NAME: Final = re.compile(r"[0-9a-f]{16}", re.ASCII)
"""A run's: it is part of a path."""


def read_run(home: Path) -> dict[str, Any]:
    """Which run there is: its name, the owners of its shards, and the version that coordinates; empty where none is."""
    note = read_note(home / FOLDER / RUN)
    owners = note.get("owners")
    is_one = _NAME.fullmatch(str(note.get("run"))) and isinstance(owners, list) and len(owners) <= MOST_SHARDS
    return note if is_one else {}


def tell_version() -> str:
    """What all machines of a run must run alike; DuckDB's hash says which principal is whose."""
    return f"oddtrail {version('oddtrail')} with DuckDB {version('duckdb')}"


def read_note(path: Path) -> dict[str, Any]:
    """A small file of JSON; empty where there is none, or none that is whole."""
    try:
        found = json.loads(read_plain(path, _MOST_NOTE))
    except (OSError, ValueError, UnfitFileError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def write_note(path: Path, values: dict[str, Any]) -> None:
    """Write a small file of JSON, whole."""
    write_whole(path, json.dumps(values).encode())


def place_of(home: Path, run: str, shard: int) -> Path:
    """Folder of one shard's files."""
    return home / FOLDER / run / f"{shard:03}"


@contextmanager
def begin_run(home: Path, owners: Sequence[str]) -> Iterator[str]:
    """Have a run, for the block; it takes the place of any other, whose shards then end."""
    folder = home / FOLDER
    run = secrets.token_hex(8)
    try:
        for left in folder.glob("*/"):
            shutil.rmtree(left, ignore_errors=True)
        for shard in range(len(owners)):
            place_of(home, run, shard).mkdir(parents=True)
        write_note(folder / RUN, {"run": run, "owners": list(owners), "version": tell_version()})
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be written ({error.strerror}): see that the shared folder is there"
        ) from error
    try:
        yield run
    finally:
        with suppress(OSError):
            if read_run(home).get("run") == run:
                write_note(folder / RUN, {})
            shutil.rmtree(folder / run, ignore_errors=True)


class FolderLine:
    """A coordinator's end of the line to a shard of another machine.

    Parameters
    ----------
    home, run, shard
        Where its files are.
    name
        What to call it, as "shard 2 of 3, which is node-b's,".
    patience
        Seconds without a sign of life that are waited; `PATIENCE` where it is not given.
    """

    def __init__(self, home: Path, run: str, shard: int, name: str, patience: float | None = None) -> None:
        self._home, self._run, self._place, self._name = home, run, place_of(home, run, shard), name
        self._patience, self._number = PATIENCE if patience is None else patience, 0

    def send(self, message: Message) -> None:
        """Ask something."""
        self._number += 1
        try:
            write_whole(self._place / f"asked-{self._number:06}", encode(message))
        except OSError as error:
            raise ShardLostError(
                f"{self._name} cannot be asked ({error.strerror}); the day is counted again"
            ) from error

    def receive(self, waiting: Callable[[], None] = lambda: None) -> Message:
        """Wait for its answer, as long as it lives."""
        pulse = _Pulse(self._place / ALIVE, self._patience)

        def look() -> None:
            waiting()
            if read_run(self._home).get("run") != self._run:
                raise ShardLostError("another watch has begun to count by shards; the day is counted again")
            lost = read_note(self._place / LOST)
            if lost:
                raise ShardLostError(f"{self._name} is lost: {str(lost.get('why'))[:500]}")
            if not pulse.beats():
                raise ShardLostError(
                    f"{self._name} has given no sign of life for {self._patience:g} s: see that "
                    "`oddtrail shards serve` runs there on this home; the day is counted again"
                )

        found = wait_for(self._place / f"told-{self._number:06}", look)
        for word in ("asked", "told"):
            with suppress(OSError):
                (self._place / f"{word}-{self._number:06}").unlink()
        return found


class _Pulse:
    """Whether a file changed within some seconds, by the clock of whoever looks."""

    def __init__(self, path: Path, patience: float) -> None:
        self._path, self._patience = path, patience
        self._last, self._since = read_note(path), time.monotonic()

    def beats(self) -> bool:
        now = read_note(self._path)
        if now and now != self._last:
            self._last, self._since = now, time.monotonic()
        return time.monotonic() - self._since < self._patience


def wait_for(path: Path, look: Callable[[], None]) -> Message:
    """The message of a file, once it is there; `look` is called about once a second and may end the waiting."""
    pause, looked = _SHORTEST, time.monotonic()
    while True:
        try:
            return decode(read_plain(path, _MOST))
        except FileNotFoundError:
            pass
        except (OSError, UnfitFileError) as error:
            raise ShardLostError(f"{path} cannot be read ({error}); the day is counted again") from error
        if time.monotonic() - looked >= SECONDS:
            look()
            looked = time.monotonic()
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST)

"""The work area of a backfill, in the place it writes to: what is to be read, what was decoded, and what was not.

backfill/work/tasks/ID       files of a task, for whoever works on it
backfill/work/rows/…         decoded records, a file an account-day and batch, with their bytes
backfill/work/done/ID        what came of a task; written last, so that a task is done or not begun
backfill/set_aside/ID-…      records of which no event could be made, with the reason; these stay
backfill/other/ID-…          records that are something else; these stay
"""

import hashlib
from functools import cache
from typing import Any, Final

import msgspec

from pipeline.shared.place import Place, PlaceError, open_place
from pipeline.spark.tasks import Task

FOLDER: Final = "backfill"
WORK: Final = f"{FOLDER}/work"
_TASKS, _DONE, ROWS, EVENTS = (f"{WORK}/{name}" for name in ("tasks", "done", "rows", "events"))
_MOST: Final = 1 << 30


class Part(msgspec.Struct, frozen=True, array_like=True):
    """A file of decoded records."""

    key: str
    """Their account-day."""
    name: str
    rows: int
    addenda: int
    """Records that correct others."""
    bytes: int


class ReadFile(msgspec.Struct, frozen=True, array_like=True):
    """What came of a file; of two with the same content the one of the least rank counts."""

    digest: str
    rank: str
    records: int
    events: int
    """Records that became rows."""
    set_aside: int
    repaired: int
    other: dict[str, int]


class Done(msgspec.Struct, frozen=True):
    """What came of a task."""

    id: str
    parts: list[Part]
    files: list[ReadFile]
    reasons: dict[str, int]
    """Why records were set aside."""
    passed_over: dict[str, int]
    not_logs: int
    copies: int
    """Files whose content another file of the task has."""
    unread: list[str]
    """Files that could not be read, with the reason."""

    @property
    def keys(self) -> list[str]:
        """Account-days of which it holds records."""
        return sorted({part.key for part in self.parts})


@cache
def shared_place(text: str) -> Place:
    """A place, opened once in a process: what reaches a bucket takes long to make."""
    return open_place(text)


def put_task(place: Place, task: Task) -> None:
    """Leave a task for whoever works on it."""
    place.put(f"{_TASKS}/{task.id}", msgspec.msgpack.encode(task))


def get_task(place: Place, task_id: str) -> Task:
    """A task that was left."""
    task: Task = _get(place, f"{_TASKS}/{task_id}", Task)
    return task


def put_done(place: Place, done: Done) -> None:
    """Note what came of a task."""
    place.put(f"{_DONE}/{done.id}", msgspec.msgpack.encode(done))


def get_done(place: Place, task_id: str) -> Done:
    """What came of a task."""
    done: Done = _get(place, f"{_DONE}/{task_id}", Done)
    return done


def done_ids(place: Place) -> set[str]:
    """Tasks that are done."""
    return {name.rpartition("/")[2] for name in place.names(_DONE)}


def _get(place: Place, name: str, kind: type[Any]) -> Any:
    found = place.get(name, _MOST)
    try:
        if found is not None:
            return msgspec.msgpack.decode(found.content, type=kind)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise PlaceError(f"{place.text}/{name} is not as this version writes it ({error}): {_AGAIN}") from error
    raise PlaceError(f"{place.text}/{name} is gone: {_AGAIN}")


_AGAIN: Final = f"remove {WORK} there, and run it again"


def digest_of(*texts: str) -> str:
    """A short name of some texts."""
    return hashlib.sha256("\n".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:32]

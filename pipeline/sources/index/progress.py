"""How far each shard was read: numbers of operations, kept with the home's state.

They move once what was read is in the home. A shard shows an operation a moment after one with a greater number now and
then, and a copy that takes over may use some numbers again. So the documents up to where we stand are counted: where
these are others than before, it is read again from where we stood some minutes ago.
"""

from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

import msgspec

from pipeline.errors import StoreError
from pipeline.sources.index.indices import Index
from pipeline.sources.index.snapshot import BEFORE_ALL, Snapshot

OVERLAP: Final = timedelta(minutes=10)
"""After so long, no operation with a lower number comes into sight any more."""
_APART: Final = timedelta(minutes=1)
_MARKS: Final = 16
"""Of a shard that are kept, each so long after the one before it, but for the last."""


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """Where we stood."""

    at: datetime
    seq: int
    """Number of the last operation that was read."""
    documents: int
    """How many documents there were up to it, read or not."""
    term: int
    """Greatest count of copies that numbered."""


START: Final = Mark(datetime(1970, 1, 1, tzinfo=UTC), BEFORE_ALL, 0, 0)


class State(Protocol):
    """Keeps what is to be remembered; a home's state does."""

    def checkpoint(self, name: str) -> Any:
        """What was put last, or None."""

    def put_checkpoint(self, name: str, value: Any) -> None:
        """Remember a value that JSON can hold."""


class Stretch:
    """Documents of a shard that are read together: they count once all are in the home and their number is right."""

    def __init__(self, index: Index, shard: int) -> None:
        self.index, self.shard = index, shard
        self.open = 0
        """Sources of it that are not settled yet."""
        self.mark: Mark | None = None
        """Where we stand after it, once its number has been checked."""
        self.is_void = False
        """It does not count: its number is wrong, or it is read again."""

    def add(self) -> "Stretch":
        """One source more is of it."""
        self.open += 1
        return self


class Progress:
    """How far shards were read.

    Parameters
    ----------
    state
        Keeps it.
    clock
        Tells when a mark is made.
    again
        Whether to forget it and read everything.
    apart
        Names what is read, where that is not all: it is remembered apart.
    """

    def __init__(self, state: State, clock: Callable[[], datetime], *, again: bool = False, apart: str = "") -> None:
        self._state, self._clock, self._again, self._apart = state, clock, again, apart
        self._marks: dict[str, dict[str, list[Mark]]] = {}
        self._stretches: deque[Stretch] = deque()

    def standing(self, index: Index, shard: int) -> Mark:
        """Where we stand in a shard."""
        return (self._of(index).get(str(shard)) or [START])[-1]

    def find_start(self, index: Index, shard: int, snapshot: Snapshot, stand: Mark | None = None) -> Mark:
        """Where reading a shard begins: where we stand, unless before that is anything that was not there then.

        Parameters
        ----------
        stand
            Where this run stands, after what it read from was closed; None where it begins.
        """
        last = stand or self.standing(index, shard)
        if last is START or snapshot.count_all(last.seq) == last.documents:
            return last
        return self.go_back(index, shard, snapshot)

    def go_back(self, index: Index, shard: int, snapshot: Snapshot) -> Mark:
        """Where we stood some minutes before; the beginning, where before that is more than there was then."""
        marks = self._of(index).get(str(shard)) or [START]
        earlier = next((mark for mark in reversed(marks) if mark.at <= marks[-1].at - OVERLAP), START)
        there = snapshot.count_all(earlier.seq) if earlier is not START else 0
        return msgspec.structs.replace(earlier, documents=there) if there <= earlier.documents else START

    def begin(self, index: Index, shard: int) -> Stretch:
        """A stretch that begins."""
        stretch = Stretch(index, shard)
        self._stretches.append(stretch)
        return stretch

    def end(self, stretch: Stretch, seq: int, documents: int, term: int) -> Mark:
        """A stretch has ended, and its number is right."""
        stretch.mark = Mark(self._clock(), seq, documents, term)
        self.settle(())
        return stretch.mark

    def void(self, stretch: Stretch) -> None:
        """A stretch does not count."""
        stretch.is_void = True
        self.settle(())

    def settle(self, stretches: Iterable[Stretch]) -> None:
        """A source of each is in the home; whatever is whole by that moves where we stand, in order."""
        for stretch in stretches:
            stretch.open -= 1
        moved: dict[str, Index] = {}
        while self._stretches:
            first = self._stretches[0]
            if not first.is_void and (first.mark is None or first.open):
                break
            self._stretches.popleft()
            if first.mark is not None and not first.is_void:
                self._move(first, first.mark)
                moved[first.index.uuid] = first.index
        for uuid, index in moved.items():
            told = {shard: [msgspec.to_builtins(mark) for mark in marks] for shard, marks in self._marks[uuid].items()}
            self._state.put_checkpoint(self._name(index), {"index": index.name, "shards": told})

    def _move(self, stretch: Stretch, mark: Mark) -> None:
        marks = self._of(stretch.index).setdefault(str(stretch.shard), [])
        if len(marks) > 1 and marks[-1].at - marks[-2].at < _APART:
            marks.pop()
        marks.append(mark)
        del marks[:-_MARKS]

    def _name(self, index: Index) -> str:
        return f"index {index.uuid} {self._apart}".rstrip()

    def _of(self, index: Index) -> dict[str, list[Mark]]:
        """Marks of an index, by shard."""
        if index.uuid not in self._marks:
            told = None if self._again else self._state.checkpoint(self._name(index))
            self._marks[index.uuid] = _read(told, index)
        return self._marks[index.uuid]


def _read(told: Any, index: Index) -> dict[str, list[Mark]]:
    if told is None:
        return {}
    try:
        return msgspec.convert(told["shards"], dict[str, list[Mark]])
    except (msgspec.ValidationError, KeyError, TypeError) as error:
        raise StoreError(
            f"what the home remembers of the index {index.name} was not written by this version of oddtrail: "
            "read it again with --again"
        ) from error

"""A bounded memory of answers."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

LONGEST: Final = 4_096
"""Characters or bytes of a key that is remembered; whoever sends longer ones pays for each."""


class BoundedDict(dict[Key, Value]):
    """A mapping that keeps nothing by a long key, and forgets everything when it is full.

    >>> held = BoundedDict(most=1)
    >>> for key in ("a", "b", "long" * 2_000):
    ...     held.keep(key, 1)
    >>> held
    {'b': 1}
    """

    __slots__ = ("_most",)

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def keep(self, key: Key, value: Value) -> None:
        """Remember a value."""
        if _length(key) <= LONGEST:
            if len(self) >= self._most:
                self.clear()
            self[key] = value


class Memo(BoundedDict[Key, Value]):
    """A mapping that works out what it does not hold.

    A hit costs one dictionary look-up, and nothing has to be counted for it: hits are questions less misses.

    Parameters
    ----------
    answer
        Works out the value of a key.
    most
        Keys that are held at most.
    length
        Characters and bytes of a key, where there is a quicker way than to look at what it is made of.

    Examples
    --------
    >>> squares = Memo(lambda number: number * number, most=2)
    >>> [squares[number] for number in (2, 2, 3, 4)], squares.misses, len(squares)
    ([4, 4, 9, 16], 3, 1)
    """

    __slots__ = ("_answer", "_length", "misses")

    def __init__(self, answer: Callable[[Key], Value], most: int, length: Callable[[Key], int] | None = None) -> None:
        super().__init__(most)
        self._answer = answer
        self._length = length or _length
        self.misses = 0

    def __missing__(self, key: Key) -> Value:
        self.misses += 1
        value = self._answer(key)
        if self._length(key) <= LONGEST:  # as `keep` does it, without a call: one in six callers is a new one
            if len(self) >= self._most:
                self.clear()
            self[key] = value
        return value


def _length(key: Any) -> int:
    if not isinstance(key, tuple):
        return len(key) if isinstance(key, (str, bytes)) else 0
    length = 0
    for part in key:
        kind = type(part)
        if kind is str or kind is bytes:
            length += len(part)
        elif kind is tuple:
            length += _length(part)
    return length

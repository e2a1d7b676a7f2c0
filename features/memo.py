"""A bounded memory of answers."""

from collections.abc import Callable
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Memo(dict[Key, Value]):
    """A mapping that works out what it does not hold, and forgets everything when it is full.

    A hit costs one dictionary look-up, and nothing has to be counted for it: hits are questions less misses.

    Parameters
    ----------
    answer
        Works out the value of a key.
    most
        Keys that are held at most.

    Examples
    --------
    >>> squares = Memo(lambda number: number * number, most=2)
    >>> [squares[number] for number in (2, 2, 3, 4)], squares.misses, len(squares)
    ([4, 4, 9, 16], 3, 1)
    """

    __slots__ = ("_answer", "_most", "misses")

    def __init__(self, answer: Callable[[Key], Value], most: int) -> None:
        super().__init__()
        self._answer = answer
        self._most = most
        self.misses = 0

    def __missing__(self, key: Key) -> Value:
        self.misses += 1
        if len(self) >= self._most:
            self.clear()
        value = self[key] = self._answer(key)
        return value

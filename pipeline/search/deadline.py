"""How much time is left: for a Lambda until it must hand over what it has not finished, for a command none is set."""

import math
import random
import time
from collections.abc import Callable
from typing import Final

_FIRST_WAIT: Final = 0.2
_LONGEST_WAIT: Final = 20.0
"""Seconds."""


class Deadline:
    """A time by which work must be over, on a clock that nobody can set back.

    Parameters
    ----------
    seconds
        From now; infinity for none.
    now, sleep, draw
        Clock, waiting and a random number from 0 to 1; tests give their own.

    Examples
    --------
    >>> Deadline(60).left > 59, Deadline().left
    (True, inf)
    """

    def __init__(
        self,
        seconds: float = math.inf,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self.now, self._sleep, self._draw = now, sleep, draw
        self._end = now() + seconds

    @property
    def left(self) -> float:
        """Seconds left, 0 at least."""
        return max(self._end - self.now(), 0.0)

    def wait(self, attempt: int, slow: bool = False) -> bool:
        """Wait before the next attempt, with full jitter; False, at once, when no time would be left after it.

        The wait is drawn from 0 to 0.2 s × 2^attempt, at most 20 s, so that many who failed together do not come
        again together (Brooker, Exponential Backoff And Jitter, AWS Architecture Blog, 2015). `slow` starts at 5 s.
        """
        most = min((5.0 if slow else _FIRST_WAIT) * 2.0 ** min(attempt, 30), _LONGEST_WAIT)
        wait = self._draw() * most
        if wait >= self.left:
            return False
        self._sleep(wait)
        return True

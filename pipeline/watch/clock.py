"""The time by which a watch looks: the machine's clock, but for jumps, which move nothing for an hour.

A clock that is set ahead by mistake would end the day, and what came of the rest of it would wait for the next; one
that is set back would look at nothing for as long. So a watch goes by its own clock, which runs as time passes. What
the machine's says stands as long as the two differ little, and where they differ for long: then it was corrected.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

_SLEWED: Final = timedelta(minutes=2)
"""A difference that is taken over at once, never backwards: time servers correct a second or two, this is generous."""
STANDS: Final = timedelta(hours=1)
"""For how long a clock must say otherwise before it is believed."""


def passed_since_boot() -> float:
    """Seconds that nobody sets, with those in which the machine slept where it tells them."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class SteadyClock:
    """A clock that never goes back and never jumps, unless the machine's stays where it jumped to.

    Parameters
    ----------
    wall, passed
        The machine's clock, and seconds that only grow.

    Examples
    --------
    >>> clock = SteadyClock()
    >>> clock.now() <= clock.now(), clock.jump
    (True, datetime.timedelta(0))
    """

    def __init__(
        self,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        passed: Callable[[], float] = passed_since_boot,
    ) -> None:
        self._wall, self._passed = wall, passed
        self._now, self._at = wall(), passed()
        self._jumped: float | None = None
        self.jump = timedelta(0)
        """How far the machine's clock is from this one, where it jumped."""

    def now(self) -> datetime:
        """The time; while the machine's clock is not believed, `jump` says by how much it differs."""
        at, wall = self._passed(), self._wall()
        ran = self._now + timedelta(seconds=max(at - self._at, 0.0))
        ahead = wall - ran
        if abs(ahead) <= _SLEWED:
            self._jumped, self.jump = None, timedelta(0)
            ran = max(wall, self._now)
        elif self._jumped is None:
            self._jumped, self.jump = at, ahead
        elif at - self._jumped < STANDS.total_seconds():
            self.jump = ahead
        else:  # back, as well: whoever looks by it is told nothing new until the old time has come again
            self._jumped, self.jump = None, timedelta(0)
            ran = wall
        self._now, self._at = ran, at
        return ran

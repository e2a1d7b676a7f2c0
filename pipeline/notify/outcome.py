"""What became of an attempt to hand a message over."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from pipeline.notify.notice import Notice

HANGS: Final = "no answer in time"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it."""

    result: Literal["sent", "later", "refused"]
    """Taken; not taken now, or nobody knows; this message will never be taken, others may."""
    problem: str = ""
    """Why not, without any secret."""
    after: float = 0.0
    """Seconds that the receiver asks to be left alone; 0 where it does not say."""


SENT: Final = Outcome("sent")


class Sink(Protocol):
    """Carries messages to one place."""

    where: str
    """Where to, as it may be shown."""

    def send(self, notice: Notice, seconds: float) -> Outcome:
        """Hand a message over once, in about so many seconds; what goes wrong is told, not raised."""


Clock = Callable[[], float]
"""Seconds since 1970."""

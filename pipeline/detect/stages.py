"""How long each stage of a job took, and how much memory was held by its end."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pipeline.machine import peak_memory


@dataclass
class Stages:
    """Seconds and peak memory of each stage.

    Examples
    --------
    >>> stages = Stages()
    >>> with stages.timed("train"), stages.timed("score"):
    ...     pass
    >>> sorted(stages.seconds) == sorted(stages.peak_bytes) == ["score", "train"]
    True
    """

    seconds: dict[str, float] = field(default_factory=dict)
    peak_bytes: dict[str, int] = field(default_factory=dict)
    """Most bytes the process had held when the stage last ended."""

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add a block to a stage."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.monotonic() - started
            self.peak_bytes[stage] = peak_memory()

"""What a watch does, as it does it: one JSON object a line, for whoever collects logs.

Each line begins with `at`, `level` and `event`; what else there is are numbers and short texts. Texts from data are
made inert and cut, so that none begins a line of its own, moves a terminal's cursor or fills a disk.
"""

import json
import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from threading import Lock
from typing import Any, Final, Literal, TextIO

from pipeline.text.inert import inert

Level = Literal["debug", "info", "warning", "error"]
LEVELS: Final[tuple[Level, ...]] = ("debug", "info", "warning", "error")
LONGEST: Final = 400
"""Characters of a text."""
MOST: Final = 50
"""Members of a list or an object."""
DEEPEST: Final = 4
MOST_LINE: Final = 16_384
"""Characters of a line, which collectors take whole; of a longer one its event is left."""


class Log:
    """Lines of what happens, to a stream; a stream that is gone stops nothing.

    Parameters
    ----------
    clock
        Tells the time of a line.
    least
        Lines of lesser levels are left out.

    Examples
    --------
    >>> import sys
    >>> log = Log(sys.stdout, lambda: datetime.fromisoformat("2026-03-02T12:00:00Z"))
    >>> log.say("tick", seconds=0.25, events=7)
    {"at": "2026-03-02T12:00:00+00:00", "level": "info", "event": "tick", "seconds": 0.25, "events": 7}
    >>> log.say("details", level="debug")
    """

    def __init__(self, stream: TextIO, clock: Callable[[], datetime], least: Level = "info") -> None:
        self._stream, self._clock, self._least = stream, clock, LEVELS.index(least)
        self._lock = Lock()

    def say(self, event: str, *, level: Level = "info", **facts: Any) -> None:
        """Write a line; facts are named as arguments are, and none is called `at`."""
        if LEVELS.index(level) < self._least:
            return
        if "at" in facts:
            raise ValueError("a line says by itself when it was written: name the time of something else otherwise")
        head = {"at": self._clock().isoformat(), "level": level, "event": inert(event, LONGEST)}
        line = json.dumps(head | _tame(facts, DEEPEST), allow_nan=False)
        if len(line) > MOST_LINE:
            line = json.dumps(head | {"left_out": len(line)})
        with self._lock, suppress(OSError, ValueError):  # a collector that is gone, a stream that is closed
            self._stream.write(line + "\n")
            self._stream.flush()


def _tame(value: Any, deepest: int) -> Any:
    r"""A value as JSON holds it, bounded.

    >>> _tame({"name": "\x1b[2J\nnext", "rate": math.inf, "when": date(2026, 3, 2)}, 2)
    {'name': '\\x1b[2J\\x0anext', 'rate': None, 'when': '2026-03-02'}
    """
    match value:
        case None | bool():
            return value
        case int():
            return value if abs(value) < 2**63 else None
        case float():
            return value if math.isfinite(value) else None
        case datetime() | date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Mapping() if deepest:
            some = list(value.items())[:MOST]
            return {inert(name, 100): _tame(held, deepest - 1) for name, held in some}
        case list() | tuple() | set() | frozenset() if deepest:
            return [_tame(held, deepest - 1) for held in list(value)[:MOST]]
        case _:
            return inert(value, LONGEST)

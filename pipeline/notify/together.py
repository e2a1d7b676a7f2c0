"""Calls side by side, none of which is waited for longer than there is time, whatever it hangs in.

A look-up of a name, or a library that looks for credentials, knows no time limit. So each call has a thread of its own;
one that is not back in time is left to itself, its answer is not heard, and until it is back its place is taken.
"""

import queue
import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

from pipeline.notify.outcome import HANGS, Outcome
from pipeline.text.inert import inert

_GRACE: Final = 0.5
"""Seconds beyond what a call was given."""


class Together:
    """Runs calls by name, one of a name at a time."""

    def __init__(self) -> None:
        self._running: dict[str, threading.Thread] = {}

    def is_busy(self, name: str) -> bool:
        """Whether a call of this name is not back yet."""
        thread = self._running.get(name)
        return thread is not None and thread.is_alive()

    def run(self, calls: Mapping[str, Callable[[], Outcome]], seconds: float) -> dict[str, Outcome]:
        """What each call came to; "no answer in time" where it is not back after so many seconds.

        >>> from pipeline.notify.outcome import SENT
        >>> Together().run({"a": lambda: SENT}, 5)
        {'a': Outcome(result='sent', problem='', after=0.0)}
        """
        answers: queue.SimpleQueue[tuple[str, Outcome]] = queue.SimpleQueue()
        for name, call in calls.items():
            thread = threading.Thread(target=_call, args=(name, call, answers), name=f"notify {name}", daemon=True)
            self._running[name] = thread
            thread.start()
        found: dict[str, Outcome] = {}
        end = time.monotonic() + seconds + _GRACE
        while len(found) < len(calls) and (left := end - time.monotonic()) > 0:
            try:
                name, outcome = answers.get(timeout=left)
            except queue.Empty:
                break
            found[name] = outcome
        return {name: found.get(name, Outcome("later", HANGS)) for name in calls}


def _call(name: str, call: Callable[[], Outcome], answers: "queue.SimpleQueue[tuple[str, Outcome]]") -> None:
    try:
        outcome = call()
    except Exception as error:  # whatever a library raises must not end in silence, nor end the watch
        outcome = Outcome("later", f"{type(error).__name__}: {inert(error, 200)}")
    answers.put((name, outcome))

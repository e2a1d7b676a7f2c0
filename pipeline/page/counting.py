"""Days that are too large to be counted while somebody waits are counted beside, gently: a tenth of a core's time."""

import sys
import time
import traceback
from collections.abc import Callable
from threading import Event, Thread
from typing import Final

from pipeline.errors import OddtrailError

LEAST_SECONDS: Final = 30.0
"""Between two looks; a home that is watched changes every minute."""
SHARE: Final = 0.1
"""Of the time that may be spent on it."""


class Counting(Thread):
    """Does some work again and again until it is stopped, and rests nine times as long as it took.

    Parameters
    ----------
    work
        What is to be done, such as `Home.count` for the days of a page.
    """

    def __init__(self, work: Callable[[], object], least: float = LEAST_SECONDS) -> None:
        super().__init__(name="counting", daemon=True)
        self._work, self._least, self._stopped = work, least, Event()

    def run(self) -> None:
        """Work until stopped; what cannot be done is told on standard error and tried again."""
        told = ""
        while not self._stopped.is_set():
            started = time.monotonic()
            try:
                self._work()
                told = ""
            except OddtrailError as error:
                if str(error) != told:
                    told = str(error)
                    print(f"oddtrail: {told}", file=sys.stderr)
            except Exception:  # a page that is behind is better than none
                traceback.print_exc()
            took = time.monotonic() - started
            self._stopped.wait(max(self._least, took * (1 / SHARE - 1)))

    def stop(self) -> None:
        """Do nothing more once what is under way is done."""
        self._stopped.set()

"""Being told to stop: Ctrl-C and SIGTERM end a command and its worker processes, and soon."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from pipeline.cli.session import INTERRUPTED

_GRACE: Final = 5.0
"""Seconds for what is under way, as a request that nobody answers; orchestrators give ten to thirty."""


@contextmanager
def stopping() -> Iterator[None]:
    """Turn both signals into KeyboardInterrupt; for work that goes on where it was when it is run again."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, frame: Any) -> None:
    for child in multiprocessing.active_children():
        child.terminate()
    leaving = threading.Timer(_GRACE, os._exit, (INTERRUPTED,))
    leaving.daemon = True
    leaving.start()
    raise KeyboardInterrupt

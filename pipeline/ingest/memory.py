"""Memory as ingestion is fastest with: what is freed is used again, and cycles are looked for hardly ever."""

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's mallopt, as malloc.h numbers them."""
_AT_ONCE = 32 << 20
"""From so many bytes on, glibc takes what is asked for from the system each time, page by page; it can be no more."""
_KEPT, _USUALLY_KEPT = 256 << 20, 2 * _AT_ONCE
"""Bytes at the end of the heap that are kept when they are freed. Usually: what glibc comes to by itself after freeing
some large ones; once it is told anything, it no longer does."""


@contextmanager
def lean_memory() -> Iterator[None]:
    """Such memory for a while."""
    collecting = gc.isenabled()
    try:
        use_lean_memory()
        yield
    finally:
        _tune(_TRIM_THRESHOLD, _USUALLY_KEPT)
        if collecting:
            gc.enable()


def use_lean_memory() -> None:
    """Let the collector of cycles rest, and the allocator keep its pages.

    What ingestion makes holds no cycles, and the collector would visit it again and again. Fresh pages have to be
    cleared by the system first, which takes longer than filling them.
    """
    gc.disable()
    _tune(_MMAP_THRESHOLD, _AT_ONCE)
    _tune(_TRIM_THRESHOLD, _KEPT)


def _tune(parameter: int, value: int) -> None:
    """Tell glibc; other C libraries have no such thing."""
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)):
        mallopt(parameter, value)

"""Give back to the system what was freed, so that a watch holds no more after a month than after a day.

A training and a replay take for a minute several times what a watch holds between them. What they free stays with the
allocators in pieces, and each night's pieces lie a little otherwise than the last's.
"""

import ctypes

import pyarrow as pa


def give_back() -> None:
    """Let Arrow and the C library give back what nobody uses; where the library knows no such call it does so itself.

    >>> give_back()
    """
    pa.default_memory_pool().release_unused()
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)

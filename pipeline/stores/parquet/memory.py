"""Where Arrow takes memory from while a store is written."""

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa


def share_allocator() -> None:
    """Have Arrow take memory from the allocator that Python takes it from, so that either uses what the other freed.

    Fresh pages have to be cleared by the system first, which takes longer than filling them.
    """
    pa.set_memory_pool(pa.system_memory_pool())


@contextmanager
def shared_allocator() -> Iterator[None]:
    """The same for a while."""
    pool = pa.default_memory_pool()
    try:
        share_allocator()
        yield
    finally:
        pa.set_memory_pool(pool)

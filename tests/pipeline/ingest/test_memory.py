"""Memory while ingesting."""

import gc
from contextlib import suppress

import pyarrow as pa

from pipeline.ingest.memory import lean_memory


def test_memory_is_as_before_afterwards_whatever_happens() -> None:
    pool = pa.default_memory_pool().backend_name
    with suppress(ValueError), lean_memory():
        assert not gc.isenabled()
        assert pa.default_memory_pool().backend_name == "system"
        raise ValueError("full")
    assert gc.isenabled()
    assert pa.default_memory_pool().backend_name == pool


def test_a_collector_that_rested_before_rests_afterwards() -> None:
    gc.disable()
    try:
        with lean_memory():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()

"""Memory while ingesting."""

import gc
from contextlib import suppress

from pipeline.ingest.memory import lean_memory


def test_memory_is_as_before_afterwards_whatever_happens() -> None:
    with suppress(ValueError), lean_memory():
        assert not gc.isenabled()
        raise ValueError("full")
    assert gc.isenabled()


def test_a_collector_that_rested_before_rests_afterwards() -> None:
    gc.disable()
    try:
        with lean_memory():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()

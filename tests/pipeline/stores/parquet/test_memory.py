"""Arrow's allocator while a store is written."""

from contextlib import suppress
from pathlib import Path

import pyarrow as pa

from pipeline.stores.home import open_store
from pipeline.stores.parquet.memory import shared_allocator
from tests.pipeline.stores.rows import NOON


def test_arrow_shares_pythons_allocator_for_a_while_whatever_happens() -> None:
    before = pa.default_memory_pool().backend_name
    with suppress(ValueError), shared_allocator():
        assert pa.default_memory_pool().backend_name == "system"
        raise ValueError("full")
    assert pa.default_memory_pool().backend_name == before


def test_what_a_sink_changes_in_the_process_that_writes_is_as_before_afterwards(tmp_path: Path) -> None:
    before = pa.default_memory_pool().backend_name
    with open_store(tmp_path) as store, store.events.writing(NOON):
        store.events.sink.open()
        assert pa.default_memory_pool().backend_name == "system"
    assert pa.default_memory_pool().backend_name == before

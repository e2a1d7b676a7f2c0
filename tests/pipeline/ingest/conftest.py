"""What takes in events, for each test of ingestion: a list in memory, or a home where files matter."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.stores.home import Store, open_store
from tests.pipeline.ingest.memory_sink import MemoryTarget


@pytest.fixture
def target() -> MemoryTarget:
    return MemoryTarget()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "home") as store:
        yield store

"""A store for each test of ingestion."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.stores.home import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "home") as store:
        yield store

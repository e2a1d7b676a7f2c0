"""Servers for the tests of faults, and requests that are given up soon, so that each takes seconds."""

from collections.abc import Iterator

import pytest

from pipeline.search import bulk
from tests.servers.sham import Sham, sham


@pytest.fixture
def engine() -> Iterator[Sham]:
    with sham() as running:
        yield running


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a request up after a second."""
    monkeypatch.setattr(bulk, "LONGEST_REQUEST", 1.0)

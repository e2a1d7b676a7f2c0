"""Real search engines for the tests of this room, and a size that is read in many pages."""

import pytest

from pipeline.sources.index import listing, snapshot
from tests.servers.fixtures import (  # noqa: F401
    elasticsearch,
    elasticsearch_9,
    opensearch,
    opensearch_with_users,
    prefix,
    server,
)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of ten documents, stretches of thirty."""
    monkeypatch.setattr(snapshot, "_FIRST", 10)
    monkeypatch.setattr(snapshot, "_SCROLLED", 10)
    monkeypatch.setattr(snapshot, "MOST", 10)
    monkeypatch.setattr(snapshot, "FEWEST", 10)
    monkeypatch.setattr(listing, "STRETCH", 30)

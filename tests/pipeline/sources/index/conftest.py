"""Sizes that make many pages of few documents."""

import pytest

from pipeline.sources.index import listing, snapshot


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of ten documents, stretches of thirty."""
    monkeypatch.setattr(snapshot, "_FIRST", 10)
    monkeypatch.setattr(snapshot, "_SCROLLED", 10)
    monkeypatch.setattr(snapshot, "MOST", 10)
    monkeypatch.setattr(snapshot, "FEWEST", 10)
    monkeypatch.setattr(listing, "STRETCH", 30)

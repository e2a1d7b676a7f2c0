"""A home, a trail with digests, and AWS on loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.stores.home import Store, open_store
from tests.digests import Trail
from tests.servers.aws import aws, moto_url

__all__ = ["aws", "moto_url"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "home") as store:
        yield store


@pytest.fixture
def trail(tmp_path: Path) -> Trail:
    return Trail(tmp_path / "trail").deliver(4)

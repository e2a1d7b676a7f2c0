"""AWS on loopback, and memory to take in what comes from it."""

import pytest

from tests.pipeline.ingest.memory_sink import MemoryTarget
from tests.servers.aws import Aws, aws, moto_url

__all__ = ["aws", "moto_url"]


@pytest.fixture
def target() -> MemoryTarget:
    return MemoryTarget()


@pytest.fixture
def bucket(aws: Aws) -> str:
    return aws.bucket()

"""Tests see nothing of who runs them: neither the width of their terminal nor their settings. Servers are for all.

Imported anywhere else as well, a server's fixture would start another one.
"""

import os
from collections.abc import Iterator

import pytest

from pipeline.settings import PREFIX
from tests.servers.fixtures import (  # noqa: F401
    FIXTURES,
    ONE_PROCESS,
    elasticsearch,
    elasticsearch_9,
    opensearch,
    opensearch_with_users,
    prefix,
    server,
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that need a server run in one process."""
    for item in items:
        if isinstance(item, pytest.Function) and FIXTURES & set(item.fixturenames):
            item.add_marker(ONE_PROCESS)


@pytest.fixture(scope="session", autouse=True)
def _as_anywhere() -> Iterator[None]:
    """Output is as wide as in a pipe; a test that is about a width gives it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name == "COLUMNS" or name.startswith(PREFIX)]:
            patch.delenv(name)
        yield

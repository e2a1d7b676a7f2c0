"""Fixtures: each server once a session, an index prefix a test.

Only the tests' top `conftest.py` imports them: imported into two, they would be two servers of each kind. It also has
whoever asks for one run in one process, so that tests in parallel start no server twice.
"""

from collections.abc import Iterator
from typing import Final
from uuid import uuid4

import pytest

from tests.servers.engine import ELASTICSEARCH_8, ELASTICSEARCH_9, OPENSEARCH_2_SECURE, OPENSEARCH_3, Server, running

ONE_PROCESS = pytest.mark.xdist_group("servers")


@pytest.fixture(scope="session")
def opensearch() -> Iterator[Server]:
    with running(OPENSEARCH_3) as server:
        yield server


@pytest.fixture(scope="session")
def opensearch_with_users() -> Iterator[Server]:
    with running(OPENSEARCH_2_SECURE) as server:
        yield server


@pytest.fixture(scope="session")
def elasticsearch() -> Iterator[Server]:
    with running(ELASTICSEARCH_8) as server:
        yield server


@pytest.fixture(scope="session")
def elasticsearch_9() -> Iterator[Server]:
    with running(ELASTICSEARCH_9) as server:
        yield server


ENGINES: Final = ("opensearch", "opensearch_with_users", "elasticsearch", "elasticsearch_9")


@pytest.fixture(params=ENGINES)
def server(request: pytest.FixtureRequest) -> Server:
    """Each kind of server in turn."""
    found: Server = request.getfixturevalue(request.param)
    return found


FIXTURES: Final = frozenset({*ENGINES, "server"})
"""Whoever asks for one of them needs a server."""


@pytest.fixture
def prefix() -> str:
    """Begins the names of a test's indices, and of nobody else's."""
    return f"test{uuid4().hex[:12]}"

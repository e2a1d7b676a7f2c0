"""Tests see nothing of who runs them: neither the width of their terminal nor their settings. Servers are for all.

Imported anywhere else as well, a server's fixture would start another one.
"""

import os
from collections.abc import Iterator
from typing import Final

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

SPREAD: Final = ("test_points.py", "test_scoring.py", "test_stepping.py", "test_watch.py", "test_rounds.py")
"""Files so long that both processes share one, though what its tests stand on is then made twice."""


HALF: Final = "ODDTRAIL_TEST_HALF"
"""A number: of the sweeps (`pytest.mark.sweep`) run only every second test, by whether it is even or odd."""


@pytest.hookimpl(tryfirst=True)  # whoever deals them to processes reads the marks in a hook of the same name
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that need a server run in one process, and so do those that need a browser, and those of one file."""
    if half := os.environ.get(HALF):
        sweeps = sorted((item for item in items if item.get_closest_marker("sweep")), key=lambda item: item.nodeid)
        left_out = set(sweeps[int(half) % 2 :: 2])
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]
    for item in items:
        if isinstance(item, pytest.Function) and FIXTURES & set(item.fixturenames):
            item.add_marker(ONE_PROCESS)
        elif isinstance(item, pytest.Function) and "chromium" in item.fixturenames:
            item.add_marker(pytest.mark.xdist_group("chromium"))
        elif item.path.name not in SPREAD:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


@pytest.fixture(scope="session", autouse=True)
def _as_anywhere() -> Iterator[None]:
    """Output is as wide as in a pipe; a test that is about a width gives it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name == "COLUMNS" or name.startswith(PREFIX)]:
            patch.delenv(name)
        yield

"""Tests see nothing of who runs them: neither the width of their terminal nor their settings. Servers are for all.

Imported anywhere else as well, a server's fixture would start another one.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, TypeVar

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


T = TypeVar("T")
PART: Final = "ODDTRAIL_TEST_PART"
"""A number: of the sweeps (`pytest.mark.sweep`) runs only every `PARTS`th test, and the number says which."""
PARTS: Final = 24
SWEPT: Final = ("pipeline/page/browser", "pipeline/notify", "pipeline/feedback", "notebooks")
"""Folders of sweeps: pages by theme and width, what carries messages, prices of marks, notebooks."""


def deal(sweeps: Sequence[T], part: int) -> Sequence[T]:
    """Every `PARTS`th of the sweeps, from a part's own on."""
    return sweeps[part % PARTS :: PARTS]


@pytest.hookimpl(tryfirst=True)  # whoever deals them to processes reads the marks in a hook of the same name
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that need a server run in one process, so do those of a browser, of Spark, and those of one file."""
    swept = [Path(__file__).parent / folder for folder in SWEPT]
    for item in items:
        if any(folder in item.path.parents for folder in swept):
            item.add_marker(pytest.mark.sweep)
    if part := os.environ.get(PART):
        sweeps = sorted((item for item in items if item.get_closest_marker("sweep")), key=lambda item: item.nodeid)
        left_out = set(sweeps) - set(deal(sweeps, int(part)))
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]
    for item in items:
        if isinstance(item, pytest.Function) and FIXTURES & set(item.fixturenames):
            item.add_marker(ONE_PROCESS)
        elif isinstance(item, pytest.Function) and "chromium" in item.fixturenames:
            item.add_marker(pytest.mark.xdist_group("chromium"))
        elif isinstance(item, pytest.Function) and "spark" in item.fixturenames:
            item.add_marker(pytest.mark.xdist_group("spark"))
        elif item.path.name not in SPREAD:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


@pytest.fixture(scope="session", autouse=True)
def _as_anywhere() -> Iterator[None]:
    """Output is as wide as in a pipe; a test that is about a width gives it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name == "COLUMNS" or name.startswith(PREFIX)]:
            patch.delenv(name)
        yield

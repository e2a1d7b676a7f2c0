"""Tests see nothing of who runs them: neither the width of their terminal nor their settings of oddtrail."""

import os
from collections.abc import Iterator

import pytest

from pipeline.settings import PREFIX


@pytest.fixture(scope="session", autouse=True)
def _as_anywhere() -> Iterator[None]:
    """Output is as wide as in a pipe; a test that is about a width gives it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name == "COLUMNS" or name.startswith(PREFIX)]:
            patch.delenv(name)
        yield

"""A home that was trained and scored, for reports about models, alerts and the population; nobody writes to it."""

import shutil
from pathlib import Path

import pytest

from tests.pipeline.reports.test_scored_hours import a_scored_home


@pytest.fixture(scope="session")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company of four engineers and four roles, one engineer's session stolen."""
    return a_scored_home(tmp_path_factory.mktemp("scored"))


@pytest.fixture
def home(scored: Path, tmp_path: Path) -> Path:
    """A copy of one's own."""
    return shutil.copytree(scored, tmp_path / "home")

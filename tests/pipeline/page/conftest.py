"""A home that was trained and scored, for the pages about models and principals; nobody writes to it."""

from pathlib import Path

import pytest
from starlette.types import ASGIApp

from pipeline.page.access import Access
from pipeline.page.app import make_app
from pipeline.page.home import Home
from pipeline.settings import Settings
from tests.pipeline.reports.test_scored_hours import a_scored_home


@pytest.fixture(scope="session")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company of four engineers and four roles, one engineer's session stolen."""
    return a_scored_home(tmp_path_factory.mktemp("scored"))


@pytest.fixture(scope="session")
def scored_app(scored: Path) -> ASGIApp:
    """The page about it."""
    return make_app(Home(Settings(home=scored)), Access())

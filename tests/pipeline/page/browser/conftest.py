"""One Chromium and one server for the tests of this folder; both end with it.

They are of the folder and not of the session: while Playwright's Chromium runs, its thread has a running event loop,
in which no other test could start one of its own.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.pipeline.page.browser.homes import a_browsed_home
from tests.pipeline.page.browser.site import serving
from tests.servers.need import lack


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    path = shutil.which("chromium")
    if path is None:
        lack("there is no Chromium: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def browsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with something on every page."""
    return a_browsed_home(tmp_path_factory.mktemp("browsed"))


@pytest.fixture(scope="package")
def site(browsed: Path) -> Iterator[str]:
    """Where it is shown."""
    with serving(browsed) as address:
        yield address

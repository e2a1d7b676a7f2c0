"""What each address shows."""

from pathlib import Path

import pytest
from starlette.types import ASGIApp

from pipeline.page.access import Access
from pipeline.page.app import make_app
from pipeline.page.home import Home
from pipeline.settings import Settings
from pipeline.stores.home import open_store
from tests.pipeline.cli.homes import a_home, a_record
from tests.pipeline.page.asking import ask


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> ASGIApp:
    return make_app(Home(Settings(home=a_home(tmp_path_factory.mktemp("page"), [a_record()]))), Access())


def test_what_is_held_is_told_by_account(app: ASGIApp) -> None:
    text = " ".join(ask(app).text.split())
    assert "1 event of 1 account, from 1 log file" in text
    assert '<th scope="row">111122223333</th><td class="n">1</td>' in text


def test_an_empty_home_says_what_to_do(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    found = ask(make_app(Home(Settings(home=tmp_path)), Access()))
    assert found.status == 200
    assert "oddtrail ingest PATH" in found.text


def test_the_way_on_is_marked_and_the_content_can_be_jumped_to(app: ASGIApp) -> None:
    text = ask(app).text
    assert 'href="/" aria-current="page"' in text
    assert '<a class="skip" href="#content">' in text
    assert '<main id="content"' in text

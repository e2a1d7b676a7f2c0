"""The language of a page is the reader's choice, and nothing that a request says can be more than that."""

import re
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from pipeline.page.access import Access
from pipeline.page.app import make_app
from pipeline.page.home import Home
from pipeline.page.language import negotiate
from pipeline.settings import Settings
from tests.pipeline.cli.homes import a_home, a_record
from tests.pipeline.page.asking import Answered, ask


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_home(tmp_path_factory.mktemp("language"), [a_record()])


@pytest.fixture(scope="module")
def app(home: Path) -> ASGIApp:
    return make_app(Home(Settings(home=home)), Access())


def language_of(found: Answered) -> str:
    match = re.search(r'<html lang="(\w+)">', found.text)
    assert match
    assert found.header("content-language") == match[1]
    assert found.header("vary") == "Accept-Language, Cookie"
    return match[1]


def test_what_the_address_asks_for_comes_before_the_cookie_and_that_before_the_browser(app: ASGIApp) -> None:
    browser, cookie = ("accept-language", "ko-KR,ko;q=0.9,en;q=0.8"), ("cookie", "oddtrail_lang=en")
    assert language_of(ask(app, "/held")) == "en"
    assert language_of(ask(app, "/held", headers=[browser])) == "ko"
    assert language_of(ask(app, "/held", headers=[browser, cookie])) == "en"
    assert language_of(ask(app, "/held?lang=ko", headers=[cookie])) == "ko"
    assert language_of(ask(app, "/nowhere?lang=ko")) == "ko"


def test_the_deployments_setting_comes_before_the_browser(home: Path) -> None:
    app = make_app(Home(Settings(home=home, language="ko")), Access())
    assert language_of(ask(app, "/held", headers=[("accept-language", "en")])) == "ko"
    assert language_of(ask(app, "/held?lang=en")) == "en"


def test_a_language_that_was_asked_for_is_kept_by_links_and_by_a_cookie(app: ASGIApp) -> None:
    found = ask(app, "/held?lang=ko")
    assert found.header("set-cookie") == "oddtrail_lang=ko; HttpOnly; Max-Age=31536000; Path=/; SameSite=Lax"
    assert '<a href="/busy?lang=ko">바쁜 시간대</a>' in found.text
    unasked = ask(app, "/held")
    assert '<a href="/busy">When busiest</a>' in unasked.text
    assert all(name != "set-cookie" for name, _ in unasked.headers)


def test_the_other_language_is_one_click_away_on_the_same_page(app: ASGIApp) -> None:
    assert (
        'href="/search?q=a%26b+%22c&amp;lang=ko" lang="ko" hreflang="ko">한국어'
        in ask(app, "/search?q=a%26b+%22c").text
    )
    assert 'href="/search?q=x&amp;lang=en" lang="en" hreflang="en">English' in ask(app, "/search?lang=ko&q=x").text


@pytest.mark.parametrize(
    "query",
    ["lang=fr", "lang=", "lang=ko%00", "lang=../ko", "path=x&self=y&lang=xx", "q=%ff%00%0d%0aset-cookie:a", "&" * 5000],
)
def test_a_request_chooses_among_our_languages_only(app: ASGIApp, query: str) -> None:
    found = ask(app, f"/search?{query}")
    assert found.status == 200
    assert language_of(found) == "en"
    assert all(name != "set-cookie" for name, _ in found.headers)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ko", "ko"),
        ("KO-kr", "ko"),
        ("en;q=0.1, ko;q=0.2", "ko"),
        ("en, ko", "en"),
        ("ja, ko;q=0.3", "ko"),
        ("ko;q=0, *", "en"),
        ("ko;q=9", "en"),
        ("korean", "en"),
        ("ko\x00", "en"),
        (f"{'x,' * 100_000}ko", "en"),
        (f"{'a' * 100_000}", "en"),
    ],
)
def test_the_browsers_wish_is_read_within_bounds(header: str, language: str) -> None:
    assert negotiate(header) == language

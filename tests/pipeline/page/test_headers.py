"""Every answer tells the browser the same: run nothing of others, keep nothing, tell nobody."""

import re
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.page.access import Access, hash_token
from pipeline.page.app import make_app
from pipeline.page.headers import HEADERS, POLICY, SafeHeaders
from pipeline.page.home import Home
from pipeline.settings import Settings
from pipeline.stores.home import open_store
from tests.pipeline.page.asking import Answered, ask


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> ASGIApp:
    home = tmp_path_factory.mktemp("home")
    open_store(home).close()
    return make_app(Home(Settings(home=home)), Access())


def check(found: Answered) -> None:
    for name, value in HEADERS.items():
        assert found.header(name) == value


@pytest.mark.parametrize(
    ("address", "method", "hosts", "status"),
    [
        ("/", "GET", ["localhost"], 200),
        ("/", "HEAD", ["localhost"], 200),
        ("/static/page.css", "GET", ["localhost"], 200),
        ("/nowhere", "GET", ["localhost"], 404),
        ("/static/../app.py", "GET", ["localhost"], 404),
        ("/static/%2e%2e/app.py", "GET", ["localhost"], 404),
        ("/static//etc/passwd", "GET", ["localhost"], 404),
        ("/", "POST", ["localhost"], 405),
        ("/", "DELETE", ["localhost"], 405),
        ("/", "GET", ["evil.example"], 421),
    ],
)
def test_every_answer_has_them(app: ASGIApp, address: str, method: str, hosts: list[str], status: int) -> None:
    found = ask(app, address, method=method, hosts=hosts)
    assert found.status == status
    check(found)


def test_who_may_not_look_gets_them_too() -> None:
    guarded = make_app(Home(Settings(home=Path("nowhere"))), Access(tokens=(hash_token("t" * 24),)))
    assert ask(guarded).status == 401
    check(ask(guarded))


def test_a_home_that_is_not_there_is_told_with_them() -> None:
    found = ask(make_app(Home(Settings(home=Path("/nowhere/<b>"))), Access()))
    assert found.status == 503
    assert "holds no store" in found.text
    assert "<b>" not in found.text
    check(found)


def test_a_bug_has_them_and_tells_nothing_of_itself() -> None:
    class Broken(Home):
        def open(self) -> object:  # type: ignore[override]
            raise ZeroDivisionError("secret detail")

    seen = []

    async def caught(scope: Scope, receive: Receive, send: Send) -> None:
        with pytest.raises(ZeroDivisionError):
            await make_app(Broken(Settings()), Access())(scope, receive, send)
        seen.append(True)

    found = ask(caught)
    assert seen
    assert found.status == 500
    assert "secret detail" not in found.text
    check(found)


def test_what_an_application_says_by_the_same_name_does_not_stand() -> None:
    loose = PlainTextResponse("x", headers={"Cache-Control": "public", "Content-Security-Policy": "default-src *"})
    check(ask(SafeHeaders(loose)))


def test_nothing_inline_and_nothing_from_elsewhere_is_allowed() -> None:
    rules = dict(rule.strip().split(" ", 1) for rule in POLICY.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert set(rules.values()) == {"'none'", "'self'"}


def test_the_page_itself_needs_nothing_inline(app: ASGIApp) -> None:
    text = re.sub(r'<script src="/static/[a-z.]+" defer></script>', "", ask(app).text)
    for inline in ("<style", "style=", "<script", "javascript:", " on", "http://", "https://"):
        assert inline not in text.replace(" on ", " "), inline

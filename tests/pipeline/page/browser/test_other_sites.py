"""A page elsewhere, open in the same browser, neither reads, frames nor changes anything here."""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from pipeline.page.app import PAGES
from tests.pipeline.page.browser.addresses import FIRST
from tests.pipeline.page.browser.seen import looking
from tests.pipeline.page.browser.site import REBOUND

ELSEWHERE: Final = "http://elsewhere.example"
_READ: Final = """async address => {
    try {
        return (await (await fetch(address, { credentials: "include" })).text()).length;
    } catch (error) {
        return error.name;
    }
}"""
_POST: Final = """([address, fields]) => {
    const make = (tag, given) => Object.assign(document.createElement(tag), given);
    const form = make("form", { method: "post", action: address });
    for (const [name, value] of Object.entries(fields)) form.append(make("input", { name, value }));
    document.body.append(form);
    form.submit();
}"""


@pytest.fixture
def elsewhere(chromium: Browser) -> Iterator[Page]:
    """A page of somebody else."""
    with looking(chromium, ELSEWHERE) as (page, _):
        page.route(f"{ELSEWHERE}/**", lambda route: route.fulfill(body="<p>hello", content_type="text/html"))
        page.goto("/")
        yield page


def test_it_reads_nothing(elsewhere: Page, site: str) -> None:
    assert elsewhere.evaluate(_READ, f"{ELSEWHERE}/more") == len("<p>hello")
    for path in PAGES:
        assert elsewhere.evaluate(_READ, site + FIRST[path]) == "TypeError", path


def test_it_frames_nothing(elsewhere: Page, site: str) -> None:
    heard: list[str] = []
    elsewhere.on("console", lambda message: heard.append(message.text))
    elsewhere.evaluate("address => { document.body.innerHTML = `<iframe src='${address}'></iframe>`; }", site + "/")
    elsewhere.wait_for_timeout(500)
    assert any("frame" in text.lower() for text in heard), heard
    assert not any(frame.locator("nav a").count() for frame in elsewhere.frames[1:])


def test_it_changes_nothing(elsewhere: Page, site: str) -> None:
    for path in PAGES:
        elsewhere.goto("/")
        with elsewhere.expect_response(lambda response: response.url.startswith(site)) as answered:
            elsewhere.evaluate(_POST, [site + FIRST[path], {"id": "x", "mark": "expected"}])
        assert answered.value.status in (403, 405), path


def test_a_name_of_somebody_else_that_leads_here_is_refused(chromium: Browser, site: str) -> None:
    port = site.rpartition(":")[2]
    with looking(chromium, f"http://{REBOUND}:{port}") as (page, _):
        answer = page.goto("/")
        assert answer is not None
        assert answer.status == 421
        assert "oddtrail serve --name" in page.locator("body").inner_text()

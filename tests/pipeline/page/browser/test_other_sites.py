"""A page elsewhere, open in the same browser, neither reads, frames nor changes anything here."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from pipeline.page.app import PAGES
from pipeline.page.feedback import PATH
from pipeline.stores.home import open_store
from pipeline.stores.jsonl.marks import Mark
from tests.pipeline.cli.homes import a_home, a_record, an_alert, with_alerts
from tests.pipeline.page.browser.addresses import FIRST, ID
from tests.pipeline.page.browser.seen import looking
from tests.pipeline.page.browser.site import REBOUND, serving

ELSEWHERE: Final = "http://elsewhere.example"
_READ: Final = """async address => {
    try {
        return (await (await fetch(address, { credentials: "include" })).text()).length;
    } catch (error) {
        return error.name;
    }
}"""
_SEND: Final = """async ([address, fields]) => {
    const asked = { method: "POST", mode: "no-cors", credentials: "include", body: new URLSearchParams(fields) };
    try {
        return (await fetch(address, asked)).type;
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


def post(elsewhere: Page, address: str, fields: dict[str, str]) -> int:
    """Submit a form of that page to an address of ours; the status of the answer, once it is shown."""
    elsewhere.goto("/")
    with elsewhere.expect_navigation(url=address) as answered:
        elsewhere.evaluate(_POST, [address, fields])
    assert answered.value is not None
    return answered.value.status


def test_it_changes_nothing(elsewhere: Page, site: str) -> None:
    for path in PAGES:
        assert post(elsewhere, site + FIRST[path], {"id": "x", "mark": "expected"}) in (403, 405), path


@pytest.fixture
def markable(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A home of its own with an alert, and where it is shown."""
    home = with_alerts(a_home(tmp_path, [a_record()]), an_alert())
    with serving(home) as address:
        yield address, home


def kept(home: Path) -> list[Mark]:
    with open_store(home, create=False) as store:
        return store.marks.every()


def fill_form(page: Page) -> None:
    """Say on the alert's page that it was expected, and why."""
    page.goto(FIRST["/alert"])
    page.locator("input[name=verdict][value=expected]").check()
    page.get_by_label("Why").fill("a planned rotation")


def test_it_marks_nothing_whatever_it_knows(chromium: Browser, elsewhere: Page, markable: tuple[str, Path]) -> None:
    site, home = markable
    with looking(chromium, site) as (page, _):
        fill_form(page)
        token = page.locator("input[name=token]").input_value()
        page.get_by_role("button", name="Show what it costs").click()
        price = page.locator("input[name=save]").input_value()
    form = {"id": ID, "verdict": "expected"}
    for fields in (form, form | {"token": "x"}, form | {"token": token}, {"save": "x"}, {"save": price}):
        assert post(elsewhere, site + PATH, fields) == 403, fields
        elsewhere.goto("/")
        assert elsewhere.evaluate(_SEND, [site + PATH, fields]) in ("opaque", "TypeError"), fields
    assert kept(home) == []


def test_a_mark_is_made_by_who_sees_its_price_first(chromium: Browser, markable: tuple[str, Path]) -> None:
    site, home = markable
    with looking(chromium, site) as (page, faults):
        fill_form(page)
        page.get_by_role("button", name="Show what it costs").click()
        page.get_by_role("button", name="Save", exact=True).wait_for()
        price = page.locator("main").inner_text()
        assert "Past: 1 alert" in price
        assert "a planned rotation" in price
        assert kept(home) == []
        page.get_by_role("button", name="Save", exact=True).click()
        page.wait_for_url("**/alert?id=*#mark")
        [made] = kept(home)
        assert (made.alert_id, made.verdict, made.note, made.source) == (ID, "expected", "a planned rotation", "page")
        assert "a planned rotation" in page.locator("main").inner_text()
        assert faults == []


def test_a_name_of_somebody_else_that_leads_here_is_refused(chromium: Browser, site: str) -> None:
    port = site.rpartition(":")[2]
    with looking(chromium, f"http://{REBOUND}:{port}") as (page, _):
        answer = page.goto("/")
        assert answer is not None
        assert answer.status == 421
        assert "oddtrail serve --name" in page.locator("body").inner_text()

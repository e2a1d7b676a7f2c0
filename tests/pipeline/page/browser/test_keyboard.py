"""Every page by the keyboard alone: each way is reached with Tab, and it is seen where one is."""

from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page

from pipeline.page.app import PAGES
from tests.pipeline.page.browser.addresses import FIRST
from tests.pipeline.page.browser.seen import looking, settle

MOST_STEPS: Final = 400
"""Of Tab, on any page."""
_WHERE: Final = """() => {
    const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one);
    return {
        at: one === document.body ? "" : one.getAttribute("href") || one.outerHTML,
        ringed: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        shown: box.width > 1 && box.height > 1 && box.left >= 0 && box.top < innerHeight &&
            (box.top >= 0 || (box.height > innerHeight && box.bottom > 0)),  // a table may be taller than the window
    };
}"""

_BEGUN: Final = """() => {
    const one = document.querySelector("[autofocus]");
    return !one || one === document.activeElement;
}"""
"""The field that a page begins in has the focus, if there is one."""


def walk(page: Page) -> list[dict[str, Any]]:
    """Where Tab leads, from the top of a page until it leaves it."""
    found = []
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        where = page.evaluate(_WHERE)
        if not where["at"]:
            break
        found.append(where)
    return found


@pytest.mark.parametrize("path", PAGES)
def test_every_way_of_a_page_is_reached_and_seen(chromium: Browser, site: str, path: str) -> None:
    with looking(chromium, site) as (page, faults):
        page.goto(FIRST[path])
        settle(page)
        page.wait_for_function(_BEGUN)
        page.locator(".skip").focus()
        page.keyboard.press("Shift+Tab")  # out of the page, at its top
        found = walk(page)
        hidden = page.locator("details:not([open]) a[href]").evaluate_all("all => all.map(a => a.getAttribute('href'))")
        ways = page.locator("a[href]").evaluate_all("all => all.map(a => a.getAttribute('href'))")
        reached = [where["at"] for where in found]
        assert reached[0] == "#content"
        assert set(ways) - set(hidden) <= set(reached)
        assert [where for where in found if not (where["ringed"] and where["shown"])] == []
        assert faults == []


def test_the_first_way_leads_past_the_others(chromium: Browser, site: str) -> None:
    with looking(chromium, site) as (page, _):
        page.goto("/")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")


def test_an_alert_is_found_read_and_left_by_the_keyboard(chromium: Browser, site: str) -> None:
    with looking(chromium, site) as (page, _):
        page.goto("/search")
        page.wait_for_function(_BEGUN)
        page.keyboard.type("deploy")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?q=deploy")
        page.locator("main a[href^='/alert']").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/alert?id=*")
        assert page.locator("h2").first.inner_text() == "What happened"


def test_the_check_sees_a_way_that_is_not_ringed(chromium: Browser, site: str) -> None:
    with looking(chromium, site) as (page, _):
        page.goto("/held")
        page.evaluate("document.querySelector('link[rel=stylesheet]').sheet.insertRule('* {outline: none !important}')")
        assert not any(where["ringed"] for where in walk(page))

"""What scripts add: answers without a reload, found as one types, and lines drawn of tables."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pipeline.page.browser.addresses import ID
from tests.pipeline.page.browser.seen import looking, settle

_MARK = "() => { window.same = true; }"
_SAME = "() => window.same === true"


def begin(page: Page, address: str) -> None:
    """Go to a page, and mark its window, so that a reload is seen."""
    page.goto(address)
    settle(page)
    page.evaluate(_MARK)


def test_another_zone_is_shown_without_a_reload(chromium: Browser, site: str) -> None:
    with looking(chromium, site) as (page, faults):
        begin(page, "/busy")
        page.locator("#zone").focus()
        page.locator("#zone").select_option("Asia/Seoul")
        page.wait_for_url("**/busy?zone=Asia%2FSeoul")
        settle(page)
        expect(page.locator("#zone")).to_have_value("Asia/Seoul")
        expect(page.locator("#zone")).to_be_focused()
        assert page.evaluate(_SAME)
        assert page.locator(".plot").count() == 1
        page.go_back()
        page.wait_for_url("**/busy")
        expect(page.locator("#zone")).to_have_value("UTC")
        assert faults == []


def test_alerts_are_found_as_one_types(chromium: Browser, site: str) -> None:
    with looking(chromium, site) as (page, faults):
        begin(page, "/search")
        page.keyboard.type("depl")
        expect(page.locator(f"#found a[href='/alert?id={ID}']")).to_be_visible()
        page.keyboard.type("oyer")
        expect(page.locator("#found")).to_contain_text("No alert is about that")
        expect(page.locator("#q")).to_have_value("deployer")
        expect(page.locator("#q")).to_be_focused()
        assert page.url.endswith("/search?q=deployer")
        assert page.evaluate(_SAME)
        assert faults == []


@pytest.mark.parametrize(("address", "points"), [("/busy", 7 * 24), ("/", 2)])
def test_a_table_is_drawn_and_says_each_point(chromium: Browser, site: str, address: str, points: int) -> None:
    with looking(chromium, site) as (page, faults):
        begin(page, address)
        ink = "canvas => new Set(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data).size"
        assert page.locator(".plot canvas").evaluate(ink) > 20
        page.locator(".plot .u-over").hover(position={"x": 2, "y": 50})
        first = page.locator(".plot .u-legend").inner_text()
        assert re.search(r"Mon 00:00|2026-03-01", first), first
        assert page.locator("table[data-plot] tbody td.n, table.heat td").count() >= points
        assert faults == []


def test_what_is_refused_is_shown_as_ever(chromium: Browser, site: str) -> None:
    with looking(chromium, site) as (page, _):
        begin(page, "/busy")
        page.locator("#zone option").first.evaluate("one => { one.value = 'Nowhere'; }")
        page.locator("#zone").select_option("Nowhere")
        page.wait_for_url("**/busy?zone=Nowhere")
        expect(page.locator("h1")).to_have_text("404")
        assert not page.evaluate(_SAME)


def test_only_what_is_needed_is_loaded(chromium: Browser, site: str) -> None:
    with looking(chromium, site) as (page, _):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
        begin(page, "/held")
        page.wait_for_timeout(100)
        assert not {"htmx.min.js", "uplot.min.js"} & set(asked)

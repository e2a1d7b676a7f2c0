"""Every page says as much without scripts."""

import pytest
from playwright.sync_api import Browser

from pipeline.page.app import PAGES
from tests.pipeline.page.browser.addresses import FIRST, ID
from tests.pipeline.page.browser.seen import looking


@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_as_much_without_scripts(chromium: Browser, site: str, path: str) -> None:
    told = []
    for scripts in (True, False):
        with looking(chromium, site, java_script_enabled=scripts) as (page, faults):
            page.goto(FIRST[path])
            assert page.locator("h1").is_visible()
            told.append([one.strip() for one in page.locator("main :is(h1, h2, th, td, dt, dd)").all_inner_texts()])
            assert faults == []
    assert told[0] == told[1]
    assert any(told[0])


def test_it_is_walked_through_without_scripts(chromium: Browser, site: str) -> None:
    with looking(chromium, site, java_script_enabled=False) as (page, faults):
        page.goto("/")
        page.get_by_role("link", name="When busiest").click()
        page.get_by_role("combobox").select_option("Asia/Seoul")
        page.get_by_role("button", name="Show").click()
        page.wait_for_url("**/busy?zone=Asia%2FSeoul")
        page.get_by_role("link", name="Search").click()
        page.get_by_role("searchbox").fill("198.51.100.7")
        page.get_by_role("button", name="Search").click()
        page.locator(f"main a[href='/alert?id={ID}']").click()
        page.get_by_role("link", name="The raw records").click()
        assert "CreateAccessKey" in page.locator("pre").first.inner_text()
        assert faults == []

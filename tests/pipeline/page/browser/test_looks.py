"""Every page, in both languages, themes and three widths, fits and fails nothing, and axe-core finds no grave fault."""

import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from pipeline.page.app import PAGES
from pipeline.page.links import link
from pipeline.words.language import LANGUAGES
from tests.pipeline.cli.commands import run
from tests.pipeline.page.browser.addresses import ADDRESSES, QUERIES
from tests.pipeline.page.browser.seen import looking, settle

WIDTHS: Final = (1280, 800, 400)
THEMES: Final = ("light", "dark")
LOOKED_INTO: Final = (("en", "light"), ("en", "dark"), ("ko", "light"))
"""By axe-core, which takes as long as all else; what is dark is the same in both languages."""
HEIGHT: Final = 900
GRAVE: Final = ("serious", "critical")
_OVER: Final = """() => {
    const over = element => element.getBoundingClientRect().right > innerWidth + 1;
    const scrolls = element => element.closest(".wide, pre, [tabindex]:not(main)") !== null;
    const wide = document.documentElement.scrollWidth > innerWidth;
    return wide ? [...document.querySelectorAll("body *")].filter(e => over(e) && !scrolls(e)).map(e => e.outerHTML)
        .concat("the body is wider than the window") : [];
}"""
"""What is wider than the window, though it does not scroll by itself."""


def test_every_page_has_an_address_that_is_looked_at() -> None:
    assert QUERIES.keys() == PAGES.keys(), "add the page to tests/pipeline/page/browser/addresses.py"


def name_picture(address: str, language: str, theme: str, width: int) -> str:
    """What the picture of a page is called.

    >>> name_picture("/search?q=deploy", "ko", "dark", 400)
    'search-q-deploy-ko-dark-400.png'
    """
    return f"{re.sub(r'[^a-z0-9]+', '-', address.lower()).strip('-') or 'today'}-{language}-{theme}-{width}.png"


def find_faults(page: Page) -> list[str]:
    """Grave faults that axe-core finds in what is shown, each with the elements it is about."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{one['impact']}: {one['help']}: {[node['html'] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in GRAVE
    ]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_is_fit_to_be_read(chromium: Browser, site: str, tmp_path: Path, address: str) -> None:
    asked = dict(parse_qsl(urlsplit(address).query))
    with looking(chromium, site) as (page, faults):
        for language in LANGUAGES:
            page.goto(link(address.partition("?")[0], **asked, lang=language))
            settle(page)
            page.locator("main details").evaluate_all("all => all.forEach(one => { one.open = true; })")
            for theme in THEMES:
                page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
                for width in WIDTHS:
                    page.set_viewport_size({"width": width, "height": HEIGHT})
                    assert page.evaluate(_OVER) == [], f"{language}, {theme}, {width} wide"
                    page.screenshot(path=tmp_path / name_picture(address, language, theme, width), full_page=True)
                if (language, theme) in LOOKED_INTO:
                    assert find_faults(page) == [], f"{language}, {theme}"
        assert faults == []


def test_a_report_is_fit_to_be_read_without_a_network(chromium: Browser, browsed: Path, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    assert run("report", "--home", browsed, "--since", "2026-02-20", "--out", path).exit_code == 0
    with looking(chromium, path.as_uri(), offline=True) as (page, faults):
        page.goto(path.as_uri())
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": HEIGHT})
                assert page.evaluate(_OVER) == [], f"{theme}, {width} wide"
            page.screenshot(path=tmp_path / name_picture("report", "en", theme, width), full_page=True)
            assert find_faults(page) == [], theme
        assert faults == []


def test_the_checks_see_what_they_are_there_for(chromium: Browser, site: str) -> None:
    with looking(chromium, site, viewport={"width": 400, "height": HEIGHT}) as (page, faults):
        page.goto("/held")
        page.locator("h1").evaluate("one => { one.outerHTML = '<svg width=900></svg><img src=/nothing>'; }")
        assert page.evaluate(_OVER)[-1] == "the body is wider than the window"
        assert any("alternat" in fault for fault in find_faults(page))
        page.wait_for_load_state("networkidle")
        assert any(fault.startswith("404: ") for fault in faults)

"""The map: shaded by calls, dots for what is too small, firsts marked, and nothing of a country that is none."""

from pathlib import Path

import pytest

from pipeline.page.access import Access
from pipeline.page.app import make_app
from pipeline.page.home import Home
from pipeline.page.world import STEPS, Land, draw_world, find_bound, find_step
from pipeline.settings import Settings
from pipeline.words.countries import name_country
from tests.pipeline.page.asking import ask
from tests.pipeline.page.browser.homes import a_browsed_home

ROWS = [
    {"country": "DE", "events": 40_000, "principals": 12},
    {"country": "SG", "events": 3, "principals": 1},
    {"country": "unknown", "events": 900_000, "principals": 2},
    {"country": '"><script>', "events": 5, "principals": 1},
]


def lands() -> dict[str, Land]:
    return {land.code: land for land in draw_world(ROWS, {"SG", "nowhere"}).lands}


def test_a_country_is_shaded_by_its_calls_and_says_how_many() -> None:
    germany = lands()["DE"]
    assert (germany.shade, germany.calls, germany.principals) == (STEPS, 40_000, 12)
    assert lands()["FR"].shade == lands()["FR"].calls == 0


def test_a_country_without_an_outline_is_a_dot_if_anything_came_from_it() -> None:
    assert lands()["SG"].path == ""
    assert lands()["SG"].shade == 1
    assert "MT" not in lands()


def test_what_is_new_to_a_principal_is_marked() -> None:
    assert [code for code, land in lands().items() if land.is_new] == ["SG"]


def test_what_is_no_country_is_not_drawn_and_shades_nothing() -> None:
    assert not {"unknown", '"><script>'} & set(lands())
    assert draw_world(ROWS, set()).bounds[-1] < 40_000


def test_what_something_came_from_is_drawn_last() -> None:
    shades = [land.shade > 0 for land in draw_world(ROWS, set()).lands]
    assert shades == sorted(shades)


@pytest.mark.parametrize("most", [0, 1, 2, 7, 10_000, 10**9])
def test_every_number_of_calls_has_a_shade_and_the_most_have_the_last(most: int) -> None:
    bounds = [find_bound(step, most) for step in range(1, STEPS + 1)]
    assert bounds == sorted(bounds)
    assert find_step(most, most) == (STEPS if most else 0)
    assert all(find_step(bound, most) >= step for step, bound in enumerate(bounds, 1))


def test_a_country_is_named_in_a_language() -> None:
    assert name_country("SG", "ko") == "싱가포르"


def test_the_page_has_the_map_beside_its_table(tmp_path: Path) -> None:
    app = make_app(Home(Settings(home=a_browsed_home(tmp_path))), Access())
    text = " ".join(ask(app, "/where").text.split())
    title = "<title>Singapore: 1 call, 1 principal; new to a principal</title>"
    assert f'<g class="m1 new">{title}<circle cx="1577" cy="496"' in text
    assert '<th scope="row">DE <span class="soft">Germany</span></th>' in text
    assert text.count('<circle class="ring"') == 2
    assert '<span class="soft">독일</span>' in ask(app, "/where?lang=ko").text
    assert len(text) < 100_000

"""Who is unlike the others: the list by kind and group, and one principal against its group."""

import re
import shutil
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from features.activity.closed import MEANINGS
from pipeline.page.access import Access
from pipeline.page.app import make_app
from pipeline.page.home import Home
from pipeline.settings import Settings
from tests.pipeline.cli.homes import a_home, a_record
from tests.pipeline.page.asking import ask


def text_of(app: ASGIApp, address: str) -> str:
    found = ask(app, address)
    assert found.status == 200, found.text
    return " ".join(found.text.split())


def ways(text: str) -> list[str]:
    return [way.replace("&amp;", "&") for way in re.findall(r'href="(/unlike\?id=[^"]*)"', text)]


def test_the_strangest_comes_first_with_the_scores_side_by_side(scored_app: ASGIApp) -> None:
    text = text_of(scored_app, "/population")
    assert "person1" in text[text.index("<tbody>") : text.index("</tr>", text.index("<tbody>"))]
    for column in ("isolation forest", "population", "alerts", "strangest hour"):
        assert f">{column}</th>" in text


def test_one_kind_or_group_alone_is_shown(scored_app: ASGIApp) -> None:
    every, people = text_of(scored_app, "/population"), text_of(scored_app, "/population?kind=human")
    assert 0 < len(ways(people)) < len(ways(every))
    assert "No principal of these" in text_of(scored_app, "/population?kind=nobody")
    [group, *_] = re.findall(r'href="(/population\?group=[^"]*)"', people)
    assert 0 < len(ways(text_of(scored_app, group.replace("&amp;", "&")))) < len(ways(every))


def test_why_it_is_unlike_them_is_told_by_measures_and_peers(scored_app: ASGIApp) -> None:
    text = text_of(scored_app, ways(text_of(scored_app, "/population"))[0])
    assert "person1 among its peers" in text
    why = text[text.index("Why its strangest hours") : text.index("Scores side by side")]
    assert re.search(r'<td class="n">[\d.]+</td><td class="n">[\d.]+</td></tr>', why)
    measures = text[text.index("Its hours against") : text.index("Its peers")]
    assert MEANINGS["calls"] in measures
    assert 'aria-current="true">person1<' in text[text.index("Its peers") :]


@pytest.mark.parametrize("asked", ["", "?id=", "?id=nobody", f"?id={'x' * 400}"])
def test_who_is_not_there_is_not_found(scored_app: ASGIApp, asked: str) -> None:
    assert ask(scored_app, f"/unlike{asked}").status == 404


def test_where_nothing_was_scored_it_says_what_to_do(tmp_path: Path) -> None:
    app = make_app(Home(Settings(home=a_home(tmp_path, [a_record()]))), Access())
    found = ask(app, "/population")
    assert found.status == 503
    assert "oddtrail train" in found.text


def test_what_takes_long_is_made_beside(scored: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    copy = shutil.copytree(scored, tmp_path / "home", ignore=shutil.ignore_patterns("prepared"))
    monkeypatch.setattr("pipeline.page.home.MADE_NOW", 0)
    home = Home(Settings(home=copy))
    app = make_app(home, Access())
    assert "is being made meanwhile" in text_of(app, "/population")
    home.prepare()
    assert "person1" in text_of(app, "/population")

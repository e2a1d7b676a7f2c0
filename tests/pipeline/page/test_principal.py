"""One principal: what it does, what changed, and its peers; and its weeks beside an alert."""

import re
from pathlib import Path

import msgspec
import pytest
from starlette.types import ASGIApp

from pipeline.page.access import Access
from pipeline.page.app import make_app
from pipeline.page.home import Home
from pipeline.page.principal import draw_alert_weeks
from pipeline.page.weeks import draw_weeks
from pipeline.reports.activity_days import last_days
from pipeline.reports.principal import days
from pipeline.reports.principal_calls import take_principal
from pipeline.settings import Settings
from tests.pipeline.cli.homes import a_home, a_record, an_alert, with_alerts
from tests.pipeline.page.asking import ask


def text_of(app: ASGIApp, address: str) -> str:
    found = ask(app, address)
    assert found.status == 200, found.text
    return " ".join(found.text.split())


def find(text: str, path: str) -> str:
    found = re.search(rf'href="({path}\?id=[^"]*)"', text)
    assert found
    return found[1].replace("&amp;", "&")


@pytest.fixture(scope="module")
def alert(scored_app: ASGIApp) -> str:
    return text_of(scored_app, find(text_of(scored_app, "/"), "/alert"))


def test_an_alert_shows_the_weeks_and_peers_of_its_principal(alert: str) -> None:
    assert "Its weeks and its peers" in alert
    assert alert.count("<rect") >= 28 * 24
    assert " marked" in alert
    assert 'aria-current="true">person1<' in alert


def test_it_is_told_what_it_does_and_what_changed(scored_app: ASGIApp, alert: str) -> None:
    text = text_of(scored_app, find(alert, "/principal"))
    assert "<h1>person1</h1>" in text
    for heading in ("Its weeks", "What changed in the last week", "Services", "Places", "Credentials", "Its peers"):
        assert f"<h2>{heading}</h2>" in text
    changed = text[text.index("What changed") : text.index("<h2>Services")]
    assert re.search(r'<td class="t">(call|country|network|service|tool)</td>', changed)
    assert "/alert?id=" in text
    assert "/unlike?id=" in text


def test_who_was_not_active_is_said_not_to_have_been(scored_app: ASGIApp) -> None:
    text = text_of(scored_app, "/principal?id=nobody")
    assert "It was not active from" in text
    assert "Services" not in text


@pytest.mark.parametrize("asked", ["", "?id=", f"?id={'x' * 400}"])
def test_a_name_that_is_none_is_not_found(scored_app: ASGIApp, asked: str) -> None:
    assert ask(scored_app, f"/principal{asked}").status == 404


def test_an_alert_of_a_home_that_was_never_scored_has_no_weeks(tmp_path: Path) -> None:
    home = with_alerts(a_home(tmp_path, [a_record()]), an_alert())
    app = make_app(Home(Settings(home=home)), Access())
    assert "<rect" not in text_of(app, "/alert?id=3f9ac2d1e0b74c55a6d7e8f901234567").partition("Its weeks")[2]
    assert ask(app, "/principal?id=deploy").status == 503


def test_an_alert_shows_the_weeks_that_its_principals_page_shows(scored: Path) -> None:
    home = Home(Settings(home=scored))
    with home.open() as store:
        [one, *_] = [alert for alert in store.alerts.latest(raised=True) if alert.principal_name == "person1"]
        _, last = last_days(store, home.settings, 1)
        with take_principal(store, home.settings, one.principal_key) as tables:
            whole = draw_weeks(days(tables, "UTC"))
    beside = draw_alert_weeks(home, msgspec.structs.replace(one, day=last))
    assert beside is not None
    assert whole.calls > 0
    assert [cell[2:6] for cell in beside.cells] == [cell[2:6] for cell in whole.cells]

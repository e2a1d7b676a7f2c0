"""A day's page: how it is asked for, paged, and bound together."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from starlette.exceptions import HTTPException

from pipeline.page.access import Access
from pipeline.page.app import make_app
from pipeline.page.home import Home
from pipeline.page.today import INCIDENTS, read_day, read_page
from pipeline.settings import Settings
from tests.builders import an_alert
from tests.pipeline.cli.homes import with_alerts
from tests.pipeline.page.asking import ask


@pytest.mark.parametrize("text", ["x", "2026-02-30", "2026-03-02T00", "'", "9999999-01-01"])
def test_what_is_no_day_is_not_there(text: str) -> None:
    with pytest.raises(HTTPException):
        read_day(text)


@pytest.mark.parametrize("text", ["", "0", "-1", "x", "1e3", "١", "99999999999999999999", "1.5"])
def test_what_is_no_page_is_not_there(text: str) -> None:
    with pytest.raises(HTTPException):
        read_page(text)


def test_a_day_is_asked_for_as_it_is_written() -> None:
    assert read_day("2026-03-02") == date(2026, 3, 2)


def test_more_incidents_than_fit_are_on_further_pages(tmp_path: Path) -> None:
    many = [an_alert(f"a{n:02}", record_score=99 - n, title=f"title {n:02}") for n in range(INCIDENTS + 1)]
    app = make_app(Home(Settings(home=with_alerts(tmp_path, *many))), Access())
    first, second = ask(app, "/").text, ask(app, "/?day=2026-03-02&page=2").text
    assert first.index("title 00") < first.index("title 19")
    assert f"title {INCIDENTS}" not in first
    assert f"title {INCIDENTS}" in second
    assert "title 00" not in second.partition("Other days")[0]
    assert "There is no such page" in ask(app, "/?page=3").text


def test_other_days_lead_both_ways_and_to_the_strongest_alert_of_each(tmp_path: Path) -> None:
    days = [date(2026, 3, 1) + timedelta(days=n) for n in range(20)]
    weak = [an_alert(f"w{one.day}", day=one, record_score=60.0, title="a weak one") for one in days]
    strong = [an_alert(f"s{one.day}", day=one, record_score=90.0, title=f"strong on {one.day}.") for one in days]
    held = an_alert("held", day=days[9], record_score=99.0, title="no room", raised=False, held_because="budget")
    only_held = an_alert("none", day=date(2026, 2, 28), title="no room", raised=False, held_because="budget")
    app = make_app(Home(Settings(home=with_alerts(tmp_path, *weak, *strong, held, only_held))), Access())
    table = ask(app, "/?day=2026-03-10").text.partition("<table")[2]
    assert re.findall(r"day=(2026-03-\d\d)", table) == [f"2026-03-{n:02}" for n in range(17, 3, -1)]
    assert re.findall(r"strong on (\d+)\.", table) == [str(n) for n in range(17, 3, -1)]
    assert "/alert?id=s10" in table
    assert "a weak one" not in table
    assert "no room" not in table
    assert "2026-02-28" in ask(app, "/?day=2026-03-01").text.partition("<table")[2]


def test_alerts_of_one_break_in_are_one_incident(tmp_path: Path) -> None:
    two = [an_alert("a", related=["b"], title="the maker"), an_alert("b", related=["a"], record_score=20.0)]
    text = " ".join(ask(make_app(Home(Settings(home=with_alerts(tmp_path, *two))), Access())).text.split())
    assert "1 incident, the strongest first" in text
    assert "1 more alert of the same break-in" in text

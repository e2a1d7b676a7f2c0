"""Search finds events beside alerts, and goes on further back."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from pipeline.page.access import Access
from pipeline.page.app import make_app
from pipeline.page.home import Home
from pipeline.page.search import MOST
from pipeline.reports.search_events import Searched
from pipeline.settings import Settings
from tests.pipeline.cli.homes import NINE, a_home, a_record, an_alert, an_id, with_alerts
from tests.pipeline.page.asking import ask


def an_app(home: Path) -> ASGIApp:
    return make_app(Home(Settings(home=home)), Access())


def text_of(app: ASGIApp, address: str) -> str:
    return " ".join(ask(app, address).text.split())


@pytest.mark.parametrize("q", ["DEPLOY", "111122223333", "ec2:describeinstances", "198.51.100.7", an_id("X", NINE)])
def test_events_are_found_with_a_way_to_each(tmp_path: Path, q: str) -> None:
    app = an_app(a_home(tmp_path, [a_record(eventID=an_id("X", NINE))]))
    text = text_of(app, f"/search?q={q}")
    assert "1 event<" in text
    [way] = re.findall(r'href="(/event\?[^"]*)"', text)
    assert "The record as delivered" in text_of(app, way.replace("&amp;", "&"))


def test_alerts_are_found_by_what_their_events_name(tmp_path: Path) -> None:
    read = a_record(name="GetBucketAcl", source="s3", requestParameters={"bucketName": "pay-7"})
    home = a_home(tmp_path, [read, a_record(NINE + timedelta(minutes=1))])
    with_alerts(home, an_alert(event_ids=[an_id("GetBucketAcl", NINE)]), an_alert(alert_id="other"))
    text = text_of(an_app(home), "/search?q=pay-7")
    assert "<td>bucket pay-7</td>" in text
    assert "1 alert<" in text
    assert "/alert?id=3f9ac2d1e0b74c55a6d7e8f901234567" in text


def test_what_does_not_fit_is_gone_on_to(tmp_path: Path) -> None:
    app = an_app(a_home(tmp_path, [a_record(NINE + timedelta(seconds=n)) for n in range(MOST + 3)]))
    first = text_of(app, "/search?q=deploy")
    assert f"{MOST} events and perhaps more" in first
    [further] = re.findall(r'href="(/search\?q=deploy&amp;before[^"]*)"', first)
    second = text_of(app, further.replace("&amp;", "&"))
    assert "3 events<" in second
    assert "alert" not in second.partition("</form>")[2]
    assert "Look further back" not in second


def test_what_was_not_found_in_time_is_no_number_of_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.page.search.search_events", lambda *_: Searched([], NINE))
    text = text_of(an_app(a_home(tmp_path, [a_record()])), "/search?q=deploy")
    assert "<h2>No event so far</h2>" in text
    assert "Looked back until 2026-03-02 09:00:00: no event names that." in text
    assert "Look further back" in text


def test_where_no_events_are_held_alerts_are_searched_alone(tmp_path: Path) -> None:
    text = text_of(an_app(with_alerts(tmp_path, an_alert())), "/search?q=deploy")
    assert "1 alert<" in text
    assert "No event" not in text


@pytest.mark.parametrize("asked", ["before=x", "before=-1", "skip=x", f"before={'9' * 19}"])
def test_what_is_no_place_to_go_on_from_is_not_there(tmp_path: Path, asked: str) -> None:
    assert ask(an_app(with_alerts(tmp_path, an_alert())), f"/search?q=deploy&{asked}").status == 404


def test_a_time_beyond_all_times_is_one(tmp_path: Path) -> None:
    app = an_app(a_home(tmp_path, [a_record()]))
    assert "1 event<" in text_of(app, f"/search?q=deploy&before={'9' * 18}")


@pytest.mark.parametrize("q", ["3f9ac2d1e0b7", "3F9AC2"])
def test_an_alert_is_found_by_how_its_id_begins_as_a_list_prints_it(tmp_path: Path, q: str) -> None:
    app = an_app(with_alerts(tmp_path, an_alert(), an_alert(alert_id="3f9ac3" + "0" * 26)))
    text = text_of(app, f"/search?q={q}")
    assert "1 alert<" in text
    assert "/alert?id=3f9ac2d1e0b74c55a6d7e8f901234567" in text


@pytest.mark.parametrize("q", ["3f9ac", "f9ac2d1e", "3f9ac2%25", "3f9ac2d1e0b74c55a6d7e8f9012345678"])
def test_too_little_of_an_id_or_not_its_beginning_finds_none(tmp_path: Path, q: str) -> None:
    assert "No alert is about that" in text_of(an_app(with_alerts(tmp_path, an_alert())), f"/search?q={q}")

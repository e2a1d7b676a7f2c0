"""Every way to somebody carries the whole of what it leads to, however long and hostile a name is."""

import html
import re
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pytest
from starlette.types import ASGIApp

from pipeline.page.access import Access
from pipeline.page.app import make_app
from pipeline.page.home import Home
from pipeline.page.links import link
from pipeline.settings import Settings
from pipeline.stores.home import open_store
from pipeline.stores.parquet.hour_scores import SCHEMA
from tests.builders import NINE, an_alert, an_event
from tests.pipeline.cli.homes import with_alerts
from tests.pipeline.page.asking import ask
from tests.pipeline.reports.homes import an_active_home

HOSTILE: Final = "role/1/\"'><script>alert(1)</script>&id=x#%00+\x07\u202e한" + "n" * 180
KEYS: Final = (HOSTILE, HOSTILE + "2", HOSTILE + "3")
"""Alike for more characters than are shown, and one begins as the others do."""
BUCKETS: Final = tuple(f"bucket:{'b' * 200}&{number}" for number in range(3))
DAY: Final = timedelta(days=1)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> ASGIApp:
    """Three principals who call for weeks, then from a new country, each with an hour that a model called strange."""
    new: dict[str, Any] = {"country": "KR", "prefix": "203.0.113.0/24"}
    events = [
        an_event(
            NINE + days * DAY, principal=key, identity=key, principal_name=key, kind="workload",
            event_id=f"event-{number}-{days}", session=f"ASIA{number}/x", address=f"198.51.100.{number}",
            resources=[] if days else [BUCKETS[number]], **({} if days else new),
        )
        for number, key in enumerate(KEYS) for days in (-20, -10, 0)
    ]  # fmt: skip
    home = an_active_home(tmp_path_factory.mktemp("ways"), *events)
    rows = [
        {
            "principal": key, "principal_name": key, "principal_kind": "workload", "day": NINE.date(), "hour": NINE,
            "scored_at": NINE + timedelta(minutes=75), "model": "population", "raw_score": 9.0, "record_score": 90.0,
            "measures": [{"measure": "calls", "typical": 2.0, "actual": 40.0, "share": 1.0}],
        }
        for key in KEYS
    ]  # fmt: skip
    with open_store(home) as store:
        store.hour_scores.put(NINE.date(), pa.Table.from_pylist(rows, schema=SCHEMA))
    alerts = [
        an_alert(f"alert{number}", principal_key=key, principal_name=key, principal=key)
        for number, key in enumerate(KEYS)
    ]
    return make_app(Home(Settings(home=with_alerts(home, *alerts))), Access())


def text_of(app: ASGIApp, address: str) -> str:
    found = ask(app, address)
    assert found.status == 200, (address, found.text)
    return found.text


def asked(text: str, path: str, what: str = "id") -> list[str]:
    """What the links of a page to another ask it for, in their order."""
    ways = [urlsplit(html.unescape(way)) for way in re.findall(r'href="([^"]*)"', text)]
    return [one for way in ways if way.path == path for one in parse_qs(way.query).get(what, [])]


@pytest.mark.parametrize(
    ("page", "path"),
    [
        ("/population", "/unlike"),
        ("/where", "/principal"),
        (link("/search", q="ec2:DescribeInstances"), "/principal"),
        (link("/unlike", id=KEYS[1]), "/principal"),
        (link("/principal", id=KEYS[1]), "/principal"),
    ],
)
def test_a_list_leads_to_each_of_them(app: ASGIApp, page: str, path: str) -> None:
    assert set(asked(text_of(app, page), path)) == set(KEYS)


@pytest.mark.parametrize("number", range(3))
def test_each_way_ends_at_its_own(app: ASGIApp, number: int) -> None:
    key, id_ = KEYS[number], f"alert{number}"
    alert = text_of(app, link("/alert", id=id_))
    assert set(asked(alert, "/principal")) >= {key}
    assert asked(alert, "/search", "q") == [key]
    principal = text_of(app, link("/principal", id=key))
    assert asked(principal, "/alert") == [id_], "and of nobody whose key begins so"
    assert asked(principal, "/unlike") == [key]
    assert asked(principal, "/search", "q")[0] == BUCKETS[number]
    assert asked(principal, "/search", "q")[-1] == key
    [event] = asked(text_of(app, link("/search", q=BUCKETS[number])), "/event")
    assert event == f"event-{number}-0"
    assert asked(text_of(app, link("/unlike", id=key)), "/principal")[0] == key


def test_an_event_leads_to_what_it_names(app: ASGIApp) -> None:
    [way] = re.findall(r'href="(/event\?[^"]*)"', text_of(app, link("/search", q=BUCKETS[2])))
    event = text_of(app, html.unescape(way))
    assert asked(event, "/principal") == [KEYS[2]]
    assert asked(event, "/search", "q") == [
        "111111111111", "ec2:DescribeInstances", "198.51.100.2", BUCKETS[2], "event-2-0"
    ]  # fmt: skip


def test_nothing_that_a_search_cannot_find_leads_to_one(app: ASGIApp) -> None:
    text = text_of(app, link("/principal", id=KEYS[0]))
    assert '<th scope="row">KR</th>' in text
    assert "KR" not in asked(text, "/search", "q")

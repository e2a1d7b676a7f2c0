"""What each address shows, and that nothing an attacker names becomes anything but text."""

import json
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from starlette.types import ASGIApp

from features.times.instant import micros
from pipeline.page.access import Access
from pipeline.page.app import PAGES, make_app
from pipeline.page.home import Home
from pipeline.reports.source import open_events
from pipeline.settings import Settings
from pipeline.stores.alert import Alert
from pipeline.stores.home import open_store
from tests.pipeline.cli.homes import NINE, a_home, a_record, an_alert, with_alerts
from tests.pipeline.page.asking import ask

ID = "3f9ac2d1e0b74c55a6d7e8f901234567"
XSS = (
    "\"'><script>alert(1)</script><img src=x onerror=alert(1)><svg/onload=alert(1)>javascript:alert(1){{7*7}}</pre>&lt;"
)


def an_app(home: Path) -> ASGIApp:
    return make_app(Home(Settings(home=home)), Access())


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> ASGIApp:
    five_past = NINE + timedelta(minutes=5)
    records = [
        a_record(NINE + timedelta(minutes=1)),
        a_record(five_past, "CreateAccessKey", "iam", awsRegion="us-east-1", requestParameters={"userName": "backup"}),
        a_record(NINE + timedelta(minutes=6), "GetSecretValue", "secretsmanager", errorCode="AccessDenied"),
    ]
    home = a_home(tmp_path_factory.mktemp("page"), records)
    held = an_alert(alert_id="aaaa", record_score=30.0, raised=False, held_because="budget", title="weaker one")
    return an_app(with_alerts(home, an_alert(), held))


def text_of(app: ASGIApp, address: str) -> str:
    found = ask(app, address)
    assert found.status == 200, found.text
    return " ".join(found.text.split())


def test_the_newest_day_is_shown_with_the_budget_as_a_line(app: ASGIApp) -> None:
    text = text_of(app, "/")
    assert "Mon 2 Mar 2026" in text
    raised, line, held = (text.index(part) for part in (f"/alert?id={ID}", "The budget ends here: 5 a day", "weaker"))
    assert raised < line < held
    assert "5 a day on average. 1 alert below was not raised" in text


def test_a_quiet_day_says_whether_anything_was_looked_at(app: ASGIApp, tmp_path: Path) -> None:
    assert "nothing was looked at" in text_of(app, "/?day=2026-03-01")
    unjudged = an_app(a_home(tmp_path, [a_record()]))
    assert "Nothing has been judged yet. 1 event of this day is held" in text_of(unjudged, "/?day=2026-03-02")


def test_an_incident_is_told_whole(app: ASGIApp) -> None:
    text = text_of(app, f"/alert?id={ID}")
    for part in (
        "deploy in 111122223333, from 198.51.100.7, with aws-cli, key ASIAEXAMPLEEXAMPLE12",
        'iam:CreateAccessKey: user backup <span class="tag odd">odd</span>',
        "never in 213 active hours, none of 9 peers; now 1 call",
        "Ask the owner of deploy",
        "and 2 other calls in these hours",
        '<td class="n">1.4</td><td class="n">25</td>',
        "POST /cloudtrail-",
        "store.events.view",
        f"/events?id={ID}",
    ):
        assert part in text, part


def test_an_incident_is_told_in_korean_where_that_is_asked_for(app: ASGIApp) -> None:
    text = text_of(app, f"/alert?id={ID}&lang=ko")
    for part in (
        "deploy: iam:CreateAccessKey 호출",
        "심각 91",
        "deploy(계정 111122223333), 출발지 198.51.100.7, 도구 aws-cli, 키 ASIAEXAMPLEEXAMPLE12",
        "iam:CreateAccessKey: 사용자 backup",
        "활동한 213시간 동안 없었음, 비슷한 주체 9개 중 하나도 없음; 이번에 1회 호출",
        "deploy 담당자에게",
        "2026년 3월 2일(월)",
    ):
        assert part in text, part
    assert "deploy: iam:CreateAccessKey 호출" in text_of(app, "/?lang=ko")


def test_the_raw_records_are_one_click_away(app: ASGIApp) -> None:
    assert "&#34;eventName&#34;: &#34;CreateAccessKey&#34;" in text_of(app, f"/events?id={ID}")


@pytest.mark.parametrize(
    "q", ["DEPL", "111122223333", "iam:createaccesskey", "createACCESSkey", "198.51.100.7", ID, an_alert().event_ids[0]]
)
def test_an_alert_is_found_by_what_it_is_about(app: ASGIApp, q: str) -> None:
    assert f"/alert?id={ID}" in text_of(app, f"/search?q={quote(q)}")


def test_what_is_not_there_is_not_found(app: ASGIApp) -> None:
    assert "No alert is about that" in text_of(app, "/search?q=nobody")
    for address in ("/alert", "/alert?id=3f9a", "/events?id=x", "/?day=x", "/?page=0", "/?page=x", "/nowhere"):
        assert ask(app, address).status == 404


def test_the_week_is_shown_in_any_zone(app: ASGIApp) -> None:
    nine = '<th scope="row">Mon</th>' + '<td class="h0"></td>' * 9 + '<td class="h8">3.0</td>'
    assert nine in text_of(app, "/busy")
    assert nine.replace('<td class="h0"></td>' * 9, '<td class="h0"></td>' * 18) in text_of(
        app, "/busy?zone=Asia/Seoul"
    )
    for zone in ("Nowhere", "../etc/passwd", "<b>"):
        assert ask(app, f"/busy?zone={quote(zone)}").status == 404


def test_where_calls_come_from_is_a_table(app: ASGIApp) -> None:
    text = text_of(app, "/where")
    assert '<th scope="row">unknown</th><td class="n">3</td>' in text
    assert "oddtrail geoip install" in text


def test_a_home_without_events_says_what_to_do(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    for address in ("/busy", "/where"):
        found = ask(an_app(tmp_path), address)
        assert found.status == 503
        assert "oddtrail ingest PATH" in found.text


def test_what_is_held_is_told_by_account(app: ASGIApp, tmp_path: Path) -> None:
    assert '<th scope="row">111122223333</th><td class="n">3</td>' in text_of(app, "/held")
    open_store(tmp_path).close()
    assert "oddtrail ingest PATH" in text_of(an_app(tmp_path), "/held")


def test_an_alert_of_a_backtest_is_shown_without_its_events(tmp_path: Path) -> None:
    app = an_app(with_alerts(tmp_path, an_alert()))
    assert "not in this home" in text_of(app, f"/alert?id={ID}")
    assert "holds alerts and no events" in text_of(app, "/?day=2026-01-01")


class Seen(HTMLParser):
    """Elements and attributes of a page, and the text between."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script" and attrs == [("src", "/static/page.js"), ("defer", None)]:
            return  # our own
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words += data

    @property
    def harm(self) -> list[str]:
        """What could run, or leave the page's own addresses."""
        tags = [tag for tag in self.tags if tag in ("script", "img", "iframe", "style")]
        names = [name for name, _ in self.attributes if name.startswith("on") or name in ("style", "srcdoc")]
        return tags + names + [v for n, v in self.attributes if n in ("href", "src", "action") and v[:1] not in "/#"]


def poisoned(value: Any, fixed: tuple[str, ...] = ("severity", "held_because")) -> Any:
    """The same with every text an attack, but for times and what has to be one of a few words."""
    if isinstance(value, dict):
        return {name: one if name in fixed or _is_time(one) else poisoned(one) for name, one in value.items()}
    if isinstance(value, list):
        return [poisoned(one) for one in value]
    return XSS + value if isinstance(value, str) else value


def _is_time(value: Any) -> bool:
    return isinstance(value, str) and value[:2] == "20" and value[4:5] == "-"


def a_poisoned_home(folder: Path) -> Path:
    record = a_record(NINE + timedelta(minutes=5), f"Create{XSS}", userAgent=XSS, sourceIPAddress=XSS, errorCode=XSS)
    record["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"] = XSS
    record["requestParameters"] = {"userName": XSS, "bucketName": XSS}
    home = a_home(folder, [record])
    session = {
        "access_key": "k", "session_name": "s", "identity": "i", "account": "a", "started": None, "mfa": None,
        "agents": ["a"], "addresses": ["b"], "calls": 1, "issued_keys": ["k"],
    }  # fmt: skip
    line = {"time": "2026-03-02T09:00:00Z", "text": "t", "calls": 1, "denied": True}
    measure = {"model": "forest", "measure": "m", "typical": 1, "actual": 2, "share": 1, "text": "t"} | {
        "hour": "2026-03-02T09:00:00Z"
    }
    more = {"sessions": [session], "story": [line], "measures": [measure], "members": ["m"], "drill": "d"}
    document = poisoned(an_alert().as_dict() | more | {"scores": {"incident": 91}})
    document["event_ids"] = [record["eventID"]]
    twin = document | {"alert_id": "twin"}
    return with_alerts(home, *(msgspec.convert(one, Alert) for one in (document, twin)))


def test_nothing_that_is_named_becomes_anything_but_text(tmp_path: Path) -> None:
    home = a_poisoned_home(tmp_path)
    app = an_app(home)
    at = micros(NINE + timedelta(minutes=5))
    with open_events(home) as events:
        [(event_id,)] = events.execute("SELECT event_id FROM events").fetchall()
    addresses = [
        "/",
        "/held",
        "/days",
        "/busy",
        "/where",
        "/alert?id=twin",
        "/events?id=twin",
        f"/event?id={quote(event_id)}&at={at}",
        f"/search?q={quote(XSS)}",
        f"/{quote(XSS)}",
    ]
    elsewhere = {"/population", "/unlike", "/principal", "/model", "/native"}  # test_poisoned_activity, test_native
    assert {address.partition("?")[0] for address in addresses} >= set(PAGES) - elsewhere
    for address in addresses:
        page = ask(app, address)
        seen = Seen(page.text)
        assert seen.harm == [], address
        assert page.text.replace("\n", "").isprintable()
        if "id=" in address or address == "/":
            assert "<script>alert(1)</script>" in seen.words, f"{address} does not show the attack at all"


def test_the_check_sees_what_it_is_there_for() -> None:
    assert {"script", "img", "onerror"} <= set(Seen(f"<p>{XSS}</p>").harm)
    assert Seen('<a href="javascript:x">').harm == ["javascript:x"]
    assert json.loads(json.dumps(XSS)) == XSS


def test_the_way_on_is_marked_and_the_content_can_be_jumped_to(app: ASGIApp) -> None:
    text = ask(app).text
    assert 'href="/" aria-current="page"' in text
    assert '<a class="skip" href="#content">' in text

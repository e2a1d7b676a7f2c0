"""Marking on the page: the price first, then saved once; and nobody but the page itself may ask."""

import os
import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.types import ASGIApp

from pipeline.page.access import Access, hash_token, read_networks
from pipeline.page.app import make_app
from pipeline.page.feedback import MOST_BYTES, PATH
from pipeline.page.home import Home
from pipeline.settings import Settings
from pipeline.stores.home import open_store
from tests.builders import a_reason
from tests.pipeline.cli.homes import a_home, a_record, an_alert, with_alerts
from tests.pipeline.page.asking import Answered, ask

ID = "3f9ac2d1e0b74c55a6d7e8f901234567"
OURS = [("origin", "http://localhost"), ("content-type", "application/x-www-form-urlencoded")]
HOSTILE = "\"'><script>alert(1)</script>"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    reasons = (a_reason(), a_reason(dimension="country", value="KP"), a_reason(dimension="agent", value=HOSTILE))
    return with_alerts(a_home(tmp_path, [a_record()]), an_alert(reasons=reasons))


def an_app(home: Path, access: Access | None = None, **named: Any) -> ASGIApp:
    return make_app(Home(Settings(home=home)), access or Access(), **named)


def find_field(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found, text
    return unescape(found[1])


def post(app: ASGIApp, fields: Any, headers: Any = OURS, **named: Any) -> Answered:
    return ask(app, PATH, method="POST", headers=headers, body=urlencode(fields).encode(), **named)


def a_form(app: ASGIApp, **fields: Any) -> list[tuple[str, str]]:
    token = find_field(ask(app, f"/alert?id={ID}").text, "token")
    return [*({"token": token, "id": ID, "verdict": "expected"} | fields).items()]


def kept(home: Path) -> list[Any]:
    with open_store(home) as store:
        return store.marks.every()


def test_the_price_is_shown_first_and_then_it_is_saved_once(home: Path) -> None:
    app = an_app(home)
    price = post(app, [*a_form(app, note=HOSTILE, days="30", scope="group"), ("for", "1")])
    assert price.status == 200
    assert "Past: 1 alert since 2025-12-02" in price.text
    assert "place=KP (country)" in price.text
    assert "<script>" not in price.text
    assert kept(home) == [], "nothing is saved by asking what it costs"
    save = {"save": find_field(price.text, "save")}
    for _ in range(2):
        saved = post(app, save)
        assert (saved.status, saved.header("location")) == (303, f"/alert?id={ID}#mark")
    [made] = kept(home)
    assert (made.verdict, made.scope, made.source, made.note) == ("expected", "group", "page", HOSTILE)
    assert [(one.dimension, one.value) for one in made.values] == [("country", "KP")]
    assert made.by == "somebody on this machine"
    assert made.price["past"] == 1
    shown = ask(app, f"/alert?id={ID}").text
    assert "expected of the group of" in shown
    assert "<script>" not in shown


def test_the_way_to_the_other_language_leads_to_what_can_be_asked_for(home: Path) -> None:
    app = an_app(home)
    price = post(app, a_form(app))
    [way] = re.findall(r'class="language" href="([^"]+)"', price.text)
    assert unescape(way) == f"/alert?id={ID}&lang=ko"
    assert ask(app, unescape(way)).status == 200
    assert 'class="language"' not in post(app, {"save": "x"}).text, "there is nothing that could be asked for again"


def test_the_form_is_told_in_korean(home: Path) -> None:
    app = an_app(home)
    token = find_field(ask(app, f"/alert?id={ID}&lang=ko").text, "token")
    fields = {"token": token, "id": ID, "verdict": "expected", "scope": "group"}
    price = ask(app, f"{PATH}?lang=ko", method="POST", headers=OURS, body=urlencode(fields).encode())
    assert price.status == 200
    assert "저장할까요?" in price.text
    assert f'action="{PATH}?lang=ko"' in price.text


def test_who_says_it_is_who_was_let_in(home: Path) -> None:
    app = an_app(home, Access(header="x-user", proxies=read_networks(["10.0.0.2"])))
    ana, eve = ([*OURS, ("x-user", name)] for name in ("ana", "eve"))
    page = ask(app, f"/alert?id={ID}", headers=ana, peer="10.0.0.2")
    form = {"token": find_field(page.text, "token"), "id": ID, "verdict": "malicious"}
    assert post(app, form, eve, peer="10.0.0.2").status == 403, "the form was hers"
    price = post(app, form, ana, peer="10.0.0.2")
    save = {"save": find_field(price.text, "save")}
    assert post(app, save, eve, peer="10.0.0.2").status == 403
    assert post(app, save, ana, peer="10.0.0.2").status == 303
    assert [one.by for one in kept(home)] == ["ana"]
    tokens = an_app(home, Access(tokens=(hash_token("t" * 24),)))
    assert post(tokens, save).status == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (OURS[1:], 403),
        ([("origin", "null"), OURS[1]], 403),
        ([("origin", "http://evil.example"), OURS[1]], 403),
        ([("origin", "http://localhost:9999"), OURS[1]], 403),
        ([("origin", "http://localhost"), *OURS], 403),
        ([*OURS, ("sec-fetch-site", "cross-site")], 403),
        ([*OURS, ("sec-fetch-site", "same-site")], 403),
        ([OURS[0], ("content-type", "text/plain")], 415),
        ([OURS[0], ("content-type", "application/json")], 415),
        ([*OURS, ("sec-fetch-site", "same-origin")], 200),
    ],
)
def test_only_our_own_page_may_ask(home: Path, headers: list[tuple[str, str]], status: int) -> None:
    app = an_app(home)
    assert post(app, a_form(app), headers).status == status
    assert kept(home) == []


def test_another_name_is_refused_before_anything_is_read(home: Path) -> None:
    app = an_app(home)
    assert post(app, a_form(app), hosts=["evil.example"]).status == 421
    assert post(app, a_form(app), peer="192.0.2.1").status == 403


def test_what_was_not_signed_here_for_this_is_refused(home: Path) -> None:
    app = an_app(home)
    form = dict(a_form(app))
    price = find_field(post(app, form).text, "save")
    until, body, digest = price.split(".")
    other = f"{digest[:-1]}{'1' if digest.endswith('0') else '0'}"
    for bad in ("", "x", f"{until}.{body}.{other}", f"9{until}.{body}.{digest}", f"1.{body}.{digest}", "1.é.ü",
                form["token"]):  # fmt: skip
        assert post(app, {"save": bad}).status == 403, bad
    assert post(an_app(home), {"save": price}).status == 403, "another process knows nothing of it"
    for token in ("", price, "é"):
        assert post(app, form | {"token": token}).status == 403
    assert post(app, form | {"id": "aaaa"}).status == 403, "a form is of one alert"
    assert kept(home) == []


@pytest.mark.parametrize(
    "fields",
    [{"verdict": "sure"}, {"scope": "deployment"}, {"days": "0"}, {"days": "-1"}, {"days": "9" * 40}, {"for": "77"},
     {"note": "x" * 2001}],
)  # fmt: skip
def test_what_cannot_be_said_is_refused(home: Path, fields: dict[str, str]) -> None:
    app = an_app(home)
    assert post(app, a_form(app, **fields)).status == 400
    assert kept(home) == []


def test_a_request_is_bounded(home: Path) -> None:
    app = an_app(home)
    assert ask(app, PATH, method="POST", headers=OURS, body=b"a" * (MOST_BYTES + 1)).status == 413
    assert ask(app, PATH, method="POST", headers=OURS, body=b"&".join([b"a=1"] * 65)).status == 400
    assert ask(app, PATH, method="POST", headers=OURS, body=b"a=%ff").status == 400


def test_a_page_that_only_shows_has_no_form_and_takes_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    form = a_form(an_app(home))
    closed = an_app(home, read_only=True)
    assert "<form" not in ask(closed, f"/alert?id={ID}").text.partition("<main")[2]
    assert post(closed, form).status == 403
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "<form" not in ask(an_app(home), f"/alert?id={ID}").text.partition("<main")[2]
    assert post(an_app(home), form).status == 403
    assert kept(home) == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_every_other_request_is_refused_as_ever(home: Path, method: str) -> None:
    app = an_app(home)
    assert ask(app, PATH, method=method).status == 405
    for path in ("/", f"/alert?id={ID}", "/events", "/search"):
        if method != "GET":
            assert ask(app, path, method=method, headers=OURS).status == 405
        assert ask(app, path, method="POST", headers=OURS, body=urlencode(a_form(app)).encode()).status == 405

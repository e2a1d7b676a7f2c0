"""Nothing that somebody named runs or asks anybody else in a browser: not on a page, not in a notebook.

Escaping is held to it without the policy, and the policy without escaping; where there is neither, everything fires.
"""

import email.policy
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, Route

from features.times.instant import micros
from pipeline.notify import ses
from pipeline.page.app import PAGES
from pipeline.page.headers import HEADERS
from pipeline.page.links import LONGEST, link
from pipeline.reports import (
    alert_case,
    estate,
    estate_edges,
    model_health,
    models_kept,
    population,
    principal,
    principal_calls,
    reproduce,
)
from pipeline.reports.alert_frame import open_alerts
from pipeline.reports.busiest import by_person
from pipeline.reports.scored_hours import open_population
from pipeline.reports.source import open_events
from pipeline.reports.where_from import countries, networks, new_places
from tests.pipeline.cli.commands import run
from tests.pipeline.cli.homes import NINE, an_id
from tests.pipeline.notify.hostile import a_hostile_notice
from tests.pipeline.page.browser.addresses import QUERIES
from tests.pipeline.page.browser.hostile import ELSEWHERE, FIRING, TEXTS, a_hostile_home, list_principals
from tests.pipeline.page.browser.hostile_model import a_hostile_health, learn_hostile
from tests.pipeline.page.browser.seen import Faults, looking, settle
from tests.pipeline.page.browser.site import serving

SECOND_LOOK: Final = 30
"""Milliseconds after which an attack that waits for its picture to fail has fired."""
_PWNED: Final = "() => window.pwned"
_TOUCH: Final = """() => {
    document.querySelectorAll("details").forEach(one => { one.open = true; });
    for (const one of document.querySelectorAll("body *")) {
        for (const kind of ["mouseover", "mouseenter", "pointerover"]) one.dispatchEvent(new MouseEvent(kind));
        if (one.focus) one.focus();
    }
    return [...document.querySelectorAll("main :is([href], [src], [action], [srcdoc], [data]), [style], base, iframe")]
        .filter(one => !one.closest(".plot"))  // which scripts drew
        .map(one => ["href", "src", "action"].map(name => one.getAttribute(name)).find(Boolean) ?? one.outerHTML)
        .filter(where => !/^[/#](?![/])/.test(where));
}"""
"""Touches everything, and tells what leads elsewhere."""


ATTACKED: Final = ("/", "/alert", "/events", "/search", "/event", "/principal", "/unlike", "/population")
"""Pages that are sure to show attacks."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_hostile_home(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def hostile_site(hostile: Path) -> Iterator[str]:
    with serving(hostile) as address:
        yield address


def addresses(path: str, home: Path) -> list[str]:
    """What is asked of a page: what is asked of it anyway, and every attack as what is asked."""
    if path == "/event":
        times = [NINE + timedelta(minutes=number) for number in range(len(TEXTS))]
        return [
            link(path, id=an_id(f"Create{text}", at), at=str(micros(at))) for text, at in zip(TEXTS, times, strict=True)
        ]
    keys = [key for key, _, _ in list_principals(home)]
    if path == "/alert":
        return [link(path, id=f"hostile{number}", lang=("en", "ko")[number % 2]) for number in range(len(TEXTS))]
    if path == "/principal":
        return [link(path, id=text) for text in (*keys, *(text[:LONGEST] for text in TEXTS))]
    if path == "/unlike":
        return [link(path, id=key) for key in keys]
    if path == "/population":
        return [link(path), *(link(path, group=text, kind=text) for text in TEXTS)]
    if "id" in QUERIES[path][0]:
        return [link(path, id=f"hostile{number}") for number in range(len(TEXTS))]
    return [link(path, q=text) for text in TEXTS] if path == "/search" else [link(path)]


def refuse_others(page: Page) -> list[str]:
    """Answer nothing that is not ours, so that nobody has to be waited for, and tell what was asked after all."""
    left: list[str] = []
    page.route(f"**{ELSEWHERE}/**", lambda route: (left.append(route.request.url), route.abort()))
    return left


@pytest.mark.parametrize("policy", [True, False], ids=["as it is", "without its policy"])
@pytest.mark.parametrize("path", PAGES)
def test_no_page_runs_or_asks_for_what_somebody_named(
    chromium: Browser, hostile: Path, hostile_site: str, path: str, policy: bool
) -> None:
    with looking(chromium, hostile_site, bypass_csp=not policy) as (page, faults):
        refuse_others(page)
        for address in addresses(path, hostile):
            page.goto(address)
            settle(page)
            assert page.evaluate(_TOUCH) == [], address
            assert page.evaluate(_PWNED) is None, address
            assert faults == [], address
            asked_for_none = path == "/population" and address != link(path)
            if path in ATTACKED and not asked_for_none:
                assert "window.pwned" in page.locator("main").inner_text(), f"{address} shows no attack at all"


def test_no_mark_and_no_price_runs_what_somebody_named(chromium: Browser, hostile_site: str) -> None:
    """The page to which a form leads: what would be said, of whom, and what it would cost; nothing is saved."""
    with looking(chromium, hostile_site, bypass_csp=True) as (page, faults):
        left = refuse_others(page)
        for number, text in enumerate(TEXTS):
            page.goto(link("/alert", id=f"hostile{number}", lang="ko" if number % 2 else "en"))
            page.locator("input[name=verdict][value=expected]").check()
            page.locator("input[name=note]").fill(text)
            page.locator("form.mark button").click()
            page.locator("input[name=save]").wait_for(state="attached")
            assert page.evaluate(_TOUCH) == []
            assert not has_fired(page, faults, left), text
            assert faults == []
            assert page.locator("main").inner_text().count("window.pwned") >= 2  # the title, the note


def test_a_path_that_is_none_is_text(chromium: Browser, hostile_site: str) -> None:
    with looking(chromium, hostile_site, bypass_csp=True) as (page, faults):
        refuse_others(page)
        page.goto("/<script>window.pwned=1</script><img src=x onerror=window.pwned=1>?zone=<svg onload=window.pwned=1>")
        assert page.evaluate(_PWNED) is None
        assert [fault for fault in faults if not fault.startswith(("404: ", "console: Failed to load"))] == []


def read_frames(home: Path) -> dict[str, list[pd.DataFrame]]:
    """By notebook: the frames that it shows of a home."""
    with open_events(home) as events:
        of_events = [by_person(events, "UTC"), countries(events), networks(events), new_places(events, "UTC")]
    hours = open_population(home=home)
    calls = principal_calls.open_principal(list_principals(home)[0][0], home)
    who = population.list_unlike(hours)["principal"].iloc[0]
    of_principal = [principal.summarize(calls, "UTC"), principal.changes(calls, "UTC", recent=28)]
    of_principal += [ask(calls, "UTC") for ask in (principal.services, principal.places, principal.credentials)]
    case = alert_case.open_case("hostile0", home)
    show = (
        alert_case.summarize, alert_case.tell_story, alert_case.show_evidence, alert_case.show_measures,
        alert_case.show_events, alert_case.show_raw, alert_case.show_questions, alert_case.show_steps,
        alert_case.show_related,
    )  # fmt: skip
    return {
        "01 and 02": of_events,
        "03": [population.list_unlike(hours), population.list_peers(hours, who)],
        "04": [principal_calls.list_principals(home), *of_principal, principal.sessions(calls, "UTC")],
        "05": [open_alerts(home), *(one(case) for one in show)],
        "07": [estate.edges(estate_edges.open_estate(home), by="principal")],
    }


def read_model(home: Path, folder: Path) -> list[pd.DataFrame]:
    """The frames that notebook 06 shows of a home whose models attack, whole and damaged."""
    whole, damaged = (a_hostile_health(home, folder, damaged=damaged) for damaged in (False, True))
    with pytest.MonkeyPatch.context() as patch:
        for module in (models_kept, reproduce):
            patch.setattr(module, "read_learnt", learn_hostile)
        of_models = [models_kept.list_models(whole), models_kept.compare_learnt(whole), models_kept.show_gate(whole)]
        of_models += [models_kept.list_decisions(whole), *(reproduce.check_champion(one) for one in (whole, damaged))]
    return [
        *of_models,
        model_health.calibration(whole),
        model_health.spend_budget(whole),
        model_health.list_nights(whole),
    ]


def test_no_table_of_a_notebook_runs_what_somebody_named(
    chromium: Browser, hostile: Path, hostile_site: str, tmp_path: Path
) -> None:
    frames = read_frames(hostile) | {"06": read_model(hostile, tmp_path)}
    assert all("pwned" in frame.to_csv() for frame in frames["06"][:6])
    with (
        pd.option_context("display.max_colwidth", None, "display.max_rows", None),
        looking(chromium, hostile_site) as (page, faults),
    ):
        left = refuse_others(page)
        for notebook, shown in frames.items():
            told = "".join(frame._repr_html_() for frame in shown)
            assert "pwned" in told, notebook
            page.set_content(told)
            page.evaluate(_TOUCH)
            assert not has_fired(page, faults, left), notebook
            assert faults == []
            page.set_content("".join(frame.to_html(escape=False) for frame in shown))
            assert has_fired(page, faults, left), f"{notebook}: the test sees nothing"
            page.goto("about:blank")
            faults.clear()
            left.clear()


def test_no_mail_runs_or_asks_for_what_somebody_named(
    chromium: Browser, hostile_site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(text: str) -> str:
        raw = ses.write_mail(a_hostile_notice(text), "odd@example.com", ["soc@example.com"]).as_bytes()
        body = email.message_from_bytes(raw, policy=email.policy.default).get_body(("html",))
        assert body is not None
        return str(body.get_content())

    with looking(chromium, hostile_site) as (page, faults):
        left = refuse_others(page)
        for text in TEXTS:
            page.set_content(read(text))
            page.evaluate(_TOUCH)
            assert not has_fired(page, faults, left), text
            assert faults == []
            assert "window.pwned" in page.locator("body").inner_text()
        monkeypatch.setattr(ses, "escape", lambda text: text)
        page.set_content(read(FIRING[0]))
        assert has_fired(page, faults, left), "the test sees nothing"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_no_report_runs_or_asks_for_what_somebody_named(
    chromium: Browser, hostile: Path, tmp_path: Path, language: str
) -> None:
    path = tmp_path / "report.html"
    told = run("report", "--home", hostile, "--since", "2026-02-20", "--out", path, "--lang", language)
    assert told.exit_code == 0
    for policy in (True, False):
        with looking(chromium, path.as_uri(), bypass_csp=not policy) as (page, faults):
            refuse_others(page)
            page.goto(path.as_uri())
            assert page.evaluate(_TOUCH) == []
            assert page.evaluate(_PWNED) is None
            assert "window.pwned=1" in page.locator("main").inner_text()
            assert faults == []


def show_raw(page: Page, text: str, headers: dict[str, str]) -> None:
    """Show a text as no page of ours would: unescaped, between tags and within an attribute."""

    def answer(route: Route) -> None:
        body = f"<!doctype html><title>raw</title><p>{text}</p><input value=\"{text}\"><input value='{text}'>"
        route.fulfill(body=body, headers=headers | {"content-type": "text/html; charset=utf-8"})

    page.route("**/raw", answer)
    page.goto("/raw")


def has_fired(page: Page, faults: Faults, left: list[str]) -> bool:
    """Whether anything ran, or left for anybody else."""
    page.wait_for_timeout(SECOND_LOOK)
    return page.evaluate(_PWNED) is not None or bool(left) or any(fault.startswith("dialog: ") for fault in faults)


@pytest.mark.parametrize("headers", [{}, HEADERS], ids=["without the policy", "with it"])
def test_unescaped_each_of_them_fires_and_the_policy_alone_stops_it(
    chromium: Browser, hostile_site: str, headers: dict[str, str]
) -> None:
    with looking(chromium, hostile_site) as (page, faults):
        left = refuse_others(page)
        for text in FIRING:
            faults.clear()
            left.clear()
            show_raw(page, text, headers)
            assert has_fired(page, faults, left) != bool(headers), text
            assert any("Content Security Policy" in fault for fault in faults) == bool(headers), text
            page.unroute("**/raw")

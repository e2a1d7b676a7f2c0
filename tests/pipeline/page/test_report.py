"""The report: one file that loads nothing, runs nothing and leads nowhere else, whatever the names in it are."""

import base64
import hashlib
import re
from datetime import date
from pathlib import Path

import pytest

from pipeline.page import report
from pipeline.page.home import Home
from pipeline.page.period import read_period
from pipeline.page.report import MOST_BYTES, anchor, write_report
from pipeline.settings import Settings
from pipeline.stores.alert import Alert
from tests.builders import a_reason, an_alert
from tests.pipeline.cli.homes import NINE, a_home, a_record, with_alerts
from tests.pipeline.render.hostile import HOSTILE

DAY = NINE.date()


def written(home: Path, first: date = DAY, last: date = DAY) -> str:
    shown = Home(Settings(home=home))
    return write_report(shown, read_period(shown, first, last))


def leads(text: str) -> list[str]:
    return re.findall(r'(?:href|src|action|xlink:href)="([^"]*)"', text)


def test_it_loads_nothing_and_leads_only_to_what_it_holds(tmp_path: Path) -> None:
    two = [an_alert("a", related=["b"]), an_alert("b", related=["a"])]
    text = written(with_alerts(a_home(tmp_path, [a_record()]), *two))
    assert leads(text)
    assert {place.removeprefix("#") for place in leads(text)} <= set(re.findall(r'id="([^"]+)"', text))
    assert not re.search(r"<(script|form|img|iframe|link|object|base)\b|url\(|@import", text)
    assert '=""' not in text


def test_the_browser_is_told_to_take_its_own_style_and_nothing_else(tmp_path: Path) -> None:
    text = written(with_alerts(tmp_path, an_alert()))
    [style] = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    [policy] = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert " style=" not in text


def test_it_says_of_an_alert_what_the_page_says(tmp_path: Path) -> None:
    alert = an_alert(title="jane made a key", reasons=[a_reason(text="first call s3:GetObject")])
    text = written(with_alerts(a_home(tmp_path, [a_record()]), alert))
    assert f'<article id="{anchor("a1")}">' in text
    for told in ("jane made a key", "first call s3:GetObject", "What to ask and do", "When busiest", "Coverage"):
        assert told in text
    assert "The raw records" not in text, "what needs a server is left out"


def test_a_folder_of_alerts_has_no_pages_of_events(tmp_path: Path) -> None:
    assert "When busiest" not in written(with_alerts(tmp_path, an_alert()))


@pytest.mark.parametrize("text", HOSTILE[:-1])
def test_no_name_is_read_as_markup(tmp_path: Path, text: str) -> None:
    alert = an_alert(title=text, principal_name=text, principal=text, reasons=[a_reason(text=text, value=text)])
    out = written(with_alerts(tmp_path, alert))
    assert "<script" not in out
    assert re.sub(r"[^\n\x20-\x7e\xa0-\ud7ff\ue000-\uffff]|[\u2028\u202e\u200b\u2066]", "", out) == out


def test_of_too_many_alerts_the_strongest_are_told_whole_and_links_lead_to_those(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = report.show_alert

    def long(n: int) -> Alert:
        return an_alert(f"a{n:02}", record_score=99.0 - n, reasons=[a_reason(text="x" * 500, dimension="prefix")] * 10)

    home = with_alerts(tmp_path, *(long(n) for n in range(12)))
    whole = written(home)
    assert whole.count("<article") == 12
    monkeypatch.setattr(report, "MOST_BYTES", len(whole.encode()) // 2)
    asked: list[str] = []
    monkeypatch.setattr(
        report, "show_alert", lambda home, request: asked.append(request.query_params["id"]) or show(home, request)
    )
    less = written(home)
    assert len(asked) == len(set(asked)), "each is rendered once"
    assert len(less.encode()) <= len(whole.encode()) // 2
    told = less.count("<article")
    assert 0 < told < 12
    assert f"{12 - told} weaker alert" in less
    assert set(leads(less)) == {f"#{anchor(f'a{n:02}')}" for n in range(told)}


def test_it_stays_under_three_megabytes(tmp_path: Path) -> None:
    many = [
        an_alert(f"a{n:03}", title="é" * 900, reasons=[a_reason(text="é" * 600, value="v" * 600) for _ in range(40)])
        for n in range(300)
    ]
    days = [an_alert(f"b{n}", day=date(2026, 2, 1 + n % 28), title="é" * 900) for n in range(600)]
    text = written(with_alerts(tmp_path, *many, *days), date(2026, 1, 1))
    assert len(text.encode()) <= MOST_BYTES < 3_000_000

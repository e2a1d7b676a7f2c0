"""An incident's page: its bar adds up, and it links the alerts of the same hands."""

import re
from pathlib import Path

import pytest

from pipeline.page.access import Access
from pipeline.page.app import make_app
from pipeline.page.bar import WIDTH, draw_bar
from pipeline.page.home import Home
from pipeline.settings import Settings
from tests.builders import a_reason, an_alert
from tests.pipeline.cli.homes import with_alerts
from tests.pipeline.page.asking import ask


@pytest.mark.parametrize(
    ("nats", "evidence"), [([8.25, 1.0], 9.5), ([3.0], 3.0), ([1.0] * 12, 40.0), ([2.0, 3.0], 1.0), ([], 0.0)]
)
def test_the_parts_of_a_bar_add_up_to_all_of_it(nats: list[float], evidence: float) -> None:
    bar = draw_bar(an_alert(reasons=[a_reason(nats=one) for one in nats], evidence=evidence))
    assert sum(part.nats for part in bar.parts) == pytest.approx(bar.total)
    assert bar.total == max(evidence, sum(nats))
    assert sum(float(part.width) for part in bar.parts) == pytest.approx(WIDTH if bar.total else 0, abs=1)
    assert [float(part.x) for part in bar.parts] == sorted(float(part.x) for part in bar.parts)


def test_the_bar_that_is_shown_is_that_of_the_table(tmp_path: Path) -> None:
    text = ask(make_app(Home(Settings(home=with_alerts(tmp_path, an_alert()))), Access()), "/alert?id=a1").text
    told = re.findall(r"<title>\+([0-9.]+) ", text)
    assert told == ["8.2", "1.0", "0.2"]
    assert re.findall(r"</span>\+([0-9.]+)</td>", text) == told
    assert '<th scope="row" class="n">9.5</th>' in text


def test_reasons_are_told_in_words_and_numbers_are_one_click_away(tmp_path: Path) -> None:
    home = with_alerts(tmp_path, an_alert(reasons=[a_reason(nats=8.2), a_reason(nats=1.0)], evidence=9.2))
    app = make_app(Home(Settings(home=home)), Access())
    for language, strengths, in_all in (
        ("en", ["very strong", "weak"], "an attacker is some 9,900 times likelier to do this than the principal"),
        ("ko", ["매우 강함", "약함"], "이 주체보다 공격자가 했을 가능성이 약 9,900배"),
    ):
        text = ask(app, f"/alert?id=a1&lang={language}").text
        asked = re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)
        assert re.findall(r'<td class="strength"><span class="dot d\d"></span>([^<]+)</td>', asked) == strengths
        assert in_all in asked
        assert not re.search(r"[+]\d+\.\d|\bnats\b", asked)
        assert re.search(r"<details>.*[+]8\.2.*</details>", text, re.DOTALL)


def test_the_same_hands_are_linked_both_ways(tmp_path: Path) -> None:
    session = {
        "access_key": "AKIASAME", "session_name": "", "identity": "i", "account": "1", "started": None, "mfa": None,
        "agents": [], "addresses": [], "calls": 1, "issued_keys": [],
    }  # fmt: skip
    two = [an_alert(name, principal_key=name, sessions=[session]) for name in ("one", "two")]
    app = make_app(Home(Settings(home=with_alerts(tmp_path, *two))), Access())
    assert "/alert?id=two" in ask(app, "/alert?id=one").text
    assert "/alert?id=one" in ask(app, "/alert?id=two").text
    assert "by key AKIASAME" in ask(app, "/alert?id=one").text


def test_one_account_carries_nothing_that_has_to_be_said(tmp_path: Path) -> None:
    carried = [{"field": field, "values": ["x"], "share": 1.0} for field in ("cloud.account.id", "source.address")]
    app = make_app(Home(Settings(home=with_alerts(tmp_path, an_alert(influencers=carried)))), Access())
    text = ask(app, "/alert?id=a1").text
    assert "source.address x" in text
    assert "cloud.account.id" not in text

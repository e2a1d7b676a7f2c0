"""Agreement with native jobs: as the command last found it, and what to run where it never did."""

import re
from pathlib import Path
from typing import Any

import pytest

from pipeline.page.access import Access
from pipeline.page.app import make_app
from pipeline.page.home import Home
from pipeline.search.engine import Answer
from pipeline.settings import Settings
from tests.pipeline.alerts.korean import find_english
from tests.pipeline.cli.commands import run
from tests.pipeline.cli.homes import NINE, a_home, a_record, an_alert, with_alerts
from tests.pipeline.cli.test_compare_native import URL, play
from tests.pipeline.page.asking import ask
from tests.pipeline.page.test_app import XSS, Seen
from tests.pipeline.publish.test_native import Holding, a_result


def test_what_the_command_found_is_shown_by_who_found_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = with_alerts(a_home(tmp_path, [a_record()]), an_alert())
    app = make_app(Home(Settings(home=home)), Access())
    assert "oddtrail compare-native URL" in ask(app, "/native").text
    entities: list[dict[str, Any]] = [{"name": "user.name", "value": "deploy"}, {"name": "city", "value": XSS}]
    play(monkeypatch, Holding([a_result(NINE, entity=[one]) for one in entities]))
    assert run("compare-native", URL, "--since", "2026-03-01", "--home", home).exit_code == 0
    page = ask(app, "/native").text
    assert "both: 1" in page
    assert "only native: 1" in page
    assert "/alert?id=3f9ac2d1" in page
    seen = Seen(page)
    assert seen.harm == []
    assert "<script>alert(1)</script>" in seen.words
    alone = ask(app, "/native?by=native").text
    assert "/alert?id=3f9ac2d1" not in alone
    assert ask(app, "/native?by=nobody").status == 404


@pytest.mark.parametrize(
    ("refusal", "said", "told"),
    [
        (None, "no native result is in", "네이티브 작업의 결과가 없습니다"),
        (
            Answer(404, {"error": {"type": "index_not_found_exception", "reason": "no such index"}}),
            "no native",
            "없습니다",
        ),
        (
            Answer(403, {"error": {"type": "security_exception", "reason": XSS}}),
            "does not let us read",
            "읽을 수 없습니다",
        ),
    ],
    ids=["absent", "renamed", "no permission"],
)
def test_without_native_results_the_page_says_why_and_shows_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: Answer | None, said: str, told: str
) -> None:
    home = with_alerts(a_home(tmp_path, [a_record()]), an_alert())
    play(monkeypatch, Holding(answer=refusal))
    assert run("compare-native", URL, "--since", "2026-03-01", "--home", home).exit_code == 0
    app = make_app(Home(Settings(home=home)), Access())
    page = ask(app, "/native")
    assert (page.status, said in page.text, "/alert?id=3f9ac2d1" in page.text) == (200, True, True)
    assert Seen(page.text).harm == []
    [warning] = re.findall(r'<p class="warn">(.*?)</p>', ask(app, "/native?lang=ko").text, re.DOTALL)
    assert told in warning
    if refusal is None:
        assert find_english(re.sub(r"[.a-z*,_-]*-[.a-z*,_-]+|--index", "", warning)) == []

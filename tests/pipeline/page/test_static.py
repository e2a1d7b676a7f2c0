"""What others wrote and the page brings along: as they published it, with their licences, and named in NOTICE."""

import hashlib
import re
from pathlib import Path

import pytest

from pipeline.page.app import STATIC
from pipeline.page.templating import FOLDER

ROOT = Path(__file__).parents[3]
PUBLISHED = {
    "htmx.min.js": "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717",
    "uplot.min.css": "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04",
    "uplot.min.js": "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f",
}
"""SHA-256 of the files in the npm packages htmx.org 2.0.11 and uplot 1.6.32."""
LICENCES = {"htmx.LICENSE.txt": "Zero-Clause BSD", "uplot.LICENSE.txt": "The MIT License"}
OURS = {"icon.svg", "page.css", "page.js"}


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_others_wrote_is_as_they_published_it(name: str) -> None:
    assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == PUBLISHED[name]


@pytest.mark.parametrize("name", LICENCES)
def test_its_licence_lies_beside_it(name: str) -> None:
    assert LICENCES[name] in (STATIC / name).read_text(encoding="utf-8")


def test_nothing_else_is_served_and_it_is_named() -> None:
    assert {path.name for path in STATIC.iterdir()} == {*PUBLISHED, *LICENCES, *OURS}
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    for named in ("htmx 2.0.11", "uPlot 1.6.32"):
        assert named in notice


def test_our_own_script_is_small_and_names_no_place_but_this() -> None:
    text = (STATIC / "page.js").read_text(encoding="utf-8")
    assert len(text) < 8_000
    assert "//" not in re.sub(r"(^|\s)// .*", "", text)
    for loose in ("innerHTML =", "insertAdjacentHTML", "document.write", "eval(", "Function("):
        assert loose not in text


def test_htmx_may_ask_nobody_else_and_run_and_keep_nothing() -> None:
    base = (FOLDER / "base.html").read_text(encoding="utf-8")
    for told in ('"allowEval":false', '"allowScriptTags":false', '"selfRequestsOnly":true', '"historyCacheSize":0'):
        assert told in base

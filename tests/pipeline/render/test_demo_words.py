"""Whatever the simulation calls a cause, and the verdict a miss, is told in Korean."""

import re
from pathlib import Path

from pipeline.demo.verdict import NEW_WORK
from pipeline.render.demo_words import tell_cause, tell_missed
from pipeline.words.words import ENGLISH
from tests.pipeline.alerts.korean import KOREAN, find_english

SIMULATE = Path(__file__).parents[3] / "pipeline/simulate"
CAUSE = re.compile(r"""(?:note|errand)\(\s*"([^"]+)"|^            \("([^"]+)", 0\.""", re.MULTILINE)
"""A cause where it is noted, or in the table of those that are noted in a loop."""


def test_every_cause_is_told() -> None:
    texts = [(SIMULATE / f"{name}.py").read_text(encoding="utf-8") for name in ("oddities", "moves")]
    causes = {one or other for text in texts for one, other in CAUSE.findall(text)} | {NEW_WORK}
    assert len(causes) > 20
    for cause in causes:
        assert find_english(tell_cause(cause, KOREAN)) == [], cause
        assert tell_cause(cause, ENGLISH) == cause
    assert tell_cause("a cause of somebody else", KOREAN) == "a cause of somebody else"


def test_why_an_attack_was_missed_is_told() -> None:
    for why in (
        "seen, with record score 71, but held back by the budget",
        "12 calls, of 3 kinds: 1 ann made before, 2 others make here",
        "1 call, of 1 kind: 0 ann made before, 0 others make here",
    ):
        assert find_english(tell_missed(why, KOREAN), ["ann"]) == [], why

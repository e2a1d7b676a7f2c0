"""Whatever the gate says of a model can be told in Korean, and what it does not say stays as it is."""

import re
from dataclasses import replace

from pipeline.detect.figures import Alone
from pipeline.detect.gate import Together, decide
from pipeline.reports.gate_words import FIGURES, tell_bound, tell_decision, tell_figure, tell_gate
from pipeline.words.catalogue import find_words
from pipeline.words.words import ENGLISH

KOREAN = find_words("ko")
WELL = Alone("", 100, 1.0, 4.0)
BAD = replace(WELL, active=1, reach=99.0, alerts=99.0)
LOST = Together((0.0, 40), {"loud mining": 10.0}, {"loud mining": 90.0})


def test_every_figure_its_bound_and_its_reason_are_told() -> None:
    for verdict in (
        decide(BAD, WELL, LOST, 5.0),
        decide(BAD, replace(WELL, alerts=None, reach=None), LOST, None),
        decide(replace(WELL, unsound="among its hours' vectors not finite: 12"), WELL, Together(), 5.0),
    ):
        assert not verdict.passed
        said = tell_gate(verdict.why, KOREAN).replace("loud mining", "")
        assert not re.search("[A-Za-z]{2,}", said), said
        assert tell_gate(verdict.why, ENGLISH) == verdict.why
        for figure in verdict.figures:
            assert figure.name in FIGURES
            assert not re.search("[A-Za-z]", tell_figure(figure.name, KOREAN) + tell_bound(figure.bound, KOREAN))


def test_of_one_the_reason_is_no_plural() -> None:
    assert "it knows 1, and the one in service knew 100" in decide(BAD, WELL, LOST, 5.0).why
    assert "of 1 it misses 1 that the one in service scores" in decide(BAD, WELL, LOST, 5.0).why


def test_what_became_of_a_model_is_told_with_why() -> None:
    why = decide(BAD, WELL, LOST, 5.0).why
    said = tell_decision(
        f"model 20516-3f was not put in service, and 20515-1c stays in service: {why}. See `oddtrail models compare "
        "20515-1c 20516-3f`; `oddtrail models promote 20516-3f` overrules it",
        KOREAN,
    )
    assert said.startswith("모델 20516-3f을(를) 사용하지 않습니다(20515-1c 계속 사용): ")
    assert said.endswith("그래도 사용하려면: `oddtrail models promote 20516-3f`")
    assert "it " not in said
    assert tell_decision("a disk is full {model}", KOREAN) == "a disk is full {model}"

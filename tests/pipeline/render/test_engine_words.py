"""What an engine was made ready with, and what it did not give, is told in Korean; what it answered stays."""

import pytest

from pipeline.render.engine_words import tell_engine_note, tell_step
from pipeline.words.words import ENGLISH
from tests.pipeline.alerts.korean import KOREAN, find_english


@pytest.mark.parametrize(
    "note",
    [
        "XX searches requests as texts only: 2.7 and newer search them by field",
        "the detector for the viewer of anomalies is not made (400 XX): it needs events in XX-*; set up again once "
        "there are some, then `oddtrail alerts publish --again`",
        "no results of native jobs are there (.ml-*): set up again once there are, and the alias XX reads them beside "
        "our alerts",
        "roles are not ours to make: /XX answers 403; make them by hand",
        "policies are not made: this engine has no /XX",
        "detectors are not made: this engine has no /XX",
        "index template 'XX' (a*, b*) no longer applies to XX-*",
        "legacy template 'XX' (*) no longer applies to our indices",
        "/XX holds the data view: import it under Saved Objects",
        "only the first 10,000 native results are compared: give a later --since",
        "no native result is in .ml-* since then: no job ran, none found anything, or its index has another name, "
        "which --index takes",
        "1 native result of one millisecond is left out",
        "3 native results of one millisecond are left out",
        "XX does not let us read .ml-* (403 XX): give the user the right to read these indices",
        "2 shards of .ml-* did not answer: results are missing",
        "1,200 alerts are refused: run `oddtrail setup URL`",
        "no time was left",
    ],
)
def test_a_note_is_told(note: str) -> None:
    names = ["XX", ".ml", "`oddtrail alerts publish --again`", "`oddtrail setup URL`", "Saved Objects", "--since"]
    assert find_english(tell_engine_note(note, KOREAN), [*names, "--index"]) == []
    assert tell_engine_note(note, ENGLISH) == note


@pytest.mark.parametrize(
    "step",
    [
        *("template XX names the detector", "template XX", "new fields of index XX", "policy XX", "role XX"),
        *("index XX", "detector XX", "alias XX of native results", "data view XX"),
    ],
)
def test_a_step_is_told(step: str) -> None:
    assert find_english(tell_step(step, KOREAN), ["XX"]) == []


def test_what_an_engine_answers_stays() -> None:
    assert tell_engine_note("no such index [{things}]", KOREAN) == "no such index [{things}]"

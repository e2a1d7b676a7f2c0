"""What a training says of itself is told in Korean, as the code that says it has it."""

from datetime import date

import pytest

from pipeline.detect.provenance import Provenance
from pipeline.detect.trainer import note_history
from pipeline.reports.training_words import tell_note, tell_start
from pipeline.stores.fetched import Fetched, note_fetched
from pipeline.words.words import ENGLISH
from tests.pipeline.alerts.korean import KOREAN, find_english

NOW = Provenance("m", "2026-03-02", "a", "r", "d")
NOTED = NOW.as_dict()


@pytest.mark.parametrize(
    "noted",
    [
        None,
        NOTED | {"making": "other"},
        NOTED | {"first_day": "2026-03-04"},
        NOTED | {"activity": "other"},
        NOTED | {"alerts": "other"},
        NOTED | {"declared": "other"},
    ],
)
def test_why_a_model_does_not_hold_is_told(noted: object) -> None:
    why = f"model 20514-0123ab does not hold: {NOW.say_difference(noted)}"
    assert find_english(tell_start(why, KOREAN), ["20514-0123ab"]) == []
    assert tell_start(why, ENGLISH) == why


@pytest.mark.parametrize(
    "why", ["the newest model still holds", "there was no model to go on from", "it was asked for"]
)
def test_other_starts_are_told(why: str) -> None:
    assert find_english(tell_start(why, KOREAN)) == []


def test_notes_are_told_one_and_many() -> None:
    for note in (*note_history(9, 1), *note_history(1, 12)):
        assert find_english(tell_note(note, KOREAN)) == [], note
    elsewhere = {("1", date(2026, 3, day)): Fetched({}, "/mnt/shared", {}, True) for day in (2, 3)}
    for first in (date(2026, 3, 2), date(2026, 3, 3)):
        [note] = note_fetched(elsewhere, first, date(2026, 3, 9))
        assert find_english(tell_note(note, KOREAN), ["/mnt/shared"]) == [], note
    refused = "the model was not put in service: it was set aside by hand, rolled back"
    assert find_english(tell_note(refused, KOREAN)) == []
    assert "/h/models.key" in tell_note(
        "/h/models.key signed none of the models beside it: it was put there. A new key was made, and older models, "
        "which nobody can verify, were removed",
        KOREAN,
    )
    assert tell_note("somebody else's words", KOREAN) == "somebody else's words"

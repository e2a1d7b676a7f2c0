"""Notes of what was not read or not known are told in Korean, as the code that says them has them."""

import pytest

from pipeline.cli.enrichment import WITHOUT
from pipeline.render.note_words import tell_note
from pipeline.words.words import ENGLISH
from tests.pipeline.alerts.korean import KOREAN, find_english


@pytest.mark.parametrize(
    "note",
    [
        WITHOUT,
        "logs-1 is closed, or was deleted meanwhile: it is not read",
        "1 closed index, which cannot be read: logs-1",
        "1,200 closed indices, which cannot be read: logs-1, logs-2 …",
        "of logs-1 only the documents of CloudTrail are read, others are in it",
        "2 documents of logs-1 without a record (event.original dropped by a pipeline, most likely): what was in them "
        "is not here",
        "more waits in sqs://a than one run takes",
        "CloudTrail does not answer: its keys are asked for later",
        "CloudTrail's keys were asked for 12 s: others are asked for later",
    ],
)
def test_a_note_is_told(note: str) -> None:
    names = ["CloudTrail", "`oddtrail geoip install`", "event.original", "logs", "sqs"]
    assert find_english(tell_note(note, KOREAN), names) == []
    assert tell_note(note, ENGLISH) == note

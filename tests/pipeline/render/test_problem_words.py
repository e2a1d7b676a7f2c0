"""What a tick could not do is told in Korean: why no message was taken, why nothing was learned."""

import pytest

from pipeline.notify.outcome import HANGS
from pipeline.notify.problem_words import tell_problem
from pipeline.render.problem_words import tell_watch_problem
from pipeline.words.words import ENGLISH
from tests.pipeline.alerts.korean import KOREAN, find_english

NAMES = ["https", "hooks", "example", "com", "busy", "ConnectTimeout", "oncall", "3f9ac2", "ca"]


@pytest.mark.parametrize(
    "problem",
    [
        HANGS,
        "the last try is not back yet",
        "a message was refused (3f9ac2): https://hooks.example.com answers 404: busy",
        "it was written by another version (busy)",
        "standard output cannot be written (ConnectTimeout)",
        "its certificate is not to be believed (busy): give ca, or mend it",
        "it cannot be reached (ConnectTimeout: busy)",
        "https://hooks.example.com cannot be reached (ConnectTimeout): busy",
        "https://hooks.example.com answers 302, a redirect, which is not followed: give the address it leads to",
        "https://hooks.example.com answers 503",
    ],
)
def test_why_a_message_was_not_taken_is_told(problem: str) -> None:
    assert find_english(tell_problem(problem, KOREAN), NAMES) == []
    assert find_english(tell_watch_problem(f"notify oncall: {problem}", KOREAN), NAMES) == []
    assert tell_watch_problem(problem, ENGLISH) == problem


def test_why_nothing_was_learned_is_told() -> None:
    said = tell_watch_problem("no training: the store holds no events: run `oddtrail ingest PATH` first", KOREAN)
    assert said == "학습하지 못함: 저장된 이벤트가 없습니다. 먼저 `oddtrail ingest PATH`를 실행하세요"


def test_what_a_source_said_stays() -> None:
    assert tell_watch_problem("s3://a: AccessDenied", KOREAN) == "s3://a: AccessDenied"

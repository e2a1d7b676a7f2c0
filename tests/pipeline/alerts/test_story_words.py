"""Every line of a story can be told in Korean: no word of ours is left, and every name is."""

import pytest

from pipeline.alerts.story import tell
from pipeline.alerts.story_words import tell_line
from pipeline.words.told import LONGEST
from pipeline.words.words import ENGLISH
from tests.pipeline.alerts.korean import KOREAN, find_english
from tests.pipeline.alerts.test_story import a_call
from tests.pipeline.alerts.test_title_words import TOKENS
from tests.pipeline.render.hostile import HOSTILE

NAMES = [
    "deploy",
    "aws-cli",
    "ASIA",
    "AKIA",
    "Seoul",
    "KR",
    "Example",
    "office",
    "AccessDenied",
    "Throttled",
    "ZQX",
    "us-east-1",
]


def check(**named: object) -> list[str]:
    """Korean of the story of a call, in which nothing of ours is English."""
    lines = tell([a_call(1, "s3:GetObject", **named)], total=1).lines
    said = [tell_line(line.text, KOREAN, opens=line.opens) for line in lines]
    for line, korean in zip(lines, said, strict=True):
        names = [*NAMES, *(token.partition(":")[2] for token in TOKENS), "org"]
        assert find_english(korean, names) == [], (line.text, korean)
        assert tell_line(line.text, ENGLISH, opens=line.opens) == line.text
    return said


@pytest.mark.parametrize("error", ["denied", "credential", "probe", "conflict", "validation", "throttle", "failed"])
@pytest.mark.parametrize("code", ["", "AccessDenied"])
def test_how_a_call_ended_is_told(error: str, code: str) -> None:
    check(error=error, error_code=code, region="us-east-1")


def test_several_error_codes_are_one_piece() -> None:
    calls = [a_call(number, "s3:GetObject", error="denied", error_code=f"Z{number}") for number in range(3)]
    assert tell_line(tell(calls, total=3).lines[1].text, KOREAN, opens=False) == "3 × s3:GetObject, 거부됨(Z0, Z1, Z2)"


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("error", ["", "denied"])
def test_what_was_opened_is_told(token: str, error: str) -> None:
    check(exposures=[token], error=error, resources=["bucket:ZQX"])


def test_a_session_is_told() -> None:
    place = {"city": "Seoul", "country": "KR", "asn": 64500, "organisation": "Example"}
    for named in ({}, {"session_name": "ZQX"}, {"session_start": None}, {"session_start": None, "session_name": "ZQX"}):
        for more in ({}, place, place | {"network": "office"}):
            check(kind="human", mfa=True, **named, **more)
            assert "MFA 없음" in check(kind="human", mfa=False, **named, **more)[0]


def test_what_was_touched_keeps_its_names() -> None:
    said = check(resources=["security_group:ZQX", "bucket:ZQX", "bucket:ZQX2", "bucket:ZQX3", "bucket:ZQX4"])
    assert said[1] == "s3:GetObject: 보안 그룹 ZQX, 버킷 ZQX, ZQX2 외 2개"


@pytest.mark.parametrize("name", [*HOSTILE, "x, denied", "in us-east-1", "(", "a (b, c", "{region}", "x" * LONGEST])
def test_a_name_of_any_kind_is_in_the_line_that_is_told(name: str) -> None:
    for line in tell([a_call(1, "s3:GetObject", resources=[f"bucket:{name}"], session_name=name)], total=1).lines:
        assert tell_line(line.text, KOREAN, opens=line.opens)

"""A line is one JSON object, whatever is in it."""

import io
import json
import math
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.watch.log import MOST, MOST_LINE, Log

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def written(event: str = "tick", least="info", **facts) -> list[str]:
    stream = io.StringIO()
    Log(stream, lambda: NOW, least).say(event, **facts)
    return stream.getvalue().splitlines(keepends=True)


EVIL = [
    "\x1b]0;owned\x07",
    'a\n{"at": "2026-03-02", "level": "error", "event": "forged"}',
    "\u2028\u202e\r\x00\x85",
    "\ud800",
    '"}\\',
    "x" * 100_000,
]


@pytest.mark.parametrize("text", EVIL)
def test_no_text_leaves_its_line_nor_says_anything_to_a_terminal(text):
    [line] = written(text, who=text, many=[text, {text: text}])
    assert line.endswith("\n")
    assert line[:-1].isascii()
    assert line[:-1].isprintable()
    told = json.loads(line)
    assert list(told) == ["at", "level", "event", "who", "many"]
    assert all(character.isprintable() for character in told["who"])
    assert len(line) < MOST_LINE


def test_values_are_what_json_holds_and_bounded():
    deep: dict = {}
    deep["in"] = deep
    [line] = written(
        rate=math.nan, big=10**30, small=-5, yes=True, none=None, span=timedelta(minutes=2), deep=deep,
        many=range(3), list=list(range(1000)), other=object(), when=NOW,
    )  # fmt: skip
    told = json.loads(line)
    assert (told["rate"], told["big"], told["small"], told["yes"], told["none"]) == (None, None, -5, True, None)
    assert (told["span"], told["when"]) == (120.0, NOW.isoformat())
    assert len(told["list"]) == MOST
    assert len(line) < 5_000


def test_a_line_that_would_be_too_long_is_told_without_its_facts():
    [line] = written(**{f"n{number}": "x" * 390 for number in range(50)})
    told = json.loads(line)
    assert list(told) == ["at", "level", "event", "left_out"]


def test_lesser_levels_are_left_out():
    assert written(level="debug") == []
    assert written(level="info", least="warning") == []
    assert json.loads(written(level="error", least="warning")[0])["level"] == "error"


def test_a_stream_that_is_gone_stops_nothing():
    stream = io.StringIO()
    stream.close()
    Log(stream, lambda: NOW).say("tick")


def test_a_line_names_its_time_itself():
    with pytest.raises(ValueError, match="by itself"):
        written(at=NOW)
